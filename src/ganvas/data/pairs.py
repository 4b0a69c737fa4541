"""Pairs of pictures: an input and the truth that a generator makes of it, decoded once into the cache."""

from dataclasses import dataclass
from typing import Literal

from ..base.errors import DataError
from ..base.types import Count, Share
from ..ingest.decode_options import DecodeOptions, decode_options_of
from ..ingest.list_pairs import PairReading, list_halves, list_pairs
from .pair_entry import pair_items
from .source import Depth, Items, Split


@dataclass(frozen=True)
class Pairs:
    """Two folders or zips of pictures: x is one of `to`, given["input"] the one of the same name in `path`.

    Names are compared below the folder or zip and without their endings. Both pictures of a pair are made `height` x
    `width` alike, so they stay aligned: their aspect ratios must be the same, unless the fit is "stretch". Folders
    named train, val and test inside are the splits; otherwise pairs are split by the SHA-256 of their pixels and the
    seed.
    Pairs that share an input, a truth or a group are never split, but by such folders; a picture of one plain colour,
    such as an empty mask, joins nothing.

    Args:
        path: of the inputs.
        to: of the truths.
        height: of every picture, in pixels.
        width: of every picture, in pixels.
        channels: of the truths, 1 for grey, 3 for colour.
        input_channels: of the inputs.
        fit: "crop", "pad" or "stretch" pictures of another shape.
        background: the colour behind transparent pixels.
        broken: the share, 0 to 1, of pictures without a partner, and of broken pairs, that may be left out.
        seed: of the split.
        group: a regular expression that is searched in names: pairs of which it (or its first parentheses) matches the
            same text are in one split, such as "patient_[0-9]+"; "" for none.
        depth: the type of the truths' values. Inputs are stored on the truths' scale, so that both are -1 at their
            black and 1 at their white.
        low: of the truths, the value that becomes -1 (black), as in `Pictures`.
        high: of the truths, the value that becomes 1 (white).
        input_depth: the type of the inputs' values.
        input_low: of the inputs, the value that becomes -1 (black).
        input_high: of the inputs, the value that becomes 1 (white).
        maps: whether the truths are maps of classes, of one channel or a palette: they are resized without mixing
            values, 255 is unknown, and the recipe's domain makes classes of them.
    """

    path: str
    to: str
    height: Count
    width: Count
    channels: Literal[1, 3] = 3
    input_channels: Literal[1, 3] = 3
    fit: Literal["crop", "pad", "stretch"] = "crop"
    background: str = "white"
    broken: Share = 0.01
    seed: int = 0
    group: str = ""
    depth: Depth = "uint8"
    low: float = 0.0
    high: float = 0.0
    input_depth: Depth = "uint8"
    input_low: float = 0.0
    input_high: float = 0.0
    maps: bool = False

    @property
    def where(self) -> str:
        """Both paths, for messages."""
        return f"{self.path} -> {self.to}"

    @property
    def input_options(self) -> DecodeOptions:
        """The options by which an input is decoded. Raises DataError."""
        return decode_options_of(self)._replace(
            channels=self.input_channels, depth=self.input_depth, low=float(self.input_low), high=float(self.input_high)
        )

    def reading(self) -> PairReading:
        """The pairs, and how they are decoded. Raises DataError."""
        truth_options = decode_options_of(self)
        if self.maps and (self.channels != 1 or self.depth != "uint8"):
            raise DataError(
                f"maps of classes have 1 channel of bytes, not {self.channels} of {self.depth}",
                hint="Set source.channels=1 and source.depth=uint8.",
            )
        return list_pairs(self.path, self.to, self.input_options, truth_options, maps=self.maps)

    def items(self, split: Split) -> Items:
        return pair_items(self, split)


@dataclass(frozen=True)
class Halves:
    """A folder or zip of pictures that hold an input on the left and its truth on the right, in two halves.

    Each picture is cut before its halves are resized. Splits are made as in `Pairs`.

    Args:
        path: of the pictures.
        height: of each half, in pixels.
        width: of each half, in pixels.
        reverse: whether the input is the right half.
        channels: of the truths, 1 for grey, 3 for colour.
        input_channels: of the inputs.
        fit: "crop", "pad" or "stretch" halves of another shape.
        background: the colour behind transparent pixels.
        broken: the share of pictures, 0 to 1, that may be left out.
        seed: of the split.
        group: as in `Pairs`.
        depth: the type of the values, as in `Pictures`.
        low: as in `Pictures`.
        high: as in `Pictures`.
    """

    path: str
    height: Count
    width: Count
    reverse: bool = False
    channels: Literal[1, 3] = 3
    input_channels: Literal[1, 3] = 3
    fit: Literal["crop", "pad", "stretch"] = "crop"
    background: str = "white"
    broken: Share = 0.01
    seed: int = 0
    group: str = ""
    depth: Depth = "uint8"
    low: float = 0.0
    high: float = 0.0

    @property
    def where(self) -> str:
        """The path, for messages."""
        return self.path

    @property
    def input_options(self) -> DecodeOptions:
        """The options by which an input is decoded. Raises DataError."""
        return decode_options_of(self)._replace(channels=self.input_channels)

    def reading(self) -> PairReading:
        """The pairs, and how they are decoded. Raises DataError."""
        return list_halves(self.path, self.input_options, decode_options_of(self), reverse=self.reverse)

    def items(self, split: Split) -> Items:
        return pair_items(self, split)
