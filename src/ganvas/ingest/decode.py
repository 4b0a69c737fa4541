"""From a picture file to pixels [H, W, C], within limits. Runs in worker processes (decode_pool.py).

Every failure is `UnreadablePicture` with a short cause.
"""

import json
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from typing import IO, Any, NamedTuple

from PIL import Image, UnidentifiedImageError

from . import colour_profiles, depth, formats, jpeg
from .decode_options import DecodeOptions, NeedsExclusiveMemory, Pixels, UnreadablePicture, UnsupportedFormat
from .fitting import SPARE, fitted, reduce_by_strips, scaled
from .flatten import flat, pixels_of

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
LEAST_SIDE, MOST_SIDE = 4, 65_535
MOST_PIXELS = 50_000_000
MOST_DRAFT_PIXELS = 200_000_000  # of a JPEG, which is shrunk while it is read
MOST_BYTES = 64 * 2**20  # of a file
TRUNCATED = "truncated"
MOST_HELD = 200_000_000  # bytes that one picture may take while it is decoded
EXCLUSIVE_BYTES = 40_000_000  # bytes above which it is decoded while no other picture of that kind is
ORIENTATION = 0x0112  # EXIF's and TIFF's tag
TURNS = {  # what makes the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
PIXEL_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}  # in memory; 4 for all others
TILE_WIDTH, TILE_LENGTH = 322, 323  # TIFF's tags
READER_BYTES = {"WEBP": 12, "TIFF": 4, "GIF": 1}  # a pixel, held by the format's reader in addition


class Header(NamedTuple):
    """The properties that the header of a picture names."""

    width: int  # upright
    height: int
    format: str
    mode: str
    transparent: bool
    depth: str = "uint8"  # of its values
    partly: bool = False  # it has 16 bits a channel, of which the upper 8 are read
    profile: str = ""  # a colour profile that is converted, unusable, or kept because the values are deep

    @classmethod
    def read(cls, payload: bytes) -> "Header":
        """From a worker's answer."""
        return cls(*json.loads(payload))


def decode(file: IO[bytes], options: DecodeOptions, *, exclusive: bool = True) -> Pixels:
    """The picture upright, [height, width, channels]: on its background, or with four channels as straight RGBA.

    Raises UnreadablePicture, and NeedsExclusiveMemory unless `exclusive`.
    """
    try:
        return decoded(file, options, exclusive)
    except UnreadablePicture as error:
        if str(error) != TRUNCATED or not jpeg.lacks_end(file):
            raise
        if not exclusive:
            raise NeedsExclusiveMemory from error  # a JPEG is read several times now
        whole = jpeg.with_end(file, MOST_BYTES)
        if whole is None:
            raise
        return decoded(whole, options, exclusive)


def decoded(file: IO[bytes], options: DecodeOptions, exclusive: bool) -> Pixels:
    """The same for files that have their end."""
    with opened(file) as picture:
        width, height = picture.size
        turned = turn(picture) if picture.format == "JPEG" else 1
        goal = scaled(picture.size, options, turned)
        picture.draft("", (math.ceil(SPARE * goal[0]), math.ceil(SPARE * goal[1])))
        numbers = load_values(file, picture, (width, height), exclusive)
        turned = turn(picture)
        goal = scaled((width, height), options, turned)
        if is_deep(numbers, options):
            if options.channels == 4:
                raise UnreadablePicture("more than 8 bits a channel, with which transparency is not kept")
            return deep(depth.loaded(file, picture, numbers), options, goal, turned)
        if options.depth != "uint8":
            raise UnreadablePicture("8 bits a channel, not more as the others have")
        size, change = picture.size, colour_profiles.change(picture)
        small, cut = reduce_by_strips(
            size, goal, lambda top, bottom: flat(picture.crop((0, top, size[0], bottom)), options, change)
        )
        exact = fitted(small, options, turned, size, cut)
    return pixels_of(upright(exact, turned), options)


def extent(file: IO[bytes], *, exclusive: bool = True) -> depth.Extent | None:
    """Which values a picture has; None for one of 8 bits.

    Raises UnreadablePicture, and NeedsExclusiveMemory unless `exclusive`.
    """
    with opened(file) as picture:
        if depth.numbers_of(picture).depth == "uint8":
            return None
        numbers = load_values(file, picture, picture.size, exclusive)
        return depth.loaded(file, picture, numbers).extent()


def is_deep(numbers: depth.Numbers, options: DecodeOptions) -> bool:
    """Whether its values are read in full; colour is made 8 bits by its upper bytes where no range is given."""
    return numbers.depth != "uint8" and (not numbers.colour or options.low is None or options.low < (options.high or 0))


def load_values(file: IO[bytes], picture: Image.Image, size: tuple[int, int], exclusive: bool) -> depth.Numbers:
    """Decode it within the limits of memory; what its values are."""
    numbers = depth.numbers_of(picture)
    held = whole_bytes(file, picture, size[0] * size[1]) + pixel_bytes(picture) * (2 if numbers.colour else 1)
    if picture.width * picture.height > MOST_PIXELS or held > MOST_HELD:
        raise UnreadablePicture(f"needs too much memory ({size[0]} x {size[1]} {picture.format})")
    if held > EXCLUSIVE_BYTES and not exclusive:
        raise NeedsExclusiveMemory
    picture.load()
    return numbers


