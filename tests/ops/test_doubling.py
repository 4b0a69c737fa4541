"""A convolution of a doubled map against torch's own of the map whose pixels are repeated."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ganvas.ops.doubling import conv_of_doubled, repeated


def plain(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    x = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return F.conv2d(x, weight, bias, padding=1)


@pytest.mark.parametrize("size", [(4, 4), (1, 1), (3, 5), (1, 7)])
@pytest.mark.parametrize("biased", [True, False])
def test_values_and_gradients_are_those_of_the_repeated_map(size: tuple[int, int], biased: bool) -> None:
    x = torch.randn(2, 3, *size, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(5, 3, 3, 3, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(5, dtype=torch.float64, requires_grad=True) if biased else None
    found, expected = conv_of_doubled(x, weight, bias), plain(x, weight, bias)
    torch.testing.assert_close(found, expected)
    inputs = [each for each in (x, weight, bias) if each is not None]
    side = torch.randn_like(found)
    for a, b in zip(torch.autograd.grad(found, inputs, side), torch.autograd.grad(expected, inputs, side), strict=True):
        torch.testing.assert_close(a, b)


def test_its_gradient_has_a_gradient() -> None:
    x = torch.randn(1, 2, 3, 2, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(conv_of_doubled, (x, weight))


def test_under_autocast_the_pixels_are_repeated() -> None:
    x, weight = torch.randn(1, 2, 4, 4), torch.randn(3, 2, 3, 3)
    with torch.autocast("cpu", torch.bfloat16):
        found = conv_of_doubled(x, weight)
        expected = F.conv2d(repeated(x), weight, padding=1)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found, expected, rtol=0, atol=0)
