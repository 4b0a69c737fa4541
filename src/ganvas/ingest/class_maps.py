"""Maps of classes from picture files: the value of a pixel is a class, so values are never mixed."""

from typing import IO

import numpy as np
from PIL import Image

from .decode import load_values, opened, turn, upright
from .decode_options import DecodeOptions, Pixels, UnreadablePicture
from .fitting import scaled

UNKNOWN = 255  # the value of padded pixels
ONE_BYTE = ("L", "P")  # modes whose bytes are values: a palette's numbers count, not its colours


def decode_map(file: IO[bytes], options: DecodeOptions, *, exclusive: bool = True) -> Pixels:
    """The map upright, uint8 [height, width, 1]: each pixel has the value of the nearest one of the file.

    It covers the same part of the scene as `decode` with the same options; padding is 255.

    Args:
        file: of one channel, or of three equal ones, or of a palette, whose numbers are the values.
        options: height, width and fit.
        exclusive: whether no other picture of much memory is decoded at the same time.

    Raises:
        UnreadablePicture: it cannot be read, has colours, or values beyond a byte.
        NeedsExclusiveMemory: unless `exclusive`.
    """
    with opened(file) as picture:
        load_values(file, picture, picture.size, exclusive)
        whole = upright(values_of(picture), turn(picture))
    width, height = whole.size
    inner = scaled(whole.size, options, 1)
    size = (min(options.width, max(1, round(inner[0]))), min(options.height, max(1, round(inner[1]))))
    inside = (min(width, height * options.width / options.height), min(height, width * options.height / options.width))
    box = (0.0, 0.0, float(width), float(height))
    if options.fit == "crop":
        left, top = (width - inside[0]) / 2, (height - inside[1]) / 2
        box = (left, top, left + inside[0], top + inside[1])
    page = Image.new("L", (options.width, options.height), UNKNOWN)
    page.paste(
        whole.resize(size, Image.Resampling.NEAREST, box=box),
        ((options.width - size[0]) // 2, (options.height - size[1]) // 2),
    )
    return np.asarray(page)[:, :, None]


def values_of(picture: Image.Image) -> Image.Image:
    """The values of a loaded picture as mode L. Raises UnreadablePicture."""
    if picture.mode in ONE_BYTE:
        return Image.fromarray(np.asarray(picture))
    if picture.mode == "1":
        return Image.fromarray(np.asarray(picture).astype(np.uint8))
    values = np.asarray(picture)
    if values.ndim == 3 and picture.mode in ("RGB", "RGBA", "LA"):
        colours = values[:, :, : 1 if picture.mode == "LA" else 3]
        if (colours == colours[:, :, :1]).all():
            return Image.fromarray(np.ascontiguousarray(colours[:, :, 0]))
        raise UnreadablePicture("colours, where a map of classes has one channel or a palette")
    if values.ndim == 2 and values.min() >= 0 and values.max() <= UNKNOWN and (values == np.rint(values)).all():
        return Image.fromarray(values.astype(np.uint8))
    raise UnreadablePicture("values beyond 0 to 255, which are no map of classes")
