"""From a picture of any shape to the requested size, in bounded memory."""

import math
from collections.abc import Callable

from PIL import Image

from .decode_options import DecodeOptions

STRIP = 1_000_000  # pixels that are converted at a time
SPARE = 3  # a picture is cut by whole factors to no less than this many times its size, then filtered


def scaled(size: tuple[int, int], options: DecodeOptions, turned: int) -> tuple[float, float]:
    """Width and height of the whole picture at its final scale, before it is cropped or padded and turned."""
    width, height = (options.height, options.width) if turned >= 5 else (options.width, options.height)
    if options.fit == "stretch":
        return width, height
    scale = (max if options.fit == "crop" else min)(width / size[0], height / size[1])
    return size[0] * scale, size[1] * scale


def reduce_by_strips(
    size: tuple[int, int], goal: tuple[float, float], rows_of: Callable[[int, int], Image.Image]
) -> tuple[Image.Image, tuple[int, int]]:
    """The picture as `rows_of` gives its rows, and its reduction factors.

    Large ones are reduced towards `goal`, strip by strip, in bounded memory.
    """
    width, height = size
    if width * height <= STRIP:
        return rows_of(0, height), (1, 1)
    cut = factor(width, goal[0]), factor(height, goal[1])
    rows = max(1, STRIP // width // cut[1]) * cut[1]
    whole: Image.Image | None = None
    for top in range(0, height, rows):
        strip = reduced(rows_of(top, min(top + rows, height)), cut)
        if whole is None:
            whole = Image.new(strip.mode, (strip.width, math.ceil(height / cut[1])))
        whole.paste(strip, (0, top // cut[1]))
    assert whole is not None
    return whole, cut


def factor(have: int, want: float) -> int:
    """The reduction factor of a side: at most SPARE times the goal remains, the last block is nearly full."""
    most = max(1, int(have / (SPARE * want)))
    return min(range(most, most // 2, -1), key=lambda number: -have % number)


def reduced(picture: Image.Image, cut: tuple[int, int]) -> Image.Image:
    """Means over blocks of cut[0] x cut[1] pixels."""
    return picture if cut == (1, 1) else picture.reduce(cut)


def fitted(
    picture: Image.Image,
    options: DecodeOptions,
    turned: int,
    whole: tuple[int, int],
    cut: tuple[int, int] = (1, 1),
    level: float = 0,
) -> Image.Image:
    """Resized with an antialiasing filter to the requested size, before it is turned.

    `whole`: the size before the reduction; `level`: the background of floats.
    """
    size = (options.height, options.width) if turned >= 5 else (options.width, options.height)
    width, height = whole
    if options.fit == "pad":
        scale = min(size[0] / width, size[1] / height)
        inner = (min(size[0], max(1, round(width * scale))), min(size[1], max(1, round(height * scale))))
        content = resized(picture, inner, (0, 0, width, height), cut)
        if inner == size:
            return content
        page = empty_page(picture.mode, size, options, level)
        page.paste(content, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
        return page
    if options.fit == "crop":
        inside = (min(width, height * size[0] / size[1]), min(height, width * size[1] / size[0]))
        left, top = (width - inside[0]) / 2, (height - inside[1]) / 2
        return resized(picture, size, (left, top, left + inside[0], top + inside[1]), cut)
    return resized(picture, size, (0, 0, width, height), cut)


def empty_page(mode: str, size: tuple[int, int], options: DecodeOptions, level: float) -> Image.Image:
    """What a padded picture of this mode is put on: its background, or transparency."""
    if mode == "RGBA":
        return Image.new("RGBA", size, (0, 0, 0, 0))
    return Image.new("F", size, level) if mode == "F" else Image.new("RGB", size, options.background)


def resized(
    picture: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float], cut: tuple[int, int]
) -> Image.Image:
    """Pillow's Lanczos over the box, which is given in pixels before the cut; untouched where nothing changes.

    With alpha, the Hamming filter, which has no negative weights: where Lanczos overshoots, alpha is clipped at 255 and
    the premultiplied colours are not, so that edges would become brighter.
    """
    if size == picture.size and box == (0, 0, *size):
        return picture
    left, top, right, bottom = box[0] / cut[0], box[1] / cut[1], box[2] / cut[0], box[3] / cut[1]
    inside = (max(0.0, left), max(0.0, top), min(right, picture.width), min(bottom, picture.height))
    kernel = Image.Resampling.HAMMING if picture.mode == "RGBA" else Image.Resampling.LANCZOS
    return picture.resize(size, kernel, box=inside)
