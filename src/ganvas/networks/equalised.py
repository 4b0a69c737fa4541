"""Layers with an equalised learning rate, and the minibatch deviation: Karras et al. 2018, sections 3 and 4.

https://arxiv.org/abs/1710.10196
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..ops.doubling import conv_of_doubled


class EqualLinear(nn.Module):
    """(c W) x + c_b b, c = lr_scale / sqrt(inputs), W ~ N(0, 1) / lr_scale: [B, before] -> [B, after].

    Karras et al. 2018, section 4.1. The step of an optimiser such as Adam does not depend on a weight's scale, so that
    all weights learn at the same relative speed. A `lr_scale` below 1 makes a layer's weights and bias learn slower
    (Karras et al. 2019, appendix C).

    Args:
        before, after: features.
        bias: the bias at the beginning; None for no bias.
        lr_scale: factor of the learning rate, c_b.
    """

    def __init__(self, before: int, after: int, *, bias: float | None = 0.0, lr_scale: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(after, before) / lr_scale)
        self.bias = None if bias is None else nn.Parameter(torch.full((after,), bias / lr_scale))
        self.scale, self.lr_scale = lr_scale / before**0.5, lr_scale

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.scale * self.weight, None if self.bias is None else self.lr_scale * self.bias)


class EqualConv(nn.Module):
    """A convolution with kernel c W, c = 1 / sqrt(before * k * k), W ~ N(0, 1): [B, before, H, W] -> [B, after, ...].

    Args:
        before, after: channels.
        kernel: its size k, odd; the picture is padded by k // 2, by `padding` if it is given.
        bias: whether there is one; it begins at 0.
        stride: pixels from one output to the next.
        padding: zeros on each side.
    """

    def __init__(
        self,
        before: int,
        after: int,
        kernel: int,
        *,
        bias: bool = True,
        stride: int = 1,
        padding: int | None = None,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(after, before, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(after)) if bias else None
        self.scale = (before * kernel * kernel) ** -0.5
        self.stride, self.padding = stride, kernel // 2 if padding is None else padding

    def forward(self, x: Tensor, *, doubles: bool = False) -> Tensor:
        """The convolution of x, or of x with each pixel repeated 2 x 2, by a 3 x 3 kernel without stride."""
        if doubles:
            return conv_of_doubled(x, self.scale * self.weight, self.bias)
        return F.conv2d(x, self.scale * self.weight, self.bias, self.stride, self.padding)


class MinibatchDeviation(nn.Module):
    """x [B, C, H, W] -> [B, C + 1, H, W]: the last channel is one number, the mean deviation within a group of samples.

    Karras et al. 2018, section 3. For a group of n samples: s = mean over channels and pixels of
    sqrt(mean_i (x_i - mean x)^2 + 1e-8). In eval mode s is its running mean of the training, so that a sample's output
    does not depend on the others.

    Args:
        group: samples of a group at most; sample i is in group i mod (B / n).
        momentum: of the running mean.
    """

    mixes_samples = True
    running: Tensor

    def __init__(self, group: int = 4, momentum: float = 0.1) -> None:
        super().__init__()
        self.group, self.momentum = group, momentum
        self.register_buffer("running", torch.ones(()))

    def forward(self, x: Tensor) -> Tensor:
        size = next(n for n in range(min(self.group, len(x)), 0, -1) if len(x) % n == 0)
        if self.training and size > 1:
            groups = x.float().unflatten(0, (size, -1))  # [n, groups, C, H, W]
            variance = (groups - groups.mean(0)).square().mean(0)
            deviation = (variance + 1e-8).sqrt().flatten(1).mean(1)
            self.running.lerp_(deviation.detach().mean().to(self.running.dtype), self.momentum)
            each = deviation.repeat(size)  # [B]
        else:
            each = self.running.expand(len(x))
        return torch.cat([x, each.to(x.dtype).view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:])], dim=1)


def scaled_leaky(x: Tensor) -> Tensor:
    """sqrt(2) LeakyReLU(x, slope 0.2), which keeps the variance. Karras et al. 2019."""
    return F.leaky_relu(x, 0.2) * 2**0.5


def unit_moment(x: Tensor) -> Tensor:
    """x / sqrt(mean x^2 + 1e-8) over axis 1: the pixelwise feature norm. Karras et al. 2018, section 4.2."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()
