"""A view that moves whole pixels: mirror images, quarter turns, translations."""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Lt
from jaxtyping import Float, Int64
from torch import Tensor

from ..base.draws import Draws
from ..ops.wavelets import reflected
from .choice import Choice
from .spans import require_pictures


@dataclass(frozen=True)
class Blit:
    """x mirrored left to right (or not, evenly), then turned by 0, 90, 180 or 270 degrees, then moved by whole pixels.

    Karras et al. 2020, appendix B, "pixel blitting". https://arxiv.org/abs/2006.06676
    A view of x [b, c, h, w] of any size. Where the game's strength is p, each of the three is chosen for each sample
    with probability p; what was not chosen changes nothing. The moves are round(U(-share, share) * side) pixels along
    each axis; the picture is reflected about its outermost pixels. Pictures that are not square are turned by 0 or
    180 degrees only.

    Use it where mirrored and turned pictures are no nonsense to D: G will not make them while p is well below 1.

    Args:
        share: the largest move as a share of each side, from 0 to below 1.
        turns: whether pictures are turned.

    Raises:
        UsageError: x is not [b, c, h, w].
    """

    share: Annotated[float, Ge(0), Lt(1)] = 0.125
    turns: bool = True

    def view(self, x: Tensor, draws: Draws, stream: str) -> Float[Tensor, "b c h w"]:
        return self.view_at(x, draws, stream, 1.0)

    def view_at(self, x: Tensor, draws: Draws, stream: str, p: float) -> Float[Tensor, "b c h w"]:
        require_pictures(self, x)
        choice = Choice(draws, stream, (p, p if self.turns else 0.0, p))
        u, (height, width) = draws.uniform(f"{stream}.blit", 4), x.shape[2:]
        mirrored = choice.or_else(0, (2 * u[:, 0]).floor(), 0.0).long()
        turned = choice.or_else(1, (4 * u[:, 1]).floor() if height == width else 2 * (2 * u[:, 1]).floor(), 0.0).long()
        down, right = (
            choice.or_else(2, ((2 * u[:, 2 + axis] - 1) * self.share * size).round(), 0.0).long()
            for axis, size in enumerate((height, width))
        )
        read = source_pixels(height, width, mirrored, turned, down, right)[:, None].expand(-1, x.shape[1], -1)
        return x.flatten(2).gather(2, read).view_as(x)


def source_pixels(
    height: int,
    width: int,
    mirrored: Int64[Tensor, " b"],
    turned: Int64[Tensor, " b"],
    down: Int64[Tensor, " b"],
    right: Int64[Tensor, " b"],
) -> Int64[Tensor, "b hw"]:
    """For each pixel of the result, row by row, the place that it is read from: the three changes, undone in turn.

    Args:
        height, width: of the picture; odd quarter turns need a square.
        mirrored: 0 or 1.
        turned: quarter turns counter-clockwise, 0 to 3.
        down, right: the move in pixels.
    """
    device = mirrored.device
    rows = reflected(torch.arange(height, device=device)[None] - down[:, None], height)[:, :, None]
    columns = reflected(torch.arange(width, device=device)[None] - right[:, None], width)[:, None, :]
    rows, columns = torch.broadcast_tensors(rows, columns)  # [B, H, W]
    by = turned[:, None, None]
    odd, half = by % 2 == 1, by >= 2
    rows, columns = torch.where(odd, columns, rows), torch.where(odd, height - 1 - rows, columns)
    rows, columns = torch.where(half, height - 1 - rows, rows), torch.where(half, width - 1 - columns, columns)
    columns = torch.where(mirrored[:, None, None] == 1, width - 1 - columns, columns)
    return (rows * width + columns).flatten(1)
