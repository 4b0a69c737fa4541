"""Pictures moved by whole pixels."""

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, Count


@dataclass(frozen=True)
class Shift:
    """x moved by up to `pixels` along each axis, evenly drawn; the border is repeated."""

    pixels: Count = 2
    uniforms: ClassVar[int] = 2
    training_only: ClassVar[bool] = True

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        if batch.x.ndim != 4:
            raise UsageError(
                f"Shift is for pictures, not for x of shape {list(batch.x.shape[1:])}",
                hint="Leave it out: transforms=[]",
            )
        height, width = batch.x.shape[2:]
        start = (u * (2 * self.pixels + 1)).long()  # [B, 2]
        rows = start[:, 0, None, None] + torch.arange(height)[None, :, None]
        columns = start[:, 1, None, None] + torch.arange(width)[None, None, :]
        samples = torch.arange(len(u))[:, None, None]

        def shifted(x: Tensor) -> Tensor:
            padded = F.pad(x, (self.pixels,) * 4, mode="replicate").permute(0, 2, 3, 1)  # [B, H', W', C]
            return padded[samples, rows, columns].permute(0, 3, 1, 2).contiguous()  # [B, C, H, W]

        return batch.each_image(shifted)
