"""Convolutions whose weights never change: the gradient with respect to the input is a convolution forward.

torch computes the gradient of a convolution by kernels that are several times slower on a CPU than its forward ones.
With fixed weights the same gradient is a forward convolution with flipped kernels (of the input with zeros between its
pixels, where the stride is 2). Dumoulin and Visin 2016, section 4. https://arxiv.org/abs/1603.07285
"""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


class FrozenConv(NamedTuple):
    """A convolution with "same" padding as TensorFlow defines it: the output has ceil(side / stride) pixels a side.

    Attributes:
        weight: [out, in / groups, k, k].
        flipped: `flipped_kernel(weight, groups)`, the kernel of the gradient.
        bias: [out].
        stride: 1 or 2.
        groups: 1, or as many as there are channels.
    """

    weight: Tensor
    flipped: Tensor
    bias: Tensor
    stride: int
    groups: int

    @staticmethod
    def of(weight: Tensor, bias: Tensor, *, stride: int, groups: int) -> "FrozenConv":
        """The convolution with this weight [out, in / groups, k, k] and bias [out]."""
        weight = weight.contiguous(memory_format=torch.channels_last)
        flipped = flipped_kernel(weight, groups).contiguous(memory_format=torch.channels_last)
        return FrozenConv(weight, flipped, bias, stride, groups)

    def __call__(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        """The convolution of x, which can be differentiated with respect to x, and not to the weights."""
        made: Tensor = Convolve.apply(x, self)  # type: ignore[no-untyped-call]
        return made


def flipped_kernel(weight: Tensor, groups: int) -> Tensor:
    """The kernel of the gradient: turned by half, with inputs and outputs exchanged."""
    turned = weight.flip(2, 3)
    return turned.transpose(0, 1) if groups == 1 else turned


def same_padding(side: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after an axis, so that the output has ceil(side / stride) pixels; an odd one stands after.

    Args:
        side: pixels of the axis.
        kernel: of the convolution, in pixels.
        stride: of the convolution.
    """
    total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return total // 2, total - total // 2


class Convolve(torch.autograd.Function):
    """A frozen convolution. Its gradient is made of differentiable operations, so that it has a gradient itself."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, conv: FrozenConv) -> Tensor:
        ctx.conv, ctx.size = conv, x.shape[2:]
        return convolved(x, conv)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return input_gradient(gradients[0], ctx.conv, ctx.size), None


def convolved(x: Tensor, conv: FrozenConv) -> Tensor:
    """The convolution of x [B, C, H, W] with the bias added."""
    kernel = conv.weight.shape[2]
    (top, bottom), (left, right) = (same_padding(side, kernel, conv.stride) for side in x.shape[2:])
    if (top, left) == (bottom, right):
        return F.conv2d(x, conv.weight, conv.bias, conv.stride, (top, left), groups=conv.groups)
    return F.conv2d(F.pad(x, (left, right, top, bottom)), conv.weight, conv.bias, conv.stride, groups=conv.groups)


def input_gradient(gradient: Tensor, conv: FrozenConv, size: tuple[int, int]) -> Tensor:
    """The gradient with respect to the input, whose pixels are `size`, of the gradient [B, D, i, j] of the output."""
    kernel = conv.weight.shape[2]
    if conv.stride > 1:
        gradient = spread(gradient, conv.stride)
    (top, _), (left, _) = (same_padding(side, kernel, conv.stride) for side in size)
    before = kernel - 1 - top, kernel - 1 - left
    after = [side + kernel - 1 - b - s for side, b, s in zip(size, before, gradient.shape[2:], strict=True)]
    if before == tuple(after) and min(before) >= 0:
        return F.conv2d(gradient, conv.flipped, padding=before, groups=conv.groups)
    padded = F.pad(gradient, (before[1], after[1], before[0], after[0]))
    return F.conv2d(padded, conv.flipped, groups=conv.groups)


def spread(x: Tensor, stride: int) -> Tensor:
    """x with stride - 1 zeros between its pixels: [B, C, i, j] -> [B, C, stride (i - 1) + 1, stride (j - 1) + 1]."""
    b, c, height, width = x.shape
    size = (b, c, stride * (height - 1) + 1, stride * (width - 1) + 1)
    wide = torch.empty(size, dtype=x.dtype, device=x.device, memory_format=torch.channels_last).zero_()
    wide[:, :, ::stride, ::stride] = x
    return wide
