"""EDSR and ESRGAN's network: published numbers of parameters, and enlargement by bicubic interpolation at the start."""

import numpy as np
import pytest
import torch
from PIL import Image

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec, TensorSpec
from ganvas.networks.restorers import Edsr, Rrdb, prime_factors, shuffle


def spec(factor: int, side: int = 8, channels: int = 3) -> Spec:
    small = TensorSpec((channels, side, side))
    return Spec("images", (3, factor * side, factor * side), bounded=True, given={"input": small})


@pytest.mark.parametrize(
    ("network", "factor", "published"),
    [(Edsr(), 2, 1_369_859), (Edsr(), 4, 1_517_571), (Edsr(), 3, 1_554_499), (Rrdb(), 4, 16_697_987)],
    ids=["EDSR x2", "EDSR x4", "EDSR x3", "ESRGAN"],
)
def test_parameters_are_the_published_ones(network: Edsr | Rrdb, factor: int, published: int) -> None:
    """Of the authors' models: https://github.com/sanghyun-son/EDSR-PyTorch and https://github.com/xinntao/ESRGAN."""
    with torch.device("meta"):
        assert sum(each.numel() for each in network.build(spec(factor)).parameters()) == published


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_begins_near_the_bicubic_enlargement(factor: int) -> None:
    torch.manual_seed(0)
    network = Edsr(width=8, blocks=1).build(spec(factor, side=12))
    smooth = torch.linspace(-0.8, 0.8, 12).expand(2, 3, 12, 12).clone()
    made = network(None, None, {"input": smooth})
    assert made.shape == (2, 3, 12 * factor, 12 * factor)
    image = Image.fromarray(smooth[0, 0].numpy()).resize((12 * factor, 12 * factor), Image.Resampling.BICUBIC)
    inner = slice(3 * factor, -3 * factor)  # beyond it the borders are continued in another way
    assert np.abs(made[0, 0].detach().numpy() - np.asarray(image))[inner, inner].max() < 0.12


def test_shuffled_pixels_begin_equal() -> None:
    torch.manual_seed(0)
    made = torch.nn.Sequential(*shuffle(4, 3))(torch.randn(1, 4, 5, 5))
    blocks = made.unfold(2, 3, 3).unfold(3, 3, 3).flatten(4)
    torch.testing.assert_close(blocks, blocks[..., :1].expand_as(blocks))


def test_grey_pictures_become_colour_and_values_stay_in_range() -> None:
    network = Edsr(width=4, blocks=1).build(spec(2, channels=1))
    made = network(None, None, {"input": torch.full((1, 1, 8, 8), 1.0)})
    assert made.shape == (1, 3, 16, 16)
    assert made.abs().max() <= 1


def test_factors_are_whole_numbers() -> None:
    assert [prime_factors(number) for number in (1, 2, 4, 6, 12)] == [[], [2], [2, 2], [2, 3], [2, 2, 3]]
    odd = Spec("images", (3, 20, 16), bounded=True, given={"input": TensorSpec((3, 8, 8))})
    with pytest.raises(UsageError, match="16 x 20 pixels is not so many times larger"):
        Edsr().build(odd)
