"""Both pictures of each pair decoded at one size, and the causes why some cannot be."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.progress import report_progress
from . import decode_pool, patients
from .decode_options import DecodeOptions, Pixels
from .listing import Listing
from .pair_names import PairNames

SCALE = {"uint8": (0.0, 255.0)}  # of bytes, whatever range they were made from


class PairSide(NamedTuple):
    """One side of all pairs: where its pictures are, the task that decodes them, and their form.

    Args:
        listing: of the pictures.
        numbers: of each pair's picture in the listing.
        task: "pixels", or "left" or "right" for half of a picture.
        options: by which they are decoded.
    """

    listing: Listing
    numbers: tuple[int, ...]
    task: decode_pool.Task
    options: DecodeOptions

    def name(self, number: int) -> str:
        """The name of a pair's picture, with its folder or zip."""
        return f"{self.listing.path.name}/{self.listing.names[self.numbers[number]]}"

    def answers(
        self, task: decode_pool.Task, options: DecodeOptions | None = None
    ) -> Iterator[decode_pool.DecodeAnswer]:
        """One answer for each pair."""
        places = [self.listing.places[number] for number in self.numbers]
        return decode_pool.answers(task, places, options=options, archive=self.listing.archive)


class PairReading(NamedTuple):
    """The pairs of two listings, or of one of pictures that hold both halves, and the form of each side."""

    names: PairNames
    input: PairSide
    truth: PairSide

    def patients(self) -> list[str]:
        """The patient of each pair, by its input, else by its truth; "" where neither is a medical picture."""
        sides = [patients.patients(side.listing, side.numbers) for side in (self.input, self.truth)]
        return [first or second for first, second in zip(*sides, strict=True)]


@dataclass
class DecodedSide:
    """What came of one side: digests of pixels and rows in the file by pair, pairs of one plain colour, and causes."""

    digests: dict[int, bytes] = field(default_factory=dict)
    plain: set[int] = field(default_factory=set)
    broken: dict[int, str] = field(default_factory=dict)

    def rows(self, chosen: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The rows of these pairs in the file."""
        places = {number: row for row, number in enumerate(self.digests)}
        return np.array([places[number] for number in chosen], np.int64)


def decode_side(side: PairSide, file: Path, form: DecodeOptions) -> DecodedSide:
    """Append one side's pixels to a file, on the scale of `form`: the type and the range of the truths.

    Args:
        side: inputs or truths.
        file: that gets the pixels of those that can be decoded.
        form: the options of the truths.

    Returns:
        What came of each.
    """
    found = DecodedSide()
    shape = (side.options.height, side.options.width, side.options.channels)
    with file.open("wb") as out:
        for number, answer in enumerate(side.answers(side.task, side.options)):
            if answer.cause:
                found.broken[number] = answer.cause
            else:
                pixels = rescaled(np.frombuffer(answer.payload, side.options.dtype).reshape(shape), side.options, form)
                content = pixels.tobytes()
                out.write(content)
                found.digests[number] = hashlib.sha256(content).digest()
                if (pixels == pixels[:1, :1]).all():
                    found.plain.add(number)
            report_progress("decoding pictures", number + 1, len(side.numbers))
    return found


def rescaled(pixels: Pixels, options: DecodeOptions, form: DecodeOptions) -> Pixels:
    """v -> low' + (v - low) (high' - low') / (high - low), rounded where values are whole: one scale for both sides.

    Args:
        pixels: as `options` decode them.
        options: their type, low and high.
        form: the type, low' and high' of the result.

    Returns:
        The same pixels where both are alike.
    """
    if options.units == form.units:
        return pixels
    (low, high), (least, most) = (
        SCALE.get(each.depth, (each.low or 0.0, each.high or 0.0)) for each in (options, form)
    )
    values = least + (pixels.astype(np.float64) - low) * ((most - least) / (high - low))
    return (np.rint(values) if form.units.whole else values).astype(form.dtype)
