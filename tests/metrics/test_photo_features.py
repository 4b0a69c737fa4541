"""The photograph space: its arithmetic, and that planted faults of pictures change its scores."""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from types import MappingProxyType

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Tensor

from ganvas.base.draws import uniform_rows
from ganvas.base.errors import DataError
from ganvas.metrics.photo_features import FEATURES, PhotoFeatures, class_directions, network_input
from ganvas.metrics.prdc import Prdc, prdc
from ganvas.metrics.scores_of_moments import frechet_scores
from ganvas.metrics.statistics import FeatureStatistics
from ganvas.networks.efficientnet import WEIGHTS, efficientnet_lite0, weights_sha256
from ganvas.networks.shipped import shipped_weights

SIDE, N = 32, 160
CLASSES = 10


def picture(kind: int, u: np.ndarray) -> Image.Image:
    """A drawing of one of ten kinds: colours, place and size vary."""
    large = 4 * SIDE
    ground, colour = (tuple(int(255 * value) for value in u[at : at + 3]) for at in (0, 3))
    image = Image.new("RGB", (large, large), ground)
    draw = ImageDraw.Draw(image)
    half = (0.2 + 0.2 * u[6]) * large
    x, y = (half + u[at] * (large - 2 * half) for at in (7, 8))
    box = (x - half, y - half, x + half, y + half)
    thin, steps = half / 3, range(-24, 25, 16)
    if kind == 0:
        draw.ellipse(box, fill=colour)
    elif kind == 1:
        draw.rectangle(box, fill=colour)
    elif kind == 2:
        draw.polygon([(x, y - half), (x - half, y + half), (x + half, y + half)], fill=colour)
    elif kind == 3:
        draw.ellipse(box, outline=colour, width=int(thin))
    elif kind == 4:
        draw.rectangle(box, outline=colour, width=int(thin))
    elif kind == 5:
        for d in steps:
            draw.line((x - half, y + d, x + half, y + d), fill=colour, width=4)
    elif kind == 6:
        draw.rectangle((x - thin, y - half, x + thin, y + half), fill=colour)
        draw.rectangle((x - half, y - thin, x + half, y + thin), fill=colour)
    elif kind == 7:
        draw.pieslice(box, 30, 300, fill=colour)
    elif kind == 8:
        for d, e in product(steps, steps):
            draw.ellipse((x + d - 5, y + e - 5, x + d + 5, y + e + 5), fill=colour)
    else:
        draw.arc(box, 0, 180, fill=colour, width=int(thin))
    return image.resize((SIDE, SIDE), Image.Resampling.BOX)


@cache
def drawn(seed: int, classes: int = CLASSES) -> Tensor:
    """N drawings of the first classes, uint8 [N, 3, 32, 32]."""
    u = uniform_rows(("drawn", seed), range(N), 9)
    rows = [np.asarray(picture(number % classes, row)) for number, row in enumerate(u)]
    return torch.from_numpy(np.stack(rows)).permute(0, 3, 1, 2).contiguous()


def blurred(x: Tensor) -> Tensor:
    """Gaussian blur of sigma 1."""
    line = torch.exp(-torch.arange(-3.0, 4.0).square() / 2)
    kernel = (line[:, None] * line / line.sum() ** 2).expand(3, 1, 7, 7)
    return F.conv2d(F.pad(x.float(), (3, 3, 3, 3), mode="reflect"), kernel, groups=3).round().byte()


def checkered(x: Tensor) -> Tensor:
    """A checkerboard of +-6 on every pixel, as transposed convolutions leave it."""
    board = (torch.arange(SIDE)[:, None] + torch.arange(SIDE)) % 2 * 12 - 6
    return (x + board).clamp(0, 255).byte()


def noisy(x: Tensor) -> Tensor:
    """Gaussian noise of standard deviation 5."""
    noise = 5 * torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    return (x + noise).round().clamp(0, 255).byte()


