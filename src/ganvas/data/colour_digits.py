"""Two domains of colour digits that share no digit: plain ones, and ones that are blended into textures."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..base.draws import uniform_rows
from .mnist import Mnist
from .source import Items, Split

BORDER = 2  # pixels around the 28 x 28 of MNIST
SIDE = 28 + 2 * BORDER
WAVES = 6  # plane waves of a texture
SLOWEST, FASTEST = 0.5, 5.0  # their periods in a picture
ROWS = 500  # textures that are drawn at a time
Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


@dataclass(frozen=True)
class PlainDigits:
    """White digits on black: every second picture of MNIST, with a border of two pixels, uint8 [N, 32, 32, 3].

    The rows 0, 2, 4, ... of each split of Mnist; TexturedDigits has the others, so that no digit is in both domains.
    Train 25,000, val 5,000, test 5,000. https://yann.lecun.com/exdb/mnist

    Example:
        >>> from ganvas.data import PlainDigits
        >>> PlainDigits().items("val").x.shape
        (5000, 32, 32, 3)
    """

    def items(self, split: Split) -> Items:
        return half_of_mnist(split, first=0)


@dataclass(frozen=True)
class TexturedDigits:
    """|t - d|: digits d that invert the colours of a texture t, uint8 [N, 32, 32, 3].

    Ganin et al. 2016, section 5.2.4 (MNIST-M). https://arxiv.org/abs/1505.07818. There t is a part of a photograph of
    BSDS500; here it is drawn: two colours mixed by six plane waves whose amplitudes fall with their frequency. The
    digits are the rows 1, 3, 5, ... of each split of Mnist; PlainDigits has the others. Train 25,000, val 5,000, test
    5,000.

    Args:
        seed: of the textures.

    Example:
        >>> from ganvas.data import TexturedDigits
        >>> TexturedDigits().items("val").x.shape
        (5000, 32, 32, 3)
    """

    seed: int = 0

    def items(self, split: Split) -> Items:
        plain = half_of_mnist(split, first=1)
        x = textures((self.seed, "texture", split), len(plain))
        x = np.maximum(x, plain.x) - np.minimum(x, plain.x)
        return Items(x=x, y=plain.y, classes=plain.classes, id=plain.id)


def half_of_mnist(split: Split, *, first: int) -> Items:
    """Every second picture of a split of MNIST, from the row `first` on, as colour pictures of 32 x 32."""
    items = Mnist().items(split)
    assert items.y is not None, "MNIST has labels"
    framed = np.pad(items.x[first::2], ((0, 0), (BORDER, BORDER), (BORDER, BORDER), (0, 0)))
    return Items(x=np.repeat(framed, 3, axis=3), y=items.y[first::2], classes=items.classes, id=items.id[first::2])


@lru_cache(maxsize=3)
def textures(key: tuple[object, ...], n: int) -> Bytes:
    """n textures, uint8 [n, 32, 32, 3]; texture i depends on the key and i.

    c_0 + (c_1 - c_0) (1 + tanh(2 s)) / 2, s = sum_k a_k cos(2 pi f_k . (row, column) / 32 + phase_k), a_k ~ 1 / |f_k|.

    Args:
        key: any printable values.
        n: how many.
    """
    u = uniform_rows(key, range(n), 3 * WAVES + 6).astype(np.float32)
    return np.concatenate([drawn_textures(u[start : start + ROWS]) for start in range(0, n, ROWS)])


def drawn_textures(u: Numbers) -> Bytes:
    """Textures uint8 [n, 32, 32, 3] from the numbers u [n, 3 waves + 6] in [0, 1)."""
    speed = SLOWEST * (FASTEST / SLOWEST) ** u[:, :WAVES]  # periods in a picture
    angle, phase = (2 * np.pi * u[:, place : place + WAVES, None] for place in (WAVES, 2 * WAVES))
    amplitude = (1 / speed) / np.sqrt((1 / speed**2).sum(1, keepdims=True))
    places = 2 * np.pi * np.arange(SIDE, dtype=np.float32) / SIDE
    down = speed[..., None] * np.sin(angle) * places  # [n, waves, 32]
    right = speed[..., None] * np.cos(angle) * places + phase
    # cos(down + right) = cos(down) cos(right) - sin(down) sin(right), summed over the waves
    rows = np.concatenate([np.cos(down), -np.sin(down)], axis=1) * np.concatenate([amplitude] * 2, axis=1)[..., None]
    s = rows.transpose(0, 2, 1) @ np.concatenate([np.cos(right), np.sin(right)], axis=1)  # [n, 32, 32]
    mix = (1 + np.tanh(2 * s))[..., None] / 2
    first, second = u[:, None, None, -6:-3], u[:, None, None, -3:]
    pixels: Bytes = np.rint(255 * (first + (second - first) * mix)).astype(np.uint8)
    return pixels
