"""Pictures mirrored left to right."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch


@dataclass(frozen=True)
class Flip:
    """x or its mirror image, each in half of the passes. It doubles the data where left and right mean nothing; generated pictures will face both ways too."""

    uniforms: ClassVar[int] = 1
    training_only: ClassVar[bool] = True

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        if batch.x.ndim != 4:
            raise UsageError(
                f"Flip is for pictures, not for x of shape {list(batch.x.shape[1:])}",
                hint="Leave it out: transforms=[]",
            )
        mirrored = (u[:, 0] < 0.5)[:, None, None, None]
        return batch.each_image(lambda x: torch.where(mirrored, x.flip(3), x))
