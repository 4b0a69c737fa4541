"""Clips of a digit that moves by an exact law: at a constant speed, thrown back by the borders."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt

from ..base.draws import uniform_rows
from ..base.types import Count
from .mnist import Mnist
from .source import SPLITS, Items, Split

DIGIT = 20  # pixels a side of what MNIST's 28 x 28 hold; around it are 4 of border
ROWS = 256  # clips that are drawn at a time
Numbers = np.ndarray[Any, np.dtype[np.floating[Any]]]


@dataclass(frozen=True)
class MovingDigits:
    """Clips uint8 [N, frames, side, side, 1] of one digit each, with its class.

    The digit's upper left corner is at p(t) = r(p(0) + v t), where r reflects at 0 and at side - 20, the speed |v| is
    uniform from `slowest` to `fastest` and its direction uniform on the circle; places between pixels are interpolated
    linearly, so that the digit's centroid moves exactly as p does. Digits of train, val and test are those of the same
    split of MNIST. After Srivastava et al. 2015, section 4.1 (moving MNIST), with one digit.
    https://arxiv.org/abs/1502.04681

    Args:
        samples: clips of train; val and test have a tenth each, at least 500.
        frames: of a clip.
        side: pixels a side.
        slowest, fastest: speeds, in pixels a frame.
        seed: other clips for another number.

    Example:
        >>> from ganvas.data import MovingDigits
        >>> MovingDigits(samples=500).items("val").x.shape
        (500, 16, 32, 32, 1)
    """

    samples: Count = 5_000
    frames: Annotated[int, Ge(4)] = 16
    side: Annotated[int, Ge(DIGIT + 4)] = 32
    slowest: Annotated[float, Gt(0)] = 1.0
    fastest: Annotated[float, Gt(0)] = 2.0
    seed: int = 0

    def items(self, split: Split) -> Items:
        clips, y = drawn_clips(self, split)
        return Items(x=clips, y=y, classes=tuple("0123456789"))


@lru_cache(maxsize=3)
def drawn_clips(source: MovingDigits, split: Split) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The clips of a split and their classes."""
    n = source.samples if split == "train" else max(500, source.samples // 10)
    mnist, places = Mnist().items(split), paths(source, split, n)
    assert mnist.y is not None, "MNIST has labels"
    chosen = np.arange(n) % len(mnist)
    border = (mnist.x.shape[1] - DIGIT) // 2
    digits = mnist.x[chosen, border:-border, border:-border, 0].astype(np.float32)  # [n, 20, 20]
    clips = np.empty((n, source.frames, source.side, source.side, 1), np.uint8)
    for start in range(0, n, ROWS):
        rows, columns = (weights(places[start : start + ROWS, :, axis], source.side) for axis in (0, 1))
        moved = rows @ digits[start : start + ROWS, None] @ columns.swapaxes(2, 3)  # [n, T, side, side]
        clips[start : start + ROWS] = np.rint(moved)[..., None]
    return clips, mnist.y[chosen]


def paths(source: MovingDigits, split: Split, n: int) -> Numbers:
    """Rows and columns [n, frames, 2] of the digits' upper left corners, in pixels."""
    u = uniform_rows((source.seed, "moving digits", SPLITS.index(split)), range(n), 4)
    free = source.side - DIGIT
    speed = source.slowest + (source.fastest - source.slowest) * u[:, 2]
    angle = 2 * np.pi * u[:, 3]
    velocity = speed[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1)
    straight = free * u[:, None, :2] + velocity[:, None] * np.arange(source.frames)[None, :, None]
    return free - np.abs(free - np.mod(straight, 2 * free))


def weights(places: Numbers, side: int) -> Numbers:
    """How much of each of the digit's 20 lines is in each line of the frame, [n, T, side, 20]: a tent of width one."""
    lines = places[..., None, None] + np.arange(DIGIT)
    return np.maximum(0, 1 - np.abs(np.arange(side)[:, None] - lines)).astype(np.float32)
