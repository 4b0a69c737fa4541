"""Transforms that make a task: each against Pillow, SciPy or a closed form."""

import io
import math

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter
from scipy import ndimage  # type: ignore[import-untyped]
from torch import Tensor

from ganvas.augment import Degrade, Downscale, Edges, Grey, Strokes
from ganvas.augment.strokes import MOST, NUMBERS, TURNS
from ganvas.base.errors import UsageError
from ganvas.base.types import Batch
from ganvas.data.mnist import Mnist
from ganvas.data.shapes import Shapes
from ganvas.ops.unit_range import to_bytes, to_unit_range


def colour(n: int = 8) -> Tensor:
    return to_unit_range(torch.from_numpy(Shapes(samples=500).items("train").x[:n]).permute(0, 3, 1, 2))


def as_images(x: Tensor) -> list[Image.Image]:
    return [Image.fromarray(each.permute(1, 2, 0).squeeze(2).numpy()) for each in to_bytes(x)]


@pytest.mark.parametrize("factor", [2, 4])
def test_downscale_is_pillows_bicubic(factor: int) -> None:
    x = colour()
    small = Downscale(factor).transform(Batch(x=x), torch.zeros(len(x), 0)).given["input"]
    size = (32 // factor, 32 // factor)
    for mine, image in zip(as_images(small), as_images(x), strict=True):
        theirs = np.asarray(image.resize(size, Image.Resampling.BICUBIC)).astype(int)
        assert abs(np.asarray(mine) - theirs).max() <= 1


def test_sides_must_be_multiples() -> None:
    with pytest.raises(UsageError, match=r"32 x 32 cannot be made 3 times smaller.*--size 33x33"):
        Downscale(3).transform(Batch(x=colour()), torch.zeros(8, 0))


def test_grey_is_pillows() -> None:
    x = colour()
    grey = Grey().transform(Batch(x=x), torch.zeros(len(x), 0)).given["input"]
    for mine, image in zip(as_images(grey), as_images(x), strict=True):
        assert abs(np.asarray(mine).astype(int) - np.asarray(image.convert("L"))).max() <= 1
    with pytest.raises(UsageError, match="pictures in colour"):
        Grey().transform(Batch(x=x[:, :1]), torch.zeros(len(x), 0))


def test_each_damage_is_what_it_says() -> None:
    x, u = colour(64), torch.rand(64, 4, generator=torch.Generator().manual_seed(0))
    none = Degrade(blur=0, noise=0, quality=100).transform(Batch(x=x), u).given["input"]
    assert torch.equal(none, x)
    blurred = Degrade(blur=2, noise=0, quality=100).transform(Batch(x=x), u).given["input"]
    stored = Degrade(blur=0, noise=0, quality=40).transform(Batch(x=x), u).given["input"]
    for row, image, blur, jpeg in zip(u.tolist(), as_images(x), as_images(blurred), as_images(stored), strict=True):
        assert blur.tobytes() == image.filter(ImageFilter.GaussianBlur(2 * row[0])).tobytes()
        file = io.BytesIO()
        image.save(file, "JPEG", quality=40 + math.floor(row[2] * 56))
        assert jpeg.tobytes() == Image.open(file).tobytes()
    grey = torch.zeros(64, 1, 40, 40)  # far from both ends, so that nothing is clipped
    noisy = to_bytes(Degrade(blur=0, noise=30, quality=100).transform(Batch(x=grey), u).given["input"]).float()
    deviations = noisy.flatten(1).std(1) / (30 * u[:, 1])
    large = u[:, 1] > 0.3  # below, rounding to bytes adds to the noise
    assert (deviations[large] - 1).abs().max() < 0.12
    assert abs(deviations[large].mean() - 1) < 0.02
    pairs = np.corrcoef((noisy[large] - 128).flatten(1)) - np.eye(int(large.sum()))
    assert abs(pairs).max() < 0.15  # samples have noise of their own


def test_strokes_have_the_area_of_their_pieces() -> None:
    side, length, width = 200, 0.1, 0.05
    u = torch.full((1, 1 + MOST * NUMBERS), 0.5)
    u[0, 0] = 0.0  # one stroke
    u[0, 1:3] = torch.tensor([0.5, 0.2])  # begins here
    u[0, 4] = 0.5  # and goes to the left or right: the angle is pi
    u[0, 4 : 4 + TURNS] = 0.5
    u[0, 4 + TURNS : 4 + 2 * TURNS] = 1.0
    made = Strokes(length=length, thin=width, thick=width).transform(Batch(x=torch.zeros(1, 1, side, 2 * side)), u)
    covered = float((1 - made.given["known"]).sum())
    long, half = TURNS * length * 2 * side, width * 2 * side / 2
    inside = min(long, 0.2 * 2 * side) if long > 0.2 * 2 * side else long
    expected = 2 * half * inside + math.pi * half**2 * (1 if inside == long else 0.5)
    assert covered == pytest.approx(expected, rel=0.02)
    masked, known = made.given["masked"], made.given["known"]
    assert (masked[known == 0] == -1).all()
    assert (masked[known == 1] == 0).all()


def test_strokes_vary_and_leave_most_of_a_picture() -> None:
    u = torch.rand(400, 1 + MOST * NUMBERS, generator=torch.Generator().manual_seed(1))
    known = Strokes().transform(Batch(x=torch.zeros(400, 3, 32, 32)), u).given["known"]
    shares = 1 - known.mean((1, 2, 3))
    assert 0.08 < shares.mean() < 0.4
    assert shares.min() > 0
    assert len(shares.unique()) > 100


@pytest.mark.parametrize("reverse", [False, True])
def test_edges_are_scipys_dilation(reverse: bool) -> None:
    digits = torch.from_numpy(Mnist().items("val").x[:50].copy()).permute(0, 3, 1, 2)
    x = to_unit_range(digits)
    made = Edges(reverse=reverse).transform(Batch(x=x), torch.zeros(50, 0))
    outline, picture = (made.x, made.given["input"]) if reverse else (made.given["input"], made.x)
    assert torch.equal(picture, x)
    for bright, mine in zip((x > 0).numpy()[:, 0], outline.numpy()[:, 0], strict=True):
        around = ndimage.binary_dilation(bright, np.ones((3, 3))) & ~bright
        assert np.array_equal(mine > 0, around)
