"""The index of a shard: where each of its pictures stands, its label and the SHA-256 of its bytes. Made once, kept in the cache as an entry of its own.

Files of one folder and the same name up to the first dot, one after the other, are one sample: 0017.jpg, 0017.cls, 0017.json (the WebDataset convention).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

import numpy as np

from ..base.errors import DataError
from ..base.progress import report_progress
from . import cache, decode_pool, tar
from .decode import MOST_BYTES
from .listing import ENDINGS
from .shard_list import Shard, check_read

VERSION = 2  # another number for other indexes
LABELS = {"cls": 256, "json": 2**20}  # files that may hold a label, and bytes that are read of them
MOST_LABEL = 256  # letters
KIND = "index"


class Sample(NamedTuple):
    """A picture in a shard. `cause`: why it cannot be read; `fault`: why its label cannot."""

    name: str
    offset: int
    size: int
    label: str = ""
    cause: str = ""
    fault: str = ""


class Open(NamedTuple):
    """A sample whose files are still coming."""

    key: str
    picture: tar.Member | None
    ending: str
    labels: Mapping[str, tuple[str, str]]  # by cls or json: label and fault


def key_of(shard: Shard) -> str:
    """Of its entry in the cache."""
    return hashlib.sha256(json.dumps([KIND, VERSION, *shard]).encode()).hexdigest()[:32]


def indexed(shards: tuple[Shard, ...]) -> Iterator[cache.Entry]:
    """The index of each shard, made now if it is missing. Raises DataError, ResourceError."""
    with closing(decode_pool.PersistentPool("index")) as workers:
        for number, shard in enumerate(shards):
            key = key_of(shard)
            yield cache.find(key) or cache.made(key, lambda folder, shard=shard: fill(folder, shard, workers))  # type: ignore[misc]
            report_progress("reading shards", number + 1, len(shards))


def fill(folder: Path, shard: Shard, workers: decode_pool.PersistentPool) -> Mapping[str, Any]:
    """Write the index of one shard, and return its facts."""
    others = Counter[str]()
    try:
        with open(shard.path, "rb") as file:
            samples = list(samples_of(file, shard.path, others))
    except OSError as error:
        raise DataError(
            f"a shard cannot be read: {error.strerror or error}",
            where=shard.path,
            hint="Check its permissions and its disk.",
        ) from error
    sound = [number for number, sample in enumerate(samples) if not sample.cause]
    asked = workers.ask([(shard.path, samples[number].offset, samples[number].size) for number in sound])
    said = dict(zip(sound, (answer for part in asked for answer in part.result()), strict=True))
    shard.check()
    for answer in said.values():
        check_read(shard, answer.cause)
    broken = {
        number: sample.cause or said[number].cause
        for number, sample in enumerate(samples)
        if sample.cause or said[number].cause
    }
    headers = {number: json.loads(said[number].payload) for number in sound if number not in broken}
    digests = [bytes.fromhex(headers[number][-1]) if number in headers else bytes(32) for number in range(len(samples))]
    arrays = {
        "offset": np.array([sample.offset for sample in samples], np.int64),
        "size": np.array([sample.size for sample in samples], np.int64),
        "usable": np.array([number in headers for number in range(len(samples))], np.bool_),
        "digest": np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32),
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    words = {"names": [sample.name for sample in samples], "labels": [sample.label for sample in samples]}
    (folder / "names.json").write_text(json.dumps(words), encoding="utf-8")
    return {
        "kind": KIND,
        "path": shard.path,
        "options": None,
        "pictures": len(headers),
        "labelled": sum(bool(sample.label) for sample in samples),
        "broken": {samples[number].name: cause for number, cause in broken.items()},
        "faults": {sample.name: sample.fault for sample in samples if sample.fault},
        "headers": Counter(json.dumps(header[:-1]) for header in headers.values()),
        "others": others,
    }


def samples_of(file: IO[bytes], where: str, others: Counter[str]) -> Iterator[Sample]:
    """The pictures of a shard in their order; what is no part of one is counted in `others`. Raises DataError."""
    shard, seen = PurePosixPath(where).name, Counter[str]()
    now = Open("", None, "", {})
    for member in tar.members(file, where):
        parts = [part for part in PurePosixPath(member.name.replace("\\", "/")).parts if part not in ("/", "..", ".")]
        if not parts or any(part[0] == "." or part == "__MACOSX" for part in parts):
            continue
        stem, _, ending = parts[-1].partition(".")
        key, ending = "/".join([*parts[:-1], stem]), ending.lower()
        if key != now.key:
            yield from closed(now, shard, seen)
            now = Open(key, None, "", {})
        if f".{ending}" in ENDINGS and now.picture is None:
            now = now._replace(picture=member, ending=ending)
        elif ending in LABELS and ending not in now.labels:
            now = now._replace(labels={**now.labels, ending: label_of(file, member, ending)})
        else:
            others[f".{ending}" if ending else ""] += 1
    yield from closed(now, shard, seen)


def closed(now: Open, shard: str, seen: Counter[str]) -> Iterator[Sample]:
    """The sample whose files have all come, if there is a picture among them. A class in .json goes before one in .cls: it can be a name."""
    if now.picture is None:
        return
    seen[now.key] += 1
    again = f"'{seen[now.key]}" if seen[now.key] > 1 else ""
    known = [now.labels[ending] for ending in ("json", "cls") if ending in now.labels]
    label = next((label for label, _ in known if label), "")
    fault = "" if label else next((fault for _, fault in known if fault), "")
    cause = now.picture.cause or (
        "too large a file" if now.picture.size > MOST_BYTES else "" if now.picture.size else "empty file"
    )
    yield Sample(f"{shard}:{now.key}.{now.ending}{again}", now.picture.offset, now.picture.size, label, cause, fault)


def label_of(file: IO[bytes], member: tar.Member, ending: str) -> tuple[str, str]:
    """A label, or the cause why there is none; neither where a .json speaks of other things."""
    if member.cause or member.size > LABELS[ending]:
        return "", f"its .{ending} is {member.cause or f'{member.size:,} bytes long'}"
    file.seek(member.offset)
    try:
        text = file.read(member.size).decode("utf-8-sig")
        found: Any = text.strip() if ending == "cls" else named(json.loads(text))
    except (UnicodeDecodeError, ValueError, RecursionError):
        return "", f"its .{ending} cannot be read"
    if found is None:
        return "", ""
    if (
        isinstance(found, bool)
        or not isinstance(found, int | str)
        or not 0 < len(str(found)) <= MOST_LABEL
        or not str(found).isprintable()
    ):
        return "", f"its .{ending} is no label"
    return str(found), ""


def named(tree: Any) -> Any:
    """What a .json calls the sample."""
    if not isinstance(tree, dict):
        return None
    return tree.get("class", tree.get("label"))


def usable(entry: cache.Entry, name: str) -> np.ndarray[Any, Any]:
    """One of the arrays, for those pictures that can be opened."""
    return np.asarray(np.load(entry.folder / f"{name}.npy")[np.load(entry.folder / "usable.npy")])


def words(entry: cache.Entry) -> tuple[list[str], list[str]]:
    """Names and labels of all samples."""
    try:
        found = json.loads((entry.folder / "names.json").read_text(encoding="utf-8"))
        return found["names"], found["labels"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            "the index of a shard is damaged",
            where=str(entry.folder),
            hint="`ganvas data clear --all`, then try again.",
        ) from error


def name_at(shard: Shard, offset: int) -> str:
    """What a picture is called, as long as the index is there."""
    entry = cache.find(key_of(shard))
    found = np.flatnonzero(np.load(entry.folder / "offset.npy") == offset) if entry else np.empty(0, np.int64)
    return (
        words(entry)[0][int(found[0])]
        if entry and len(found)
        else f"{PurePosixPath(shard.path).name} at byte {offset:,}"
    )