def deep(read: depth.Deep, options: DecodeOptions, goal: tuple[float, float], turned: int) -> Pixels:
    """Values of more than 8 bits: each channel is made as a picture of floats."""
    options = depth.ranged(read.extent, read.numbers.depth, options)
    levels, size = depth.levels(options), read.picture.size
    planes = list[Image.Image]()
    for channel in range(options.channels):
        if channel and not read.numbers.colour and levels[channel] == levels[0]:
            planes.append(planes[0])  # grey
            continue
        small, cut = reduce_by_strips(
            size,
            goal,
            partial(rows_of_channel, read, levels, options, channel),
        )
        planes.append(upright(fitted(small, options, turned, size, cut, level=depth.level(options, channel)), turned))
    return depth.finished(planes, options)


def rows_of_channel(
    read: depth.Deep, levels: tuple[float, ...], options: DecodeOptions, channel: int, top: int, bottom: int
) -> Image.Image:
    """One channel of the rows from `top` to `bottom`, as a picture of floats."""
    return depth.plane(read.values(top, bottom, levels), options, channel)


def upright(picture: Image.Image, turned: int) -> Image.Image:
    """A picture turned as its EXIF orientation requires."""
    return picture.transpose(TURNS[turned]) if turned in TURNS else picture


def read_header(file: IO[bytes]) -> Header:
    """The header of a picture. Raises UnreadablePicture."""
    with opened(file) as picture:
        width, height = picture.size
        known = picture.format != "PNG" or "exif" in picture.info  # a PNG without would be decoded in search of it
        tags: Mapping[int, Any] = getattr(picture, "tag_v2", {})
        swapped = tags.get(ORIENTATION) in (
            5,
            6,
            7,
            8,
        )  # of a TIFF, whose size Pillow gives upright and which it turns itself
        if known and not swapped and turn(picture) >= 5:
            width, height = height, width
        transparent = "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "RGBa", "La")
        numbers = depth.numbers_of(picture)
        profile = (
            colour_profiles.kind(picture)
            if numbers.depth == "uint8"
            else colour_profiles.NOT_CONVERTED
            if picture.info.get("icc_profile")
            else ""
        )
        return Header(
            width, height, picture.format or "", picture.mode, transparent, numbers.depth, numbers.partly, profile
        )


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Image.Image]:
    """An open picture of allowed format and size; whatever goes wrong with it is UnreadablePicture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as picture:
                measure(picture)
                yield picture
    except (UnreadablePicture, NeedsExclusiveMemory):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePicture("too many pixels") from error
    except UnidentifiedImageError as error:
        raise unidentified(file) from error
    except MemoryError as error:
        raise UnreadablePicture("needs too much memory") from error
    except EOFError as error:
        raise UnreadablePicture(TRUNCATED) from error
    except OSError as error:
        if error.errno is not None and error.strerror:
            raise UnreadablePicture(f"cannot be read: {error.strerror}") from error
        raise UnreadablePicture(TRUNCATED if "truncated" in str(error) else "damaged") from error
    except ValueError as error:
        raise UnreadablePicture(
            "text or colour profile too large" if "too large" in str(error) else "damaged"
        ) from error
    except Exception as error:  # Pillow's readers raise whatever a crafted file makes them raise
        raise UnreadablePicture("damaged") from error


def unidentified(file: IO[bytes]) -> UnreadablePicture:
    """The error for a file that no reader accepts."""
    file.seek(0)
    head = file.read(formats.HEAD)
    name = formats.foreign(head)
    return (
        UnsupportedFormat(name) if name else UnreadablePicture("damaged" if formats.damaged(head) else "not a picture")
    )


def measure(picture: Image.Image) -> None:
    """Refuse what is too small or too large before a pixel is decoded."""
    width, height = picture.size
    if min(width, height) < LEAST_SIDE:
        raise UnreadablePicture(f"too small ({width} x {height})")
    drafted = picture.format in ("JPEG", "MPO") and not picture.info.get("progressive")
    if max(width, height) > MOST_SIDE or width * height > (MOST_DRAFT_PIXELS if drafted else MOST_PIXELS):
        raise UnreadablePicture(f"too many pixels ({width} x {height})")


def pixel_bytes(picture: Image.Image) -> int:
    """An estimate of the bytes that its pixels take while they are decoded."""
    return (
        picture.width * picture.height * (PIXEL_BYTES.get(picture.mode, 4) + READER_BYTES.get(picture.format or "", 0))
    )


def whole_bytes(file: IO[bytes], picture: Image.Image, pixels: int) -> int:
    """Bytes that are held for any requested size: the file, a progressive JPEG's coefficients, a TIFF's tile."""
    held = len(file.getbuffer()) if isinstance(file, BytesIO) else 0
    if picture.info.get("progressive"):
        layers: list[tuple[int, int, int, int]] = getattr(picture, "layer", [])
        most = max((across * down for _, across, down, _ in layers), default=1)
        held += int(2 * pixels * sum(across * down for _, across, down, _ in layers) / most)
    if picture.format == "TIFF":
        tags: Mapping[int, Any] = getattr(picture, "tag_v2", {})
        held += 4 * int(tags.get(TILE_WIDTH, 0)) * int(tags.get(TILE_LENGTH, 0))
    return held


def turn(picture: Image.Image) -> int:
    """EXIF's orientation, 1 where there is none, or none that is known, or it cannot be read."""
    try:
        found = int(picture.getexif().get(ORIENTATION, 1))
        return found if found in TURNS else 1
    except Exception:  # what EXIF's readers raise on damage is not documented; the picture itself may be sound
        return 1
