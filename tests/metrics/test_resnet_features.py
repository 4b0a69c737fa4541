"""The extractor of ResNet-50-thin: its contract, and that its scores notice what a person notices."""

import pytest
import torch
from torch import Tensor

from ganvas.base.errors import DataError
from ganvas.metrics import ResnetFeatures
from ganvas.networks.resnet_thin import weights_sha256


def pictures(n: int, height: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(height)
    return torch.randint(0, 256, (n, 3, height, width), generator=generator, dtype=torch.uint8)


def test_a_picture_has_the_same_features_in_any_batch() -> None:
    x = pictures(10, 8, 12)
    together = ResnetFeatures().extract(x).features
    assert together.shape == (10, 1024)
    assert together.dtype == torch.float32
    assert torch.equal(ResnetFeatures().extract(x[9:]).features, together[9:])


def test_larger_pictures_are_smoothed_before_they_are_reduced() -> None:
    """A fine checkerboard of black and white, three times as large as the input, has the features of grey."""
    board = (torch.arange(672)[:, None] + torch.arange(672)) % 2 * 255
    fine = board.to(torch.uint8).expand(1, 3, -1, -1)
    grey = torch.full((1, 3, 32, 32), 128, dtype=torch.uint8)
    found = ResnetFeatures().extract(torch.cat([fine])).features
    torch.testing.assert_close(found, ResnetFeatures().extract(grey).features, rtol=0, atol=0.1)


def test_grey_pictures_get_three_equal_channels() -> None:
    grey = pictures(2, 9, 9)[:, :1]
    found = ResnetFeatures().extract(grey).features
    assert torch.equal(found, ResnetFeatures().extract(grey.expand(-1, 3, -1, -1)).features)


def test_few_samples_use_few_features() -> None:
    assert [ResnetFeatures().frechet_features(n) for n in (2, 500, 5_000, 50_000)] == [8, 16, 256, 1024]


def test_it_describes_what_changes_its_features() -> None:
    described = ResnetFeatures().describe()
    assert described["weights_sha256"] == weights_sha256()
    assert "224" in str(described["resize"])


@pytest.mark.parametrize(
    ("shape", "covered"),
    [
        ((3, 8, 8), True),
        ((3, 500, 300), True),
        ((1, 28, 28), True),
        ((4, 32, 32), False),
        ((3, 7, 32), False),
        ((3,), False),
    ],
)
def test_it_covers_pictures_of_eight_pixels_and_more(shape: tuple[int, ...], covered: bool) -> None:
    assert ResnetFeatures().covers(shape) is covered


@pytest.mark.parametrize("shape", [(2, 4, 28, 28), (2, 3, 4, 4)])
def test_other_pictures_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError) as refused:
        ResnetFeatures().extract(torch.zeros(shape, dtype=torch.uint8))
    assert str(list(shape[1:])) in refused.value.what
