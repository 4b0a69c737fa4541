"""Clips in files: moving pictures of Pillow, a file a clip or all of them side by side."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .images import picture_of

SMALLEST = 64  # pixels of the longer side of a clip in a file: smaller ones are enlarged by whole pixels
Clip = np.ndarray[Any, Any]


def save_clips(clips: Clip, out: Path, rate: float) -> None:
    """Write clips uint8 [N, T, H, W, C] to a .gif or .webp of all side by side, or to a folder of .webp files.

    WebP is lossless; a GIF holds 256 colours.

    Args:
        clips: of one size.
        out: the file, or a folder where it has no ending.
        rate: frames in a second.

    Raises:
        OSError: a file cannot be written.
    """
    if out.suffix:
        save_moving(side_by_side(clips), out, rate)
        return
    out.mkdir(exist_ok=True)
    for place, clip in enumerate(clips):
        save_moving(clip, out / f"{place:06d}.webp", rate)


def side_by_side(clips: Clip) -> Clip:
    """[N, T, H, W, C] -> one clip [T, rows H, columns W, C], about as high as wide; places that are left are black."""
    n, frames, height, width, channels = clips.shape
    columns = math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    grid = np.zeros((rows * columns, frames, height, width, channels), np.uint8)
    grid[:n] = clips
    grid = grid.reshape(rows, columns, frames, height, width, channels).transpose(2, 0, 3, 1, 4, 5)
    return grid.reshape(frames, rows * height, columns * width, channels)


def save_moving(clip: Clip, out: Path, rate: float) -> None:
    """One clip [T, H, W, C] as a moving picture that is played again and again."""
    zoom = max(1, math.ceil(SMALLEST / max(clip.shape[1:3])))
    frames = [enlarged(picture_of(frame), zoom) for frame in clip]
    settings: dict[str, Any] = {"lossless": True} if out.suffix.lower() == ".webp" else {"optimize": False}
    frames[0].save(out, save_all=True, append_images=frames[1:], duration=round(1000 / rate), loop=0, **settings)


def enlarged(picture: Image.Image, zoom: int) -> Image.Image:
    """A picture with each pixel zoom x zoom times."""
    return picture.resize((picture.width * zoom, picture.height * zoom), Image.Resampling.NEAREST)