FAULTS: Mapping[str, Callable[[], Tensor]] = MappingProxyType(
    {
        "others": lambda: drawn(1),
        "two classes of ten": lambda: drawn(1, 2),
        "rolled by half": lambda: drawn(1).roll((SIDE // 2, SIDE // 2), (2, 3)),
        "blurred": lambda: blurred(drawn(1)),
        "checkerboard": lambda: checkered(drawn(1)),
        "noise": lambda: noisy(drawn(1)),
        "20 pictures repeated": lambda: noisy(drawn(1)[:20]).repeat(N // 20, 1, 1, 1),
    }
)


@cache
def features(name: str) -> Tensor:
    return PhotoFeatures().extract(drawn(0) if name == "real" else FAULTS[name]()).features


def neighbours(name: str) -> Prdc:
    return prdc(real=features("real"), fake=features(name))


def distance(name: str) -> tuple[float, float]:
    """The Frechet distance and its standard error."""
    sides = {side: FeatureStatistics.of(features(of)) for side, of in (("real", "real"), ("fake", name))}
    found = next(iter(frechet_scores(PhotoFeatures(), **sides)))
    assert found.error is not None
    return found.value, found.error


def test_other_real_pictures_have_the_scores_of_reals() -> None:
    found = neighbours("others")
    for share in (found.precision, found.recall):
        assert share > 0.6
    assert found.coverage > 0.85


def test_two_classes_of_ten_lose_recall() -> None:
    assert neighbours("two classes of ten").recall < neighbours("others").recall - 0.25
    assert neighbours("two classes of ten").recall <= 0.6
    assert neighbours("two classes of ten").coverage < neighbours("others").coverage - 0.2


@pytest.mark.parametrize("fault", ["rolled by half", "blurred", "checkerboard", "noise"])
def test_a_change_of_every_picture_loses_coverage_and_precision(fault: str) -> None:
    for share in ("coverage", "precision"):
        assert getattr(neighbours(fault), share) < getattr(neighbours("others"), share) - 0.25


def test_pictures_that_repeat_have_no_recall() -> None:
    assert neighbours("20 pictures repeated").recall < 0.05
    assert neighbours("20 pictures repeated").coverage < neighbours("others").coverage - 0.3


def test_the_distance_grows_with_faults() -> None:
    floor, error = distance("others")
    for fault in ("two classes of ten", "20 pictures repeated"):
        assert distance(fault)[0] > floor + 3 * error, fault


def test_features_are_the_pooled_ones_in_fixed_directions() -> None:
    x = torch.from_numpy((uniform_rows(("x",), range(3), 3 * 96 * 96) * 255).astype("uint8")).view(3, 3, 96, 96)
    network = efficientnet_lite0(torch.device("cpu"), torch.float32)
    with torch.no_grad():
        pooled = network.pooled(x.float() / 127.5 - 1)  # at 96 x 96 nothing is resized
    torch.testing.assert_close(PhotoFeatures().extract(x).features, pooled @ class_directions(), rtol=1e-3, atol=1e-3)


def test_directions_are_orthonormal_and_those_of_most_weight_first() -> None:
    v = class_directions()
    torch.testing.assert_close(v.T @ v, torch.eye(FEATURES), rtol=0, atol=1e-3)
    weight = shipped_weights(WEIGHTS)[0]["classifier.weight"].float()
    length = ((weight - weight.mean(0)) @ v).norm(dim=0)
    assert (length.diff() < 1e-2).all()
    assert length[0] > 2 * length[-1]


def test_features_do_not_depend_on_other_pictures() -> None:
    x = drawn(0)[:21]
    assert torch.equal(PhotoFeatures().extract(x[5:6]).features, PhotoFeatures().extract(x).features[5:6])
    assert torch.equal(PhotoFeatures().extract(x.flip(0)).features, PhotoFeatures().extract(x).features.flip(0))


def test_grey_pictures_are_read_as_three_equal_channels() -> None:
    grey = drawn(0)[:2, :1]
    assert torch.equal(
        PhotoFeatures().extract(grey).features, PhotoFeatures().extract(grey.expand(-1, 3, -1, -1)).features
    )


def test_larger_pictures_are_smoothed_before_they_are_made_smaller() -> None:
    board = (torch.arange(384)[:, None] + torch.arange(384)) % 2 * 2.0 - 1
    assert network_input(board.expand(1, 3, -1, -1), 96).abs().max() < 0.05


def test_any_size_is_accepted_but_the_smallest() -> None:
    for shape in ((3, 8, 8), (1, 9, 30), (3, 130, 20)):
        assert PhotoFeatures().covers(shape)
        assert PhotoFeatures().extract(torch.zeros(1, *shape, dtype=torch.uint8)).features.shape == (1, FEATURES)
    for shape in ((3, 7, 8), (2, 16, 16), (4, 16, 16)):
        assert not PhotoFeatures().covers(shape)
        with pytest.raises(DataError):
            PhotoFeatures().extract(torch.zeros(1, *shape, dtype=torch.uint8))


def test_the_protocol_names_weights_size_and_resize() -> None:
    found = PhotoFeatures().describe()
    assert found["weights_sha256"] == weights_sha256()
    assert "96 x 96" in str(found["resize"])
    assert found != PhotoFeatures(side=64).describe()


def test_few_pictures_are_compared_in_few_features() -> None:
    assert [PhotoFeatures().frechet_features(n) for n in (50, 255, 256, 2_000, 10**6)] == [8, 8, 16, 64, 256]
