"""A transform that moves pictures by whole pixels."""

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from ..base.types import Batch, Count
from .spans import require_pictures


@dataclass(frozen=True)
class Shift:
    """x moved by k and l pixels along height and width, k and l uniform in {-pixels, ..., pixels}; the border pixels
    are repeated.

    Given images of the same size are moved alike, so pairs stay aligned. A transform of the training data, drawn per
    sample and pass. The view `Translate` moves what D reads instead, and pads with zeros.

    Args:
        pixels: the largest move, at least 1.

    Raises:
        UsageError: x is not [b, c, h, w].

    Example:
        >>> import torch
        >>> from ganvas.augment import Shift
        >>> from ganvas.base.types import Batch
        >>> x = torch.tensor([1.0, 2.0, 3.0]).view(1, 1, 1, 3)
        >>> Shift(pixels=1).transform(Batch(x=x), u=torch.tensor([[0.5, 0.9]])).x.flatten()
        tensor([2., 3., 3.])
    """

    pixels: Count = 2
    uniforms: ClassVar[int] = 2
    training_only: ClassVar[bool] = True

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        require_pictures(self, batch.x)
        height, width = batch.x.shape[2:]
        device = batch.x.device
        start = (u * (2 * self.pixels + 1)).long().to(device)  # [B, 2]
        rows = start[:, 0, None, None] + torch.arange(height, device=device)[None, :, None]
        columns = start[:, 1, None, None] + torch.arange(width, device=device)[None, None, :]
        samples = torch.arange(len(u), device=device)[:, None, None]

        def shifted(x: Tensor) -> Tensor:
            padded = F.pad(x, (self.pixels,) * 4, mode="replicate").permute(0, 2, 3, 1)  # [B, H', W', C]
            return padded[samples, rows, columns].permute(0, 3, 1, 2).contiguous()  # [B, C, H, W]

        return batch.each_image(shifted)
