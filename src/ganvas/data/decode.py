"""From a picture file to uint8 [H, W, C], within limits. Every failure is `Broken` with a short cause. Runs in worker processes (crew.py)."""

import json
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import IO, Any, NamedTuple

import numpy as np
from PIL import Image, ImageColor, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
VERSION = 1  # another number for other pixels: what was cached before is then decoded again
LEAST_SIDE, MOST_SIDE = 4, 65_535
MOST_PIXELS = 50_000_000
MOST_DRAFT_PIXELS = 200_000_000  # of a JPEG, which is shrunk while it is read
MOST_BYTES = 64 * 2**20  # of a file
MOST_HELD = 200_000_000  # bytes that one picture may take while it is decoded
ALONE = 40_000_000  # bytes above which it is decoded while no other picture of that kind is
STRIP = 1_000_000  # pixels that are converted at a time
SPARE = 3  # a picture is cut by whole factors to no less than this many times its size, then filtered
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
READER_BYTES = {"WEBP": 12, "TIFF": 4, "GIF": 1}  # a pixel, held by the format's reader besides

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


class How(NamedTuple):
    """What every picture is made into."""

    height: int
    width: int
    channels: int
    fit: str  # crop, pad, stretch
    background: tuple[int, int, int]


class Header(NamedTuple):
    """What a file says of itself."""

    width: int  # upright
    height: int
    format: str
    mode: str
    transparent: bool

    @classmethod
    def read(cls, payload: bytes) -> "Header":
        """From a worker's answer."""
        return cls(*json.loads(payload))


class Broken(Exception):
    """The one failure: a short cause."""


class WantsToBeAlone(Exception):
    """The picture needs much memory; ask again with `alone`."""


def colour(name: str) -> tuple[int, int, int]:
    """White, #ff8800, rgb(1, 2, 3) ... as red, green, blue. Raises ValueError."""
    red, green, blue = ImageColor.getrgb(name)[:3]
    return red, green, blue


def decode(file: IO[bytes], how: How, *, alone: bool = True) -> Pixels:
    """The picture upright, on its background, [height, width, channels]. Raises Broken, and WantsToBeAlone unless `alone`."""
    with opened(file) as picture:
        width, height = picture.size
        turned = turn(picture) if picture.format == "JPEG" else 1
        goal = scaled(picture.size, how, turned)
        picture.draft("", (math.ceil(SPARE * goal[0]), math.ceil(SPARE * goal[1])))
        held = whole_bytes(file, picture, width * height) + pixel_bytes(picture)
        if picture.width * picture.height > MOST_PIXELS or held > MOST_HELD:
            raise Broken(f"needs too much memory ({width} x {height} {picture.format})")
        if held > ALONE and not alone:
            raise WantsToBeAlone
        picture.load()
        turned = turn(picture)
        goal = scaled((width, height), how, turned)
        size = picture.size
        small, cut = plain(picture, how, goal)
    exact = fitted(small, how, turned, size, cut)
    upright = exact.transpose(TURNS[turned]) if turned in TURNS else exact
    pixels = np.asarray(upright.convert("L" if how.channels == 1 else "RGB"))
    return pixels.reshape(how.height, how.width, how.channels)


