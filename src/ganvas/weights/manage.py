"""Published weights: which there are, their download, and their conversion to safetensors."""

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    UnknownHandler,
)

from ..base.errors import DataError, GanvasError, ResourceError, UsageError, suggest
from ..base.processes import module_command, module_environment
from ..base.progress import report_progress
from ..metrics import digits, digits_mlp, inception, known_weights, photo_features, resnet_features
from ..metrics.known_weights import INCEPTION, PUBLISHED, PublishedWeights
from ..runs import cannot_write, checkpoints

SECONDS, SILENT = 150, 30  # for a conversion; without a byte of a download
PIECE = 2**20
SHA256 = re.compile(r"[0-9a-f]{64}")


class Converted(NamedTuple):
    """A safetensors file that was made.

    Attributes:
        file: its path.
        tensors: how many it holds.
        sha256: of the tensors, as in the protocol of scores.
    """

    file: Path
    tensors: int
    sha256: str


def convert_to_safetensors(file: Path, out: Path | None = None, sha256: str = "") -> Converted:
    """Converts a published .pth file to safetensors, in a separate process.

    Args:
        file: the published file.
        out: the file to write; beside `file` where None.
        sha256: the hash that the file must have; empty for that of published weights.

    Raises:
        UsageError: unknown weights without a hash, no SHA-256, or `out` exists.
        DataError: no such file, or not what it should be.
        ResourceError: `out` cannot be written.
    """
    digest = checked_sha256(file, sha256.lower())
    out = out or file.with_suffix(".safetensors")
    if out.exists():
        raise UsageError(
            "there is a file of this name already", where=str(out), hint="Remove it, or name another with -o."
        )
    with atomic_file(out) as working:
        answer = run_converter(file, working, digest)
    return Converted(out, answer["tensors"], answer["sha256"])


def checked_sha256(file: Path, wanted: str = "") -> str:
    """The SHA-256 of a file that may be converted, judged by size and hash only. Raises UsageError, DataError."""
    if not file.is_file():
        raise DataError("there is no such file", where=str(file))
    size = file.stat().st_size
    if size > known_weights.FILE_BYTES:
        raise DataError(f"too large a file of weights ({size / 2**30:.1f} GiB)", where=str(file))
    if wanted and not SHA256.fullmatch(wanted):
        raise UsageError(f"'{wanted}' is no SHA-256", hint="It has 64 digits from 0 to f.")
    digest = checkpoints.sha256(file)
    if wanted and digest != wanted:
        raise DataError(
            f"its sha256 is {digest}, not {wanted}",
            where=str(file),
            hint="Fetch the file again, from a place that you trust.",
        )
    if wanted or digest in {known.sha256 for known in PUBLISHED.values()}:
        return digest
    for known in PUBLISHED.values():
        if file.name in known.published:
            what = (
                f"this is not the published file: {size:,} bytes with sha256 {digest[:8]}..., "
                f"not {known.bytes:,} with {known.sha256[:8]}..."
            )
            raise DataError(what, where=str(file), hint=f"Fetch it again from {known.published[file.name]}")
    raise UsageError(
        "ganvas does not know this file",
        where=str(file),
        hint="Give the hash that its publisher names: --sha256 SHA256.",
    )


