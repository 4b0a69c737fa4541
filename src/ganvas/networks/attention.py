"""Self-attention: each place of a map also reads all others."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """x + gamma o(softmax(theta(x)^T phi(x)) g(x)), over all places of a map: [B, C, H, W] -> the same shape.

    Zhang et al. 2019 (SAGAN), equations 1 to 3. https://arxiv.org/abs/1805.08318
    theta, phi, g and o are 1 x 1 convolutions without bias; theta and phi have C / 8 channels, g has C / 2. phi and g
    are read at the maxima of 2 x 2 places, as in Brock et al. 2019 (https://arxiv.org/abs/1809.11096). gamma begins at
    0, so that the map is at first unchanged. A condition, which a block of the network may need, is not read.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        narrow, half = max(1, channels // 8), max(1, channels // 2)
        self.theta, self.phi = (nn.Conv2d(channels, narrow, 1, bias=False) for _ in range(2))
        self.g, self.o = nn.Conv2d(channels, half, 1, bias=False), nn.Conv2d(half, channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(1, 1, 1, 1))

    def forward(self, x: Tensor, *condition: Tensor) -> Tensor:
        query = self.theta(x).flatten(2)  # [B, C / 8, N]
        key, value = (F.max_pool2d(layer(x), 2).flatten(2) for layer in (self.phi, self.g))  # [B, ..., N / 4]
        attention = (query.mT @ key).float().softmax(dim=2)  # [B, N, N / 4]
        read = (value @ attention.to(value.dtype).mT).unflatten(2, x.shape[2:])  # [B, C / 2, H, W]
        return x + self.gamma.to(x.dtype) * self.o(read)


def with_attention(
    blocks: Sequence[nn.Module], *, widths: Sequence[int], sides: Sequence[int], most: int
) -> list[nn.Module]:
    """The blocks, with self-attention after the one whose map is the largest of at most `most` pixels; or after none.

    Args:
        blocks: of a network, each of which changes the resolution, and perhaps others after them.
        widths: channels after each block.
        sides: pixels of the longer side of the map after each block.
        most: 0 for no self-attention.
    """
    fitting = [(side, number) for number, side in enumerate(sides) if side <= most]
    if not fitting:
        return list(blocks)
    place = max(fitting)[1]
    return [*blocks[: place + 1], SelfAttention(widths[place]), *blocks[place + 1 :]]
