"""Blocks of transformers over the patches of a picture. Vaswani et al. 2017, https://arxiv.org/abs/1706.03762;
Dosovitskiy et al. 2021, https://arxiv.org/abs/2010.11929

Attention is written out: PyTorch's fused form has no second derivative on the CPU, and penalties on gradients need one.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.errors import UsageError


class MultiHeadAttention(nn.Module):
    """h [B, N, C] -> [B, N, C]: softmax(Q K^T / sqrt(C / heads)) V in each head, then a linear map of all heads.

    Vaswani et al. 2017, equation 1 and section 3.2.2. https://arxiv.org/abs/1706.03762

    Raises:
        UsageError: the heads do not divide the width.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise UsageError(f"{width} numbers cannot be split among {heads} heads", hint="Set heads to a divisor.")
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, h: Tensor) -> Tensor:
        q, k, v = self.qkv(h).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # each [B, heads, N, C / heads]
        scores = (q * q.shape[-1] ** -0.5) @ k.mT  # [B, heads, N, N]
        weights = scores.softmax(-1, dtype=torch.promote_types(scores.dtype, torch.float32)).to(v.dtype)
        read: Tensor = self.out((weights @ v).transpose(1, 2).flatten(2))
        return read


class FeedForward(nn.Module):
    """W2 GELU(W1 h + b1) + b2 of each token, with four times the width inside."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, h: Tensor) -> Tensor:
        narrow: Tensor = self.narrow(F.gelu(self.wide(h)))
        return narrow


class TransformerBlock(nn.Module):
    """h + s a(n(h)), then h + t f(n(h)): attention and feed-forward, each behind a layer norm. [B, N, C] -> the same.

    Dosovitskiy et al. 2021, equations 2 and 3. https://arxiv.org/abs/2010.11929
    s and t are numbers for each channel that begin at `scale` (LayerScale, Touvron et al. 2021,
    https://arxiv.org/abs/2103.17239); without `scale` they are 1 and stay so.
    """

    def __init__(self, width: int, heads: int, *, scale: float | None = None) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.branches = nn.ModuleList([MultiHeadAttention(width, heads), FeedForward(width)])
        self.scales = None if scale is None else nn.Parameter(torch.full((2, width), scale))

    def forward(self, h: Tensor) -> Tensor:
        for number, (norm, branch) in enumerate(zip(self.norms, self.branches, strict=True)):
            step = branch(norm(h))
            h = h + (step if self.scales is None else self.scales[number] * step)
        return h


def glorot(network: nn.Module) -> None:
    """Glorot and Bengio's uniform weights in all linear layers, biases 0."""
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def positions(count: int, width: int) -> nn.Parameter:
    """A learnt vector for each place, N(0, 0.02): [count, width]."""
    return nn.Parameter(0.02 * torch.randn(count, width))


def patch_side(shape: tuple[int, ...], tokens: int) -> int:
    """The side of a square patch, so that the longer side of [C, H, W] has at most `tokens` patches."""
    return math.ceil(max(shape[1:]) / tokens)


def patch_grid(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    """How many patches of this side cover [C, H, W]: down and across."""
    return math.ceil(shape[1] / side), math.ceil(shape[2] / side)


def patches_of(x: Tensor, side: int) -> Tensor:
    """[B, C, H, W] -> [B, N, C * side * side]: the patches, row by row; H and W are multiples of the side."""
    return F.pixel_unshuffle(x, side).flatten(2).mT


def picture_of(patches: Tensor, grid: tuple[int, int], side: int) -> Tensor:
    """The inverse of `patches_of`: [B, N, C * side * side] -> [B, C, H, W]."""
    return F.pixel_shuffle(patches.mT.unflatten(2, grid), side)
