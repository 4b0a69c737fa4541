"""Pictures of more than 8 bits a channel: their values as float32, in the units of the file.

TIFF 6.0, tags 258, 262 and 339; PNG 2003, chunk tRNS.

Pillow reads grey of 16 and 32 bits whole, but of colour with 16 bits a channel the upper or the lower bytes, as the
raw mode names: two readings give both.
"""

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any, NamedTuple

import numpy as np
from PIL import Image

from .decode_options import DecodeOptions, Pixels, UnreadablePicture

BITS, PHOTOMETRIC, SAMPLE_FORMAT = 258, 262, 339  # TIFF's tags
MIN_IS_WHITE, SIGNED = 0, 2
OTHER_BYTES = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
FULL = {
    "uint16": (0, 65_535),
    "int16": (0, 32_767),
    "uint32": (0, 65_535),
    "int32": (0, 65_535),
    "float32": (0, 1),
}  # where no range is given
STRIP = 1_000_000  # pixels that are read together
DRAWN = 256  # values of each picture that stand for all of it
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


class Numbers(NamedTuple):
    """How the values of a file are read."""

    depth: str = "uint8"  # uint8: bytes, as they come
    white: int | None = None  # of the file whose least value is white: what its values are taken from
    hidden: int | None = None  # the value that is transparent
    colour: bool = False
    partly: bool = False  # 16 bits a channel, of which the upper 8 are read


class Extent(NamedTuple):
    """Of one picture: least and greatest value, and some values that stand for all."""

    low: float
    high: float
    drawn: list[float]


