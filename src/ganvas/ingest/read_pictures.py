"""What a listing holds, picture by picture: decoded, with its split and label."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ..base.errors import DataError
from . import decode_pool, npz, pair_groups, patients
from .assign_labels import assign_labels
from .decode_options import VERSION, DecodeOptions
from .labels import file_of
from .labels import in_order as in_order  # for those who read labels
from .listing import Listing, PictureRow, stamp, standing

CLASSES = "classes are those of the training pictures"  # what an entry with labels holds


class PictureReading(NamedTuple):
    """A listing, and the options by which its pictures are decoded."""

    found: Listing
    options: DecodeOptions
    labels: str
    encoding: str = "utf-8"  # of lists and of tables of labels
    group: str = ""  # a regular expression on names; "": medical pictures are grouped by patient

    def key(self, seed: int) -> str:
        """SHA-256 over all that the decoded pictures, their order and splits depend on."""
        table = file_of(self.labels)
        labels = self.labels if table is None else str(Path(self.labels).expanduser().absolute())
        parts: list[Any] = [
            VERSION,
            self.options,
            seed,
            labels,
            self.found.kind,
            str(self.found.path.resolve()),
            self.found.stamp,
        ]
        if table is not None:
            parts.append(stamp(dict(standing(table.parent, (table.name,)))))
        if labels:
            parts.append(CLASSES)
        if self.encoding != "utf-8":
            parts.append(["encoding", self.encoding])
        if self.group:
            parts.append(["group", self.group])
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def rows(self) -> tuple[int, Iterator[PictureRow]]:
        """The number of pictures, and each of them. Labels are matched before anything is decoded. Raises DataError."""
        return of_arrays(self) if self.found.kind == "npz" else of_files(self)


def of_arrays(reading: PictureReading) -> tuple[int, Iterator[PictureRow]]:
    """From an .npz."""
    path = reading.found.path
    facts = npz.shape_of(path)
    if reading.group:
        raise DataError("an .npz has no names in which source.group is searched", where=str(path), hint="Leave it out.")
    if reading.labels not in ("", "y"):
        raise DataError(
            f"an .npz has no labels '{reading.labels}'",
            where=str(path),
            hint='Labels of an .npz stand in its array y: labels="y".',
        )
    texts = npz.labels(path, facts.pictures) if reading.labels else ("",) * facts.pictures
    if reading.labels:
        in_order(texts)
    pictures = zip(npz.rows(path, reading.options), texts, strict=True)
    return facts.pictures, (
        PictureRow(str(number), pixels, "", "", text) for number, (pixels, text) in enumerate(pictures)
    )


def of_files(reading: PictureReading) -> tuple[int, Iterator[PictureRow]]:
    """Through the pool of decoding processes."""
    found, options = reading.found, reading.options
    if reading.labels == "y":
        raise DataError(
            'labels "y" are those of an .npz',
            where=str(found.path),
            hint='Here: "folders", or a CSV file of file,label.',
        )
    splits, _, texts = assign_labels(found, reading.labels, reading.encoding)
    if reading.labels:
        in_order(texts)
    answers = decode_pool.answers("pixels", found.places, options=options, archive=found.archive)
    groups = pair_groups.group_keys(reading.group, found.names) if reading.group else patients.patients(found)
    rows = zip(found.names, answers, splits, texts, groups, strict=True)
    return len(found.names), (
        PictureRow(name, answer.payload, answer.cause, split, text, group) for name, answer, split, text, group in rows
    )