def look(file: IO[bytes]) -> Header:
    """The header alone. Raises Broken."""
    with opened(file) as picture:
        width, height = picture.size
        known = picture.format != "PNG" or "exif" in picture.info  # a PNG without would be decoded in search of it
        tags: Mapping[int, Any] = getattr(picture, "tag_v2", {})
        swapped = tags.get(ORIENTATION) in (5, 6, 7, 8)  # of a TIFF, whose size Pillow gives upright and which it turns itself
        if known and not swapped and turn(picture) >= 5:
            width, height = height, width
        transparent = "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "RGBa", "La")
        return Header(width, height, picture.format or "", picture.mode, transparent)


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Image.Image]:
    """An open picture of allowed format and size; whatever goes wrong with it is Broken."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as picture:
                measure(picture)
                yield picture
    except (Broken, WantsToBeAlone):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Broken("too many pixels") from error
    except UnidentifiedImageError as error:
        raise Broken("not a picture") from error
    except MemoryError as error:
        raise Broken("needs too much memory") from error
    except EOFError as error:
        raise Broken("truncated") from error
    except OSError as error:
        if error.errno is not None and error.strerror:
            raise Broken(f"cannot be read: {error.strerror}") from error
        raise Broken("truncated" if "truncated" in str(error) else "damaged") from error
    except ValueError as error:
        raise Broken("text or colour profile too large" if "too large" in str(error) else "damaged") from error
    except Exception as error:  # Pillow's readers raise whatever a crafted file makes them raise
        raise Broken("damaged") from error


def measure(picture: Image.Image) -> None:
    """Refuse what is too small or too large before a pixel is decoded."""
    width, height = picture.size
    if min(width, height) < LEAST_SIDE:
        raise Broken(f"too small ({width} x {height})")
    drafted = picture.format in ("JPEG", "MPO") and not picture.info.get("progressive")
    if max(width, height) > MOST_SIDE or width * height > (MOST_DRAFT_PIXELS if drafted else MOST_PIXELS):
        raise Broken(f"too many pixels ({width} x {height})")


def pixel_bytes(picture: Image.Image) -> int:
    """An estimate of the bytes that its pixels take while they are decoded."""
    return picture.width * picture.height * (PIXEL_BYTES.get(picture.mode, 4) + READER_BYTES.get(picture.format or "", 0))


def whole_bytes(file: IO[bytes], picture: Image.Image, pixels: int) -> int:
    """Bytes that are held whatever size is asked for: the file, a progressive JPEG's coefficients, a TIFF's tile."""
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


def scaled(size: tuple[int, int], how: How, turned: int) -> tuple[float, float]:
    """Width and height that the whole picture would have at its final scale, before it is cropped or padded and turned."""
    width, height = (how.height, how.width) if turned >= 5 else (how.width, how.height)
    if how.fit == "stretch":
        return width, height
    scale = (max if how.fit == "crop" else min)(width / size[0], height / size[1])
    return size[0] * scale, size[1] * scale


def plain(picture: Image.Image, how: How, goal: tuple[float, float]) -> tuple[Image.Image, tuple[int, int]]:
    """The picture as L or RGB on its background, and what it was cut by. Large ones are cut towards `goal`, strip by strip: memory stays bounded."""
    width, height = picture.size
    if width * height <= STRIP:
        return flat(picture, how), (1, 1)
    cut = factor(width, goal[0]), factor(height, goal[1])
    rows = max(1, STRIP // width // cut[1]) * cut[1]
    whole: Image.Image | None = None
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        strip = reduced(flat(strip, how), cut)
        if whole is None:
            whole = Image.new(strip.mode, (strip.width, math.ceil(height / cut[1])))
        whole.paste(strip, (0, top // cut[1]))
    assert whole is not None
    return whole, cut


def factor(have: int, want: float) -> int:
    """By how much a side is cut: at most to SPARE times what is wanted, and so that the last block is as full as can be."""
    most = max(1, int(have / (SPARE * want)))
    return min(range(most, most // 2, -1), key=lambda number: -have % number)


def reduced(picture: Image.Image, cut: tuple[int, int]) -> Image.Image:
    """Means over blocks of cut[0] x cut[1] pixels."""
    return picture if cut == (1, 1) else picture.reduce(cut)


def flat(picture: Image.Image, how: How) -> Image.Image:
    """Any mode as L or RGB; transparency is laid on the background first, so that hidden colours never show."""
    mode = picture.mode
    if mode.startswith("I;16"):
        return Image.fromarray(((np.asarray(picture).astype(np.uint32) + 128) // 257).astype(np.uint8))
    if mode in ("I", "F"):
        return wide(picture)
    if mode == "P" or mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        base = Image.new("RGB", picture.size, how.background)
        base.paste(seen, mask=seen.getchannel("A"))
        return base
    if mode in ("1", "L"):
        return picture.convert("L")
    try:
        return picture.convert("RGB")
    except ValueError as error:
        raise Broken(f"unsupported colours ({mode})") from error


def wide(picture: Image.Image) -> Image.Image:
    """32-bit grey: integers of 16 bits, or floats in [0, 1]."""
    values = np.asarray(picture)
    most = 1 if picture.mode == "F" else 65_535
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > most:
        raise Broken(f"32-bit values outside 0..{most}")
    return Image.fromarray(np.rint(values * (255 / most)).astype(np.uint8))


def fitted(picture: Image.Image, how: How, turned: int, whole: tuple[int, int], cut: tuple[int, int] = (1, 1)) -> Image.Image:
    """Resized with an antialiasing filter to the size asked for, before it is turned. `whole`: the size before it was cut."""
    size = (how.height, how.width) if turned >= 5 else (how.width, how.height)
    width, height = whole
    if how.fit == "pad":
        scale = min(size[0] / width, size[1] / height)
        inner = (min(size[0], max(1, round(width * scale))), min(size[1], max(1, round(height * scale))))
        content = resized(picture, inner, (0, 0, width, height), cut)
        if inner == size:
            return content
        page = Image.new("RGB", size, how.background)
        page.paste(content, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
        return page
    if how.fit == "crop":
        inside = (min(width, height * size[0] / size[1]), min(height, width * size[1] / size[0]))
        left, top = (width - inside[0]) / 2, (height - inside[1]) / 2
        return resized(picture, size, (left, top, left + inside[0], top + inside[1]), cut)
    return resized(picture, size, (0, 0, width, height), cut)


def resized(picture: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float], cut: tuple[int, int]) -> Image.Image:
    """Pillow's Lanczos over the box, which is given in pixels before the cut; untouched where nothing changes."""
    if size == picture.size and box == (0, 0, *size):
        return picture
    left, top, right, bottom = box[0] / cut[0], box[1] / cut[1], box[2] / cut[0], box[3] / cut[1]
    inside = (max(0.0, left), max(0.0, top), min(right, picture.width), min(bottom, picture.height))
    return picture.resize(size, Image.Resampling.LANCZOS, box=inside)
