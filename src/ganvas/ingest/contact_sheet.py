"""A contact sheet: some of a person's pictures on one page."""

import math
from pathlib import Path

import numpy as np
from PIL import Image

from ..base.draws import permutation
from ..base.errors import DataError
from .checkerboard import on_checkerboard
from .survey import Survey
from .validate import sample

SHEET, TILE = 100, 96  # pictures on a contact sheet, pixels a side


def write_sheet(found: Survey, file: Path) -> int:
    """A contact sheet of pictures drawn at random; returns how many. Raises DataError.

    Each is whole on white, and on a checkerboard where any of the data is transparent.
    """
    clear = found.headers.transparent > 0 and not found.headers.deep
    channels = 4 if clear else 3
    tiles = list(sample(found.listing, SHEET, TILE, lambda n: permutation((0, "contact sheet"), n), channels))
    if not tiles:
        raise DataError("no picture can be decoded", where=found.where)
    columns = math.ceil(math.sqrt(len(tiles)))
    empty = np.array([255, 255, 255, 0][:channels], np.uint8)
    page = np.broadcast_to(empty, (math.ceil(len(tiles) / columns) * columns, TILE, TILE, channels)).copy()
    page[: len(tiles)] = tiles
    grid = page.reshape(-1, columns, TILE, TILE, channels).swapaxes(1, 2).reshape(-1, columns * TILE, channels)
    sheet = Image.fromarray(grid)
    (on_checkerboard(sheet, TILE // 8) if clear else sheet).save(file, "PNG")
    return len(tiles)
