"""A transform that makes inpainting tasks: a hole in a picture. Pathak et al. 2016, section 3.3.
https://arxiv.org/abs/1604.07379
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, Count
from .spans import pixels_in_span, with_hole


@dataclass(frozen=True)
class Hole:
    """given["known"]: 1 outside a square, 0 inside it, [b, 1, h, w]; given["masked"]: x with -1 inside it, [b, c, h,
    w]; x is unchanged.

    Pathak et al. 2016, section 3.3. https://arxiv.org/abs/1604.07379. The place of the square is uniform, drawn per
    sample and pass. The transform makes the task, so validation and test data get it too.

    Args:
        side: pixels of a side of the square.
        margin: pixels between the square and the border of the picture, where there may be nothing to restore.

    Raises:
        UsageError: x is not [b, c, h, w], or the square with its margin is larger than the pictures.

    Example:
        >>> import torch
        >>> from ganvas.augment import Hole
        >>> from ganvas.base.types import Batch
        >>> batch = Hole(side=1, margin=1).transform(Batch(x=torch.ones(1, 1, 3, 3)), u=torch.zeros(1, 2))
        >>> batch.given["masked"][0, 0]
        tensor([[ 1.,  1.,  1.],
                [ 1., -1.,  1.],
                [ 1.,  1.,  1.]])
    """

    side: Count = 10
    margin: Annotated[int, Ge(0)] = 6
    uniforms: ClassVar[int] = 2
    training_only: ClassVar[bool] = False

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        if batch.x.ndim != 4 or min(batch.x.shape[2:]) < self.side + 2 * self.margin:
            raise UsageError(
                f"a hole of {self.side} with a margin of {self.margin} does not fit x of shape "
                f"{list(batch.x.shape[1:])}",
                hint="Make it smaller.",
            )
        inside = [
            pixels_in_span(self.margin + (place * (size - self.side - 2 * self.margin + 1)).floor(), self.side, size)
            for size, place in zip(batch.x.shape[2:], u.to(batch.x.device).unbind(1), strict=True)
        ]
        known = ~(inside[0][:, None, :, None] & inside[1][:, None, None, :])  # [B, 1, H, W]
        return with_hole(batch, known)
