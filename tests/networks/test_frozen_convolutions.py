"""Frozen convolutions against plain ones in float64: values, gradients and gradients of gradients."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ganvas.networks.frozen import FrozenConv, same_padding, spread

SIZES = [(8, 8), (7, 7), (9, 6), (5, 12), (2, 3), (1, 1)]
KINDS = [  # kernel, stride, groups
    (1, 1, 1),
    (3, 1, 1),
    (5, 1, 1),
    (3, 2, 1),
    (5, 2, 1),
    (1, 2, 1),
    (3, 1, 4),
    (5, 1, 4),
    (3, 2, 4),
    (5, 2, 4),
]
CHANNELS = 4  # of the input
Call = Callable[[Tensor], Tensor]


def padded(side: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's "same" padding, by counting: zeros before and after that give ceil(side / stride) outputs."""
    outputs = (side + stride - 1) // stride
    needed = max(0, (outputs - 1) * stride + kernel - side)
    return needed // 2, (needed + 1) // 2


def pair(kernel: int, stride: int, groups: int) -> tuple[Call, Call]:
    """A frozen convolution, and torch's own with the same numbers."""
    generator = torch.Generator().manual_seed(kernel)
    out = CHANNELS if groups > 1 else 6
    weight = torch.randn(out, CHANNELS // groups, kernel, kernel, generator=generator, dtype=torch.float64)
    bias = torch.randn(out, generator=generator, dtype=torch.float64)

    def plain(x: Tensor) -> Tensor:
        (top, bottom), (left, right) = (padded(side, kernel, stride) for side in x.shape[2:])
        return F.conv2d(F.pad(x, (left, right, top, bottom)), weight, bias, stride, groups=groups)

    frozen = FrozenConv.of(weight, bias, stride=stride, groups=groups)
    return lambda x: frozen(x), plain


def numbers(height: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(100 * height + width)
    return torch.randn(2, CHANNELS, height, width, generator=generator, dtype=torch.float64).requires_grad_()


def derivatives(call: Call, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The value v, d/dx sum(sin(v)), and d/dx of the sum of that gradient's cubes, as a gradient penalty has it."""
    value = call(x)
    (first,) = torch.autograd.grad(value.sin().sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.pow(3).sum(), x)
    return value, first, second


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_values_and_derivatives_are_those_of_plain_convolutions(
    kind: tuple[int, int, int], size: tuple[int, int]
) -> None:
    frozen, plain = pair(*kind)
    x = numbers(*size)
    for found, wanted in zip(derivatives(frozen, x), derivatives(plain, x), strict=True):
        assert found.shape == wanted.shape
        torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-10)


def test_the_output_has_the_input_divided_by_the_stride_rounded_up() -> None:
    for kernel, stride, groups in KINDS:
        frozen, _ = pair(kernel, stride, groups)
        assert frozen(numbers(7, 10)).shape[2:] == (-(-7 // stride), -(-10 // stride))


def test_an_odd_zero_stands_after() -> None:
    assert same_padding(8, 3, 2) == (0, 1)
    assert same_padding(7, 3, 2) == (1, 1)
    assert same_padding(8, 5, 2) == (1, 2)
    assert same_padding(8, 1, 2) == (0, 0)


def test_spread_puts_zeros_between_pixels() -> None:
    x = torch.arange(1.0, 5.0).view(1, 1, 2, 2)
    assert spread(x, 2)[0, 0].tolist() == [[1, 0, 2], [0, 0, 0], [3, 0, 4]]


def test_weights_get_no_gradient() -> None:
    weight = torch.ones(1, 1, 3, 3, requires_grad=True)
    made = FrozenConv.of(weight, torch.zeros(1), stride=1, groups=1)(torch.ones(1, 1, 4, 4, requires_grad=True))
    made.sum().backward()
    assert weight.grad is None
