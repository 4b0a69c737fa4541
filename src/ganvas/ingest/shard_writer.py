"""A folder, zip or list of pictures packed into shards as they are: nothing is decoded, and the same pictures give the same bytes."""

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..base.draws import permutation
from ..base.errors import DataError, ResourceError
from ..base.files import read_regular
from ..base.progress import report_progress
from .decode import MOST_BYTES
from .discover import SHARDS, Listing, Where, found, known

MEGABYTE = 2**20
FORM = "shard-{:06d}.tar"


class Written(NamedTuple):
    """What was packed, and what was left out with its cause."""

    shards: int
    pictures: int
    bytes: int
    left_out: dict[str, str]
    others: dict[str, int]  # files that are no pictures by their ending, or of kinds that are not read


def write_shards(path: Where, out: Path, *, size_mb: float = 256, labels: str = "", encoding: str = "utf-8") -> Written:
    """Pack the pictures at `path`, in an order drawn once, into .tar files of about `size_mb` in the new folder `out`; with labels a .cls beside each.

    Drawn, so that each shard holds a bit of everything: training shuffles only a few shards together. Raises DataError, ResourceError.
    """
    listing = found(path, encoding)
    if listing.kind in (SHARDS, "npz"):
        raise DataError("only a folder, a zip or a list of pictures is packed into shards", where=str(listing.path))
    texts = known(listing, labels, encoding).labels
    try:
        if out.exists() and any(out.iterdir()):
            raise ResourceError(
                "the folder for the shards is not empty", where=str(out), hint="Name a new one: --out DIR."
            )
        left_out: dict[str, str] = {}
        with ExitStack() as stack:
            archive = stack.enter_context(zipfile.ZipFile(listing.path)) if listing.kind == "zip" else None
            count, kept = packed(taken(listing, texts, archive, left_out), out, size_mb * MEGABYTE)
        return Written(
            count, kept, sum(file.stat().st_size for file in out.glob("*.tar")), left_out, dict(listing.others)
        )
    except OSError as error:
        raise ResourceError(
            f"cannot write the shards: {error.strerror or error}",
            where=str(out),
            hint="Is there room, and may you write there?",
        ) from error


def packed(samples: Iterator[tuple[str, bytes, str]], out: Path, most: float) -> tuple[int, int]:
    """Write the samples, a new shard whenever one has `most` bytes; how many shards and samples there are."""
    out.mkdir(parents=True, exist_ok=True)
    shard: tarfile.TarFile | None = None
    count = kept = 0
    try:
        for name, content, label in samples:
            if shard is None or shard.offset >= most:
                if shard is not None:
                    shard.close()
                shard = tarfile.open(out / FORM.format(count), "x", format=tarfile.USTAR_FORMAT)  # noqa: SIM115
                count += 1
            add(shard, f"{kept:09d}{PurePosixPath(name).suffix.lower()}", content)
            if label:
                add(shard, f"{kept:09d}.cls", label.encode())
            kept += 1
    finally:
        if shard is not None:
            shard.close()
    return count, kept


def taken(
    listing: Listing, texts: tuple[str, ...], archive: zipfile.ZipFile | None, left_out: dict[str, str]
) -> Iterator[tuple[str, bytes, str]]:
    """Name, bytes and label of each picture in the order that is drawn; what cannot be read is noted."""
    for done, number in enumerate(permutation((0, "shards"), len(listing.names)).tolist()):
        try:
            content = content_of(listing, number, archive)
        except (OSError, ValueError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            left_out[listing.names[number]] = getattr(error, "strerror", None) or str(error)
        else:
            yield listing.names[number], content, texts[number]
        report_progress("packing pictures", done + 1, len(listing.names))


def content_of(listing: Listing, number: int, archive: zipfile.ZipFile | None) -> bytes:
    """A picture's file. Raises ValueError where it is too large for one."""
    place = listing.places[number]
    if archive is not None:
        info = archive.infolist()[int(str(place))]
        if info.file_size > MOST_BYTES:
            raise ValueError("too large a file")
        return archive.read(info)
    return read_regular(str(place), MOST_BYTES)


def add(shard: tarfile.TarFile, name: str, content: bytes) -> None:
    """One file, without date or owner."""
    facts = tarfile.TarInfo(name)
    facts.size = len(content)
    shard.addfile(facts, io.BytesIO(content))
