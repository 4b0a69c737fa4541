"""A transform that makes inpainting tasks with holes of free form: strokes of a brush."""

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Gt, Le
from jaxtyping import Bool, Float
from torch import Tensor

from ..base.types import Batch, Count
from .spans import require_pictures, with_hole

MOST, TURNS = 4, 5  # strokes of a picture, at most; straight pieces of a stroke
NUMBERS = 3 + 2 * TURNS  # of a stroke: its start (2), its width, and angle and length of each piece
Part = Annotated[float, Gt(0), Le(1)]


@dataclass(frozen=True)
class Strokes:
    """given["known"]: 1 outside strokes of a brush, 0 under them, [b, 1, h, w]; given["masked"]: x with -1 under them,
    [b, c, h, w]; x is unchanged.

    1 to `strokes` strokes; each starts anywhere, and has 5 straight pieces whose direction changes by up to 60 degrees;
    a piece is up to `length` of the picture's longer side long, a stroke `thin` to `thick` of it wide. After Yu et al.
    2019, algorithm 1. https://arxiv.org/abs/1806.03589. Drawn per sample and pass. The transform makes the task, so
    validation and test data get it too.

    Args:
        strokes: the most strokes of a picture, 1 to 4.
        length: the longest piece, as a share of the longer side.
        thin: the least width of a stroke, as a share of the longer side.
        thick: the largest width.

    Raises:
        UsageError: x is not [b, c, h, w].

    Example:
        >>> import torch
        >>> from ganvas.augment import Strokes
        >>> from ganvas.base.types import Batch
        >>> batch = Strokes().transform(Batch(x=torch.ones(1, 1, 16, 16)), u=torch.full((1, 53), 0.5))
        >>> 0 < float(batch.given["known"].mean()) < 1
        True
    """

    strokes: Annotated[Count, Ge(1), Le(MOST)] = MOST
    length: Part = 0.3
    thin: Part = 0.05
    thick: Part = 0.15
    uniforms: ClassVar[int] = 1 + MOST * NUMBERS
    training_only: ClassVar[bool] = False

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        require_pictures(self, batch.x)
        height, width = batch.x.shape[2:]
        hole = torch.cat([self.under(row[None], height, width) for row in u.to(batch.x.device)])
        return with_hole(batch, known=~hole)

    def under(self, u: Float[Tensor, "b n"], height: int, width: int) -> Bool[Tensor, "b 1 h w"]:
        """Where the strokes are."""
        side = max(height, width)
        drawn = u[:, 1:].reshape(len(u), MOST, NUMBERS)
        start = drawn[..., :2] * u.new_tensor([height, width])  # [B, S, 2]
        half = side * (self.thin + (max(self.thick, self.thin) - self.thin) * drawn[..., 2]) / 2  # [B, S]
        angles = 2 * math.pi * drawn[..., 3:4] + (drawn[..., 3 : 3 + TURNS] - 0.5).cumsum(-1) * 2 * math.pi / 3
        steps = torch.stack([angles.sin(), angles.cos()], -1) * drawn[..., 3 + TURNS :, None] * self.length * side
        ends = start[..., None, :] + steps.cumsum(-2)  # [B, S, T, 2]
        begins = torch.cat([start[..., None, :], ends[..., :-1, :]], -2)
        near = squared_distances(begins, ends, height, width) <= half[..., None, None, None].square()
        count = 1 + (u[:, 0] * self.strokes).floor()
        there = torch.arange(MOST, device=u.device) < count[:, None]  # [B, S]
        return (near.any(2) & there[..., None, None]).any(1, keepdim=True)


def squared_distances(
    begins: Float[Tensor, "b s t 2"], ends: Float[Tensor, "b s t 2"], height: int, width: int
) -> Float[Tensor, "b s t h w"]:
    """The squared distance of each pixel's centre from each straight piece, in pixels."""
    rows, columns = (torch.arange(size, device=begins.device) + 0.5 for size in (height, width))
    way = ends - begins
    down, right = rows[:, None] - begins[..., 0, None, None], columns - begins[..., 1, None, None]
    along = down * way[..., 0, None, None] + right * way[..., 1, None, None]
    share = (along / way.square().sum(-1).clamp(min=1e-9)[..., None, None]).clamp(0, 1)
    return (down - share * way[..., 0, None, None]).square() + (right - share * way[..., 1, None, None]).square()
