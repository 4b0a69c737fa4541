"""Volumes as pictures: three planes through the middle and a maximum projection of each."""

import math
from typing import Any

import numpy as np
from PIL import Image

from .clip_files import enlarged

SMALLEST = 40  # pixels of a volume's longest side in a preview
LINE, GROUND = 1, 96  # pixels between tiles, and their grey
Bytes = np.ndarray[Any, np.dtype[np.uint8]]


def planes(volume: Bytes) -> list[Bytes]:
    """Of a volume [D, H, W]: the middle [H, W], [D, W] and [D, H], and the maximum along H [D, W].

    Rows begin at the front or at the head, the last numbers of their axes.
    """
    deep, height, width = (side // 2 for side in volume.shape)
    found = [volume[deep], volume[:, height], volume[:, :, width], volume.max(1)]
    return [each[::-1] for each in found]


def plane_sheet(volumes: Bytes, columns: int) -> Image.Image:
    """Volumes uint8 [N, D, H, W], `columns` side by side, each as four tiles in a row, enlarged by whole pixels."""
    n, side = len(volumes), max(volumes.shape[1:])
    step = side + LINE
    sheet = np.full((math.ceil(n / columns) * step, columns * 4 * step), GROUND, np.uint8)
    for place, volume in enumerate(volumes):
        row, column = divmod(place, columns)
        for number, tile in enumerate(planes(volume)):
            top, left = row * step, (4 * column + number) * step
            sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return enlarged(Image.fromarray(sheet), max(1, -(-SMALLEST // side)))
