"""The options of the decoder, and its errors."""

from typing import Any, NamedTuple

import numpy as np
from PIL import ImageColor

from ..base.errors import DataError
from .units import BYTES, Units, stored
from .units import Depth as Depth
from .units import span as span  # for those who speak of ranges

VERSION = 3  # of the decoder, another number for other pixels or splits: what was cached before is then decoded again
Pixels = np.ndarray[Any, Any]
TRANSPARENT = "keep"  # the background with which transparent pixels stay transparent
BEHIND = (255, 255, 255)  # what is not read then


class DecodeOptions(NamedTuple):
    """The form of every decoded picture: `depth` [height, width, channels]; four channels are straight RGBA.

    low, high: the range of values that pictures of more than 8 bits are clipped to. With the depth uint8 it becomes
    0..255; 0 and 0 mean the whole range of the file's type, None the least and the greatest value of each picture.
    """

    height: int
    width: int
    channels: int
    fit: str  # crop, pad, stretch
    background: tuple[int, int, int]
    depth: Depth = "uint8"
    low: float | None = 0.0
    high: float | None = 0.0

    @classmethod
    def of(cls, values: Any) -> "DecodeOptions":
        """From what a JSON file makes of it."""
        height, width, channels, fit, background, *units = values
        return cls(height, width, channels, fit, tuple(background), *units)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the pixels."""
        return stored(self.depth)

    @property
    def bytes(self) -> int:
        """Of one picture."""
        return self.height * self.width * self.channels * self.dtype.itemsize

    @property
    def units(self) -> Units:
        """What the pixels mean."""
        return BYTES if self.depth == "uint8" else Units(self.depth, self.low or 0.0, self.high or 0.0)


class UnreadablePicture(Exception):
    """The one failure: a short cause."""


class UnsupportedFormat(UnreadablePicture):
    """A file of a format that is not supported."""


class NeedsExclusiveMemory(Exception):
    """The picture needs much memory: decode it with `exclusive`, while no other such picture is."""


def colour(name: str) -> tuple[int, int, int]:
    """White, #ff8800, rgb(1, 2, 3) ... as red, green, blue. Raises ValueError."""
    red, green, blue = ImageColor.getrgb(name)[:3]
    return red, green, blue


def decode_options_of(source: Any) -> DecodeOptions:
    """The options of a source of pictures.

    Raises DataError for an unknown colour, for a depth without a range, and where background and channels disagree.
    """
    check_range(source.depth, source.low, source.high)
    background = source.background
    check_channels(background, source.channels, source.depth)
    try:
        return DecodeOptions(
            source.height,
            source.width,
            source.channels,
            source.fit,
            BEHIND if background == TRANSPARENT else colour(background),
            source.depth,
            float(source.low),
            float(source.high),
        )
    except ValueError as error:
        raise DataError(
            f"unknown background colour '{background}'", hint="Give a name such as white, #ff8800, or keep."
        ) from error


def check_channels(background: str, channels: int, depth: str) -> None:
    """Raises DataError unless four channels of bytes come with the background `keep`, others with a colour."""
    if (background == TRANSPARENT) != (channels == 4):
        raise DataError(
            f"the background '{background}' does not go with {channels} channels",
            hint="source.background=keep and source.channels=4 keep transparency; neither is used without the other.",
        )
    if channels == 4 and depth != "uint8":
        raise DataError(
            f"transparency is kept only in pictures of 8 bits a channel, not of the depth {depth}",
            hint="Give source.background a colour and source.channels=3.",
        )


def check_range(depth: str, low: float, high: float) -> None:
    """Raises DataError for a range that is none, or that values of the depth cannot have."""
    hint = "Give source.low and source.high: the values that are black and white."
    if not low < high and (depth != "uint8" or low or high):
        raise DataError(f"{span(low, high)} is no range for pictures of the depth {depth}", hint=hint)
    if depth not in ("uint8", "float32") and not np.iinfo(depth).min <= low <= high <= np.iinfo(depth).max:
        raise DataError(f"values of the depth {depth} cannot be in {span(low, high)}", hint=hint)