class Deep(NamedTuple):
    """A picture that is loaded; of colour with 16 bits a channel the lower bytes in addition."""

    picture: Image.Image
    lower: Image.Image | None
    numbers: Numbers

    def values(self, top: int, bottom: int, levels: tuple[float, ...]) -> Pixels:
        """These rows, float32 [h, w, 1 or 3]; transparent pixels have these levels.

        Raises UnreadablePicture for values that are no number.
        """
        box = (0, top, self.picture.width, bottom)
        raw = np.asarray(self.picture.crop(box))
        if self.lower is not None:
            raw = raw.astype(np.float32) * 256 + np.asarray(self.lower.crop(box))
            colours, alpha = raw[..., :3], raw[..., 3:] / 65_535
            return colours if raw.shape[2] == 3 else alpha * colours + (1 - alpha) * np.array(levels, np.float32)
        raw = typed(raw, self.numbers.depth)
        white = self.numbers.white
        values = (raw if white is None else white - raw.astype(np.float64)).astype(np.float32)[:, :, None]
        finite(values)
        if self.numbers.hidden is not None:
            values = np.where((raw == self.numbers.hidden)[:, :, None], np.array(levels, np.float32), values)
        return values

    def strips(self) -> Iterator[Pixels]:
        """All values, some rows at a time, float32 [h, w, 1 or 3]; transparent ones of grey are not finite."""
        rows = max(1, STRIP // self.picture.width)
        for top in range(0, self.picture.height, rows):
            yield self.values(
                top, min(top + rows, self.picture.height), (0.0 if self.numbers.colour else math.nan,) * 3
            )

    def extent(self) -> Extent:
        """Raises UnreadablePicture where all is transparent."""
        width, height = self.picture.size
        grey = (strip[:, :, :1] for strip in self.strips())
        return extent_of(self.strips() if self.numbers.colour else grey, width * height, width)


def finite(values: Pixels) -> Pixels:
    """The same values. Raises UnreadablePicture for what is no number."""
    if not np.isfinite(values).all():
        raise UnreadablePicture("numbers that are not finite")
    return values


def extent_of(strips: Iterable[Pixels], pixels: int, width: int) -> Extent:
    """The extent of a picture in parts [h, w, c]; only finite values count. Raises UnreadablePicture where none is."""
    step = -(-pixels // DRAWN)
    while math.gcd(step, width) > 1:  # else all that are drawn may stand in one column
        step += 1
    lows, highs, drawn = [], [], list[float]()
    for strip in strips:
        flat = strip[np.isfinite(strip)]
        if len(flat):
            lows.append(float(flat.min()))
            highs.append(float(flat.max()))
            drawn += flat[:: step * strip.shape[2] + (strip.shape[2] == 3)].tolist()
    if not lows:
        raise UnreadablePicture("all of it is transparent")
    return Extent(min(lows), max(highs), drawn)


def typed(raw: Pixels, depth: str) -> Pixels:
    """Pillow holds unsigned 32-bit numbers and signed 8-bit ones in the wrong type."""
    if depth == "uint32":
        return raw.view(np.uint32)
    return raw.view(np.int8) if raw.dtype == np.uint8 else raw


def numbers_of(picture: Image.Image) -> Numbers:
    """From the header, before the picture is loaded."""
    tags: Mapping[int, Any] = getattr(picture, "tag_v2", {})
    kind = (tags.get(SAMPLE_FORMAT) or (1,))[0]
    bits = int((tags.get(BITS) or (16,))[0])
    raws = {
        str(tile[3] if isinstance(tile[3], str) else tile[3][0]) for tile in getattr(picture, "tile", ()) if tile[3]
    }
    if picture.mode not in ("I", "F", "L") and not picture.mode.startswith("I;16"):
        wide = any(";16" in raw for raw in raws)
        both = (
            wide
            and all(raw in [f"{picture.mode};16{order}" for order in OTHER_BYTES] for raw in raws)
            and picture.mode in ("RGB", "RGBA")
        )
        return Numbers("uint16", colour=True) if both else Numbers(partly=wide)
    signed = kind == SIGNED
    depths = {
        "F": "float32",
        "L": "int16" if signed else "uint8",
        "I": ("int16" if bits <= 16 else "int32") if signed else "uint32",
    }
    depth = depths.get(picture.mode, "uint16")
    if depth == "uint8":
        return Numbers(partly=any(";16" in raw for raw in raws))
    white = (
        (1 if depth == "float32" else -1 if signed else 2**bits - 1) if tags.get(PHOTOMETRIC) == MIN_IS_WHITE else None
    )
    hidden = picture.info.get("transparency")
    return Numbers(depth, white, hidden if isinstance(hidden, int) and depth == "uint16" else None)


def loaded(file: IO[bytes], picture: Image.Image, numbers: Numbers) -> Deep:
    """All of its values. The picture is loaded already."""
    if not numbers.colour:
        return Deep(picture, None, numbers)
    file.seek(0)
    with Image.open(file, formats=(picture.format or "",)) as lower:
        lower.tile = [tile._replace(args=other(tile.args)) for tile in lower.tile]
        lower.load()
        return Deep(picture, lower.copy(), numbers)


def other(args: Any) -> Any:
    """A tile's raw mode for the other bytes."""
    raw = args if isinstance(args, str) else args[0]
    swapped = raw[:-1] + OTHER_BYTES[raw[-1]]
    return swapped if isinstance(args, str) else (swapped, *args[1:])


def ranged(extent: Callable[[], Extent], depth: str, options: DecodeOptions) -> DecodeOptions:
    """The options with the range that a picture of this depth is clipped to.

    Raises UnreadablePicture where none is given and its values exceed the range of its type.
    """
    if options.low is not None and options.high is not None and options.low < options.high:
        return options
    found = extent()
    if options.low is None:
        return options._replace(low=found.low, high=max(found.high, found.low + 1))
    low, high = FULL[depth]
    if found.low < low or found.high > high:
        raise UnreadablePicture(
            f"values from {found.low:g} to {found.high:g}, outside {low}:{high}; "
            "source.low and source.high give the range"
        )
    return options._replace(low=float(low), high=float(high))


def limits(options: DecodeOptions) -> tuple[float, float]:
    """The range, which is known by now."""
    assert options.low is not None
    assert options.high is not None
    return options.low, options.high


def plane(values: Pixels, options: DecodeOptions, channel: int) -> Image.Image:
    """One channel of values [h, w, 1 or 3] in the range, as Pillow's F; with the depth uint8 0..255."""
    low, high = limits(options)
    one = (
        values[:, :, 0]
        if values.shape[2] == 1
        else values @ np.array(LUMA, np.float32)
        if options.channels == 1
        else values[:, :, channel]
    )
    one = np.clip(one, low, high)
    return Image.fromarray(
        np.ascontiguousarray(one if options.depth != "uint8" else (one - low) * (255 / (high - low)), np.float32)
    )


def levels(options: DecodeOptions) -> tuple[float, ...]:
    """The background in the units of the values: black is low, white is high."""
    low, high = limits(options)
    colours = options.background if options.channels == 3 else (float(np.dot(options.background, LUMA)),) * 3
    return tuple(low + value / 255 * (high - low) for value in colours)


def level(options: DecodeOptions, channel: int) -> float:
    """The background of one channel as `plane` has it."""
    low, high = limits(options)
    found = levels(options)[channel]
    return found if options.depth != "uint8" else (found - low) * (255 / (high - low))


def finished(planes: list[Image.Image], options: DecodeOptions) -> Pixels:
    """The channels together, rounded to the requested type: resizing may have left the range a little."""
    low, high = (0.0, 255.0) if options.depth == "uint8" else limits(options)
    whole = np.clip(np.stack([np.asarray(each) for each in planes], axis=2), low, high)
    return (whole if options.depth == "float32" else np.rint(whole)).astype(options.dtype)
