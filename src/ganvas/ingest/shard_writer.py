"""A folder, zip or list of pictures packed into shards without decoding; the same pictures give the same bytes."""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..base.errors import DataError, ResourceError
from .assign_labels import assign_labels
from .listing import SHARDS
from .raw_files import raw_files
from .survey import Survey

MEGABYTE = 2**20
FORM = "shard-{:06d}.tar"


class Written(NamedTuple):
    """What was packed, and what was left out with its cause."""

    shards: int
    pictures: int
    bytes: int
    left_out: dict[str, str]
    others: dict[str, int]  # files that are no pictures by their ending, or of kinds that are not read


def write_shards(source: Survey, out: Path, *, size_mb: float = 256, labels: str = "") -> Written:
    """Pack pictures, in an order drawn once, into .tar files.

    The order is random, so that each shard is a mixture: training shuffles only a few shards together.

    Args:
        source: the pictures.
        out: the new folder.
        size_mb: of a shard, about, in MiB.
        labels: "" for none; otherwise a .cls is written with each picture.

    Raises:
        DataError: the pictures cannot be listed, or a label is missing.
        ResourceError: the folder is not empty, or cannot be written.
    """
    listing = source.listing
    if listing.kind in (SHARDS, "npz"):
        raise DataError("only a folder, a zip or a list of pictures is packed into shards", where=str(listing.path))
    texts = assign_labels(listing, labels, source.encoding).labels
    try:
        if out.exists() and any(out.iterdir()):
            raise ResourceError(
                "the folder for the shards is not empty", where=str(out), hint="Name a new one: --out DIR."
            )
        left_out: dict[str, str] = {}
        with ExitStack() as stack:
            archive = stack.enter_context(zipfile.ZipFile(listing.path)) if listing.kind == "zip" else None
            count, count_pictures = packed(raw_files(listing, texts, archive, left_out), out, size_mb * MEGABYTE)
        return Written(
            count,
            count_pictures,
            sum(file.stat().st_size for file in out.glob("*.tar")),
            left_out,
            dict(listing.others),
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
    count = count_pictures = 0
    try:
        for name, content, label in samples:
            if shard is None or shard.offset >= most:
                if shard is not None:
                    shard.close()
                shard = tarfile.open(out / FORM.format(count), "x", format=tarfile.USTAR_FORMAT)  # noqa: SIM115
                count += 1
            add(shard, f"{count_pictures:09d}{PurePosixPath(name).suffix.lower()}", content)
            if label:
                add(shard, f"{count_pictures:09d}.cls", label.encode())
            count_pictures += 1
    finally:
        if shard is not None:
            shard.close()
    return count, count_pictures


def add(shard: tarfile.TarFile, name: str, content: bytes) -> None:
    """One file, without date or owner."""
    facts = tarfile.TarInfo(name)
    facts.size = len(content)
    shard.addfile(facts, io.BytesIO(content))
