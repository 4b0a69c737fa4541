"""Convolutions whose kernels a style scales. Karras et al. 2020, section 2.2. https://arxiv.org/abs/1912.04958"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..ops.resample import doubled
from .equalised import EqualLinear, scaled_leaky
from .layers import full_precision


def scaled_convolution(x: Tensor, kernel: Tensor, style: Tensor, *, demodulate: bool) -> Tensor:
    """conv(s x, K) d: the style scales the input's channels, the demodulation the output's.

    Equal to `grouped_convolution`, as a convolution is linear; the same layers serve any batch size.

    Args:
        x: [B, C, H, W].
        kernel: K, [D, C, k, k], k odd.
        style: s, [B, C].
        demodulate: whether d_j = 1 / sqrt(sum_i,k (s_i K_jik)^2 + 1e-8), equation 3; otherwise 1.

    Returns:
        [B, D, H, W].
    """
    h = F.conv2d(x * style.to(x.dtype)[:, :, None, None], kernel, padding=kernel.shape[-1] // 2)
    if not demodulate:
        return h
    with full_precision(x):
        factors = (style.square() @ kernel.square().sum((2, 3)).T + 1e-8).rsqrt()  # [B, D]
    return h * factors.to(h.dtype)[:, :, None, None]


def grouped_convolution(x: Tensor, kernel: Tensor, style: Tensor, *, demodulate: bool) -> Tensor:
    """conv(x, K'') of equations 1 and 3, a kernel for each sample: one convolution of B groups.

    Args:
        x, kernel, style, demodulate: those of `scaled_convolution`.

    Returns:
        [B, D, H, W].
    """
    size, channels = x.shape[:2]
    kernels = kernel[None] * style[:, None, :, None, None]  # [B, D, C, k, k], equation 1
    if demodulate:
        kernels = kernels * (kernels.square().sum((2, 3, 4), keepdim=True) + 1e-8).rsqrt()  # equation 3
    joined = x.reshape(1, size * channels, *x.shape[2:])
    h = F.conv2d(joined, kernels.flatten(0, 1).to(x.dtype), padding=kernel.shape[-1] // 2, groups=size)
    return h.view(size, -1, *x.shape[2:])


class StyledConv(nn.Module):
    """x, w -> sqrt(2) LeakyReLU(modulated convolution(x, A w) + strength * noise + b); doubled first where `up`.

    Karras et al. 2020, figure 2 (d). In training the noise is drawn for each sample and pixel; in eval mode it is one
    fixed map, so that a sample depends on its latent alone.

    Args:
        before, after: channels.
        style: numbers of w.
        size: height and width of the output.
        up: whether the resolution is doubled.
        noise: whether there is noise.
        grouped: whether training computes it by `grouped_convolution`.
    """

    fixed: Tensor

    def __init__(
        self, before: int, after: int, *, style: int, size: tuple[int, int], up: bool, noise: bool, grouped: bool
    ) -> None:
        super().__init__()
        self.up, self.grouped, self.size = up, grouped, size
        self.affine = EqualLinear(style, before, bias=1.0)
        self.weight = nn.Parameter(torch.randn(after, before, 3, 3))
        self.bias = nn.Parameter(torch.zeros(after))
        self.strength = nn.Parameter(torch.zeros(())) if noise else None
        if noise:
            self.register_buffer("fixed", torch.randn(1, 1, *size))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        convolve = grouped_convolution if self.grouped and self.training else scaled_convolution
        kernel = self.weight / self.weight[0].numel() ** 0.5
        with full_precision(x):
            style = self.affine(w)
        h = convolve(doubled(x) if self.up else x, kernel, style, demodulate=True)
        if self.strength is not None:
            noise = torch.randn(len(x), 1, *self.size, device=x.device) if self.training else self.fixed
            h = h + (self.strength * noise).to(h.dtype)
        return scaled_leaky(h + self.bias.to(h.dtype)[:, None, None])


class ToImage(nn.Module):
    """x, w -> 1 x 1 modulated convolution without demodulation, and b: the channels of the picture."""

    def __init__(self, before: int, channels: int, *, style: int) -> None:
        super().__init__()
        self.affine = EqualLinear(style, before, bias=1.0)
        self.weight = nn.Parameter(torch.randn(channels, before, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        with full_precision(x):
            style = self.affine(w) / x.shape[1] ** 0.5
        h = scaled_convolution(x, self.weight, style, demodulate=False)
        return h + self.bias.to(h.dtype)[:, None, None]
