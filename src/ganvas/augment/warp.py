"""A view that scales, turns and moves pictures by any amount, in one resampling."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.draws import Draws
from ..base.types import NonNegative
from ..ops.affine import rotation, scaling, translation, warp
from .choice import Choice, Degrees, only_rows
from .spans import require_pictures


@dataclass(frozen=True)
class Warp:
    """x scaled by s, turned by a, scaled by t across and 1/t down, turned by a', moved: one affine map of its points.

    Karras et al. 2020, appendix B, "general geometric transformations". https://arxiv.org/abs/2006.06676
    s and t are 2^N(0, scale^2), the angles are uniform, the moves N(0, share^2) of each side. A view of x [b, c, h, w]
    of any size. Where the game's strength is p, the two scalings and the move are chosen for each sample with
    probability p, and each turn with 1 - sqrt(1 - p), so that a sample is turned with probability p. All are composed
    to one matrix, and each picture is resampled once, at half pixels with the wavelet sym6, see `ops.affine.warp`;
    outside, it is reflected. A sample for which none was chosen is not resampled.

    Args:
        scale: deviation of the scalings' binary logarithms, at least 0.
        angle: the largest angle in degrees, from 0 to 180.
        share: deviation of the move as a share of each side, at least 0.

    Raises:
        UsageError: x is not [b, c, h, w].
    """

    scale: NonNegative = 0.2
    angle: Degrees = 180.0
    share: NonNegative = 0.125

    def view(self, x: Tensor, draws: Draws, stream: str) -> Float[Tensor, "b c h w"]:
        return self.view_at(x, draws, stream, 1.0)

    def view_at(self, x: Tensor, draws: Draws, stream: str, p: float) -> Float[Tensor, "b c h w"]:
        require_pictures(self, x)
        turn = 1 - math.sqrt(1 - p)
        choice = Choice(draws, stream, (p, turn, p, turn, p))
        rows = choice.rows
        if not len(rows):
            return x
        taken = x[rows].to(torch.promote_types(x.dtype, torch.float32))
        with torch.autocast(x.device.type, enabled=False):
            matrices = self.matrices(choice, *x.shape[2:])[rows].to(taken.dtype)
            return only_rows(x, rows, warp(taken, matrices))

    def matrices(self, choice: Choice, height: int, width: int) -> Float[Tensor, "b 3 3"]:
        """The composed map of each sample, in pixels from the centre; the identity where nothing was chosen."""
        n = choice.draws.normal(f"{choice.stream}.warp", 4)
        u = choice.draws.uniform(f"{choice.stream}.angles", 2)
        one = choice.or_else(0, 2 ** (self.scale * n[:, 0]), 1.0)
        wide = choice.or_else(2, 2 ** (self.scale * n[:, 1]), 1.0)
        before, after = (
            choice.or_else(place, math.radians(self.angle) * (2 * u[:, axis] - 1), 0.0)
            for axis, place in enumerate((1, 3))
        )
        right, down = (
            choice.or_else(4, self.share * size * n[:, 2 + axis], 0.0) for axis, size in enumerate((width, height))
        )
        turned = rotation(before) @ scaling(one, one)
        return translation(right, down) @ rotation(after) @ scaling(wide, 1 / wide) @ turned
