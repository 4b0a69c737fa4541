"""A contact sheet: some of a person's pictures on one page."""

import math
from pathlib import Path

import numpy as np
from PIL import Image

from ..base.draws import permutation
from ..base.errors import DataError
from .survey import Survey
from .validate import sample

SHEET, TILE = 100, 96  # pictures on a contact sheet, pixels a side


def write_sheet(found: Survey, file: Path) -> int:
    """A contact sheet of pictures drawn at random, each whole on white; returns how many. Raises DataError."""
    tiles = list(sample(found.listing, SHEET, TILE, lambda n: permutation((0, "contact sheet"), n)))
    if not tiles:
        raise DataError("no picture can be decoded", where=found.where)
    columns = math.ceil(math.sqrt(len(tiles)))
    page = np.full((math.ceil(len(tiles) / columns) * columns, TILE, TILE, 3), 255, np.uint8)
    page[: len(tiles)] = tiles
    grid = page.reshape(-1, columns, TILE, TILE, 3).swapaxes(1, 2).reshape(-1, columns * TILE, 3)
    Image.fromarray(grid).save(file, "PNG")
    return len(tiles)