def run_converter(file: Path, out: Path, sha256: str) -> dict[str, Any]:
    """The answer of the converting process. Raises DataError, ResourceError."""
    command = module_command("ganvas.weights.converter", str(file.absolute()), str(out.absolute()), sha256)
    environment = module_environment(OMP_NUM_THREADS="1", PYTHONWARNINGS="ignore")
    try:
        done = subprocess.run(  # noqa: S603 (our own module, no shell)
            command, capture_output=True, timeout=SECONDS, env=environment, check=False
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        answer = {"error": f"it took more than {SECONDS} s"}
    except ValueError:
        answer = {"error": "the process that read it ended without an answer"}
    if "unwritable" in answer:
        raise ResourceError(
            f"cannot write: {answer['unwritable']}",
            where=str(out.parent),
            hint="Make room, or name another place with -o.",
        )
    if "error" in answer:
        raise DataError(f"cannot be converted: {answer['error']}", where=str(file))
    return answer


@contextmanager
def atomic_file(out: Path) -> Iterator[Path]:
    """A temporary path beside `out`, renamed to `out` on success after a sync; removed on failure. Raises
    ResourceError.
    """
    working = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        working.unlink(missing_ok=True)  # of a process that was killed, or a link
        yield working
        checkpoints.fsync_path(working)
        os.replace(working, out)
        checkpoints.fsync_path(out.parent)
    except OSError as error:
        raise cannot_write(out, error) from error
    finally:
        working.unlink(missing_ok=True)


def https_only() -> OpenerDirector:
    """An opener that uses https only, also for redirects."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler,
        UnknownHandler,
        HTTPSHandler,
        HTTPDefaultErrorHandler,
        HTTPRedirectHandler,
        HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


def download(name: str, opener: OpenerDirector | None = None) -> Path:
    """The safetensors file of published weights: found, or downloaded, verified and converted.

    Downloads go to $GANVAS_WEIGHTS if that is a folder, else to torch.hub's cache.

    Args:
        name: of the weights, such as "inception".
        opener: for the download.

    Raises:
        UsageError: an unknown name.
        ResourceError: no publisher can be reached, or the file cannot be written.
        DataError: a publisher's file is not the published one.
    """
    if name not in PUBLISHED:
        raise UsageError(
            f"there are no weights called '{name}'",
            hint=suggest(name, PUBLISHED) or f"PublishedWeights are: {', '.join(PUBLISHED)}.",
        )
    known = PUBLISHED[name]
    try:
        return known_weights.find_weights(known)
    except known_weights.MissingWeights:
        folder = next(
            place for place in (*known_weights.search_paths(), known_weights.hub_folder()) if not place.is_file()
        )
        file = known_weights.find_unconverted(known) or fetch(known, folder, opener or https_only())
    return convert_to_safetensors(file).file


def fetch(known: PublishedWeights, folder: Path, opener: OpenerDirector) -> Path:
    """The published file, stored in this folder, from the first publisher that can be reached. Raises ResourceError,
    DataError.
    """
    failures = []
    for name, url in known.published.items():
        try:
            with atomic_file(folder / name) as working, working.open("xb") as out:
                write_download(known, opener, url, out)
            return folder / name
        except Unreachable as error:
            failures.append(error.what)
    hint = "Fetch one of them on another machine, then `ganvas weights convert FILE` here."
    raise ResourceError(f"cannot download {known.title}: {'; '.join(failures)}", hint=hint)


class Unreachable(GanvasError):
    """A publisher cannot be reached."""


def write_download(known: PublishedWeights, opener: OpenerDirector, url: str, out: IO[bytes]) -> None:
    """Writes a download to a file, at most the expected bytes, and verifies its hash. Raises Unreachable, DataError."""
    digest, size = hashlib.sha256(), 0
    for piece in download_pieces(opener, url):
        size += len(piece)
        if size > known.bytes:
            break
        digest.update(piece)
        out.write(piece)
        report_progress(f"downloading {known.title} (MiB)", size // PIECE, known.bytes // PIECE)
    if size != known.bytes or digest.hexdigest() != known.sha256:
        raise DataError(
            f"what came is not {known.title}: its size or its sha256 is another",
            where=url,
            hint="Try again; a proxy may have answered instead.",
        )


def download_pieces(opener: OpenerDirector, url: str) -> Iterator[bytes]:
    """The parts of a download. Raises Unreachable."""
    try:
        with opener.open(url, timeout=SILENT) as response:
            while piece := response.read(PIECE):
                yield piece
    except (OSError, HTTPException) as error:
        raise Unreachable(f"{url}: {error}") from error


class WeightsEntry(NamedTuple):
    """Weights that ganvas knows, and whether they can be used.

    Attributes:
        name: in commands.
        title: for people.
        state: "ready", "with ganvas", "own", "missing", "to convert", "unfit" or "damaged".
        file: their path, if there is one.
        sha256: of the tensors, as in the protocol of scores.
        hint: what to do where they are not ready.
    """

    name: str
    title: str
    state: str
    file: str
    sha256: str
    hint: str


def weights_status() -> list[WeightsEntry]:
    """All weights that ganvas knows."""
    networks: dict[str, tuple[str, Any]] = {
        "digit_mlp": ("ganvas's second digit classifier", digits_mlp.DigitsMlp()),
        "photo": ("EfficientNet-Lite0, trained on ImageNet", photo_features.PhotoFeatures()),
        "resnet": ("ResNet-50-thin of open_nsfw", resnet_features.ResnetFeatures()),
    }
    hashes = {name: (what, str(each.describe()["weights_sha256"])) for name, (what, each) in networks.items()}
    shipped = {"digits": ("ganvas's digit classifier", digits.digit_weights()[1]), **hashes}
    entries = [WeightsEntry(name, what, "with ganvas", "", sha256, "") for name, (what, sha256) in shipped.items()]
    return [*entries, published_entry(INCEPTION, inception.load_inception)]


def published_entry(known: PublishedWeights, load: Callable[[], inception.LoadedInception]) -> WeightsEntry:
    """The state of published weights, read as a score would read them."""
    name, title = known.name, known.title
    try:
        found = str(known_weights.find_weights(known))
    except known_weights.MissingWeights as error:
        file = known_weights.find_unconverted(known)
        return WeightsEntry(name, title, "to convert" if file else "missing", str(file or ""), "", str(error))
    except DataError as error:  # a place that was named is not there
        return WeightsEntry(name, title, "missing", "", "", str(error))
    try:
        loaded = load()
    except known_weights.OtherWeights as error:
        return WeightsEntry(name, title, "unfit", found, "", str(error))
    except GanvasError as error:
        return WeightsEntry(name, title, "damaged", found, "", str(error))
    own = f"these are not the published weights: their scores are called {known.name}_own_..."
    return WeightsEntry(
        name, title, "ready" if loaded.published else "own", found, loaded.sha256, "" if loaded.published else own
    )
