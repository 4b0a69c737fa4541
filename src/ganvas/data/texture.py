"""One picture of a texture, as many small crops; and pebbles drawn by the program, to try."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge

from ..base.draws import uniform_rows
from ..base.errors import DataError
from ..base.types import Count
from ..ingest.whole_picture import whole_picture
from .source import SPLITS, Items, Split

Pixels = np.ndarray[Any, Any]
HELD_OUT = 0.3  # share of the longer side: half of it for val, half for test
PEBBLES = (384, 512, 300)  # height and width of the drawn picture, and its stones


@dataclass(frozen=True)
class Texture:
    """Square crops of one picture, uint8 [N, side, side, 3].

    train, val and test are crops of three parts of the picture that do not overlap: along its longer side, the first
    70 % are of train, where the rest has room for a crop of val and one of test. The same seed gives the same crops.

    Args:
        path: of the picture; "" for pebbles drawn by the program.
        side: pixels a side of a crop.
        samples: crops of train; val and test have an eighth each, at least 64.
        longest: a picture whose longer side has more pixels is shrunk to so many.
        seed: other crops for another number.

    Raises:
        DataError: by `items`, the file cannot be read, or is too small for crops of this size.

    Example:
        >>> from ganvas.data import Texture
        >>> Texture(samples=64).items("val").x.shape
        (64, 64, 64, 3)
    """

    path: str = ""
    side: Annotated[int, Ge(8)] = 64
    samples: Count = 2_048
    longest: Count = 512
    seed: int = 0

    def items(self, split: Split) -> Items:
        part = part_of(self, split)
        n = self.samples if split == "train" else max(64, self.samples // 8)
        places = uniform_rows((self.seed, "texture", SPLITS.index(split)), range(n), 2)
        rows, columns = (places * (np.array(part.shape[:2]) - self.side + 1)).astype(np.int64).T
        every = np.lib.stride_tricks.sliding_window_view(part, (self.side, self.side), axis=(0, 1))
        return Items(x=np.ascontiguousarray(every[rows, columns].transpose(0, 2, 3, 1)))


def part_of(source: Texture, split: Split) -> Pixels:
    """The part of the picture that a split's crops are taken from, uint8 [h, w, 3]."""
    picture = drawn_pebbles() if not source.path else whole_picture(source.path, source.longest)
    longer = int(np.argmax(picture.shape[:2]))
    length = picture.shape[longer]
    held = max(source.side, round(length * HELD_OUT / 2))
    if min(picture.shape[:2]) < source.side or length < 4 * source.side:
        size = f"{picture.shape[1]} x {picture.shape[0]} pixels"
        raise DataError(
            f"the picture has {size}: crops of {source.side} need {4 * source.side} x {source.side}",
            where=source.path,
            hint="Use smaller crops (source.side=32), or a larger picture.",
        )
    bounds = (0, length - 2 * held, length - held, length)
    place = SPLITS.index(split)
    return np.take(picture, range(bounds[place], bounds[place + 1]), axis=longer)


@lru_cache(maxsize=1)
def drawn_pebbles(seed: int = 0) -> Pixels:
    """Stones of many greys and browns in dark mortar, uint8 [384, 512, 3]; the picture joins itself at its borders.

    The cells of points on a torus, darker towards their borders: by the distances to the nearest two points (Worley
    1996, a cellular texture basis function, F2 - F1).
    """
    height, width, count = PEBBLES
    u = uniform_rows((seed, "pebbles"), range(count), 5)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    rows, columns = u[:, 0] * height, u[:, 1] * width
    first, second = np.full((2, height, width), np.inf)
    owner = np.zeros((height, width), int)
    for number, (row, column) in enumerate(zip(rows, columns, strict=True)):
        down, across = np.abs(y - row), np.abs(x - column)
        squared = np.minimum(down, height - down) ** 2 + np.minimum(across, width - across) ** 2
        nearer = squared < first
        second = np.where(nearer, first, np.minimum(second, squared))
        owner, first = np.where(nearer, number, owner), np.where(nearer, squared, first)
    edge = np.clip((np.sqrt(second) - np.sqrt(first)) / 7, 0, 1)
    stone = 0.35 + 0.5 * u[:, 2:3] + np.array([0.1, 0.0, -0.1]) * (u[:, 3:4] - 0.3)
    colour = 0.12 + (stone[owner] - 0.12) * np.sqrt(edge)[..., None]
    return np.rint(255 * np.clip(colour, 0, 1)).astype(np.uint8)
