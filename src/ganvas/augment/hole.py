"""A hole in a picture, to be filled in. Pathak et al. 2016, section 3.3. https://arxiv.org/abs/1604.07379"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, Count


@dataclass(frozen=True)
class Hole:
    """given["known"]: 1 outside a square of `side` pixels, 0 in it; given["masked"]: x with -1 there. The place is drawn afresh in every pass.

    The square keeps `margin` pixels from the border, where there may be nothing to restore.
    """

    side: Count = 10
    margin: Annotated[int, Ge(0)] = 6
    uniforms: ClassVar[int] = 2
    training_only: ClassVar[bool] = False

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        if batch.x.ndim != 4 or min(batch.x.shape[2:]) < self.side + 2 * self.margin:
            raise UsageError(
                f"a hole of {self.side} with a margin of {self.margin} does not fit x of shape {list(batch.x.shape[1:])}",
                hint="Make it smaller.",
            )
        height, width = batch.x.shape[2:]
        inside = [
            span(size, self.side, self.margin, place) for size, place in zip((height, width), u.unbind(1), strict=True)
        ]
        known = ~(inside[0][:, None, :, None] & inside[1][:, None, None, :])  # [B, 1, H, W]
        return batch.with_given(known=known.float(), masked=torch.where(known, batch.x, -1.0))


def span(size: int, side: int, margin: int, place: Tensor) -> Tensor:
    """Which of `size` pixels lie in a span of `side` at each `place` in [0, 1): [B, size]."""
    start = margin + (place * (size - side - 2 * margin + 1)).floor()
    pixels = torch.arange(size)
    return (pixels >= start[:, None]) & (pixels < start[:, None] + side)
