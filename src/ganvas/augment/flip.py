"""A transform that mirrors pictures left to right."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.types import Batch
from .spans import require_pictures


@dataclass(frozen=True)
class Flip:
    """x or its mirror image along the width, each with probability 1/2, drawn per sample and pass.

    Given images of the same size are mirrored alike, so pairs stay aligned. It doubles the data where left and right
    mean nothing; generated pictures will then face both ways too. A transform of the training data: it changes what the
    networks learn from, before any network reads it.

    Raises:
        UsageError: x is not [b, c, h, w].

    Example:
        >>> import torch
        >>> from ganvas.augment import Flip
        >>> from ganvas.base.types import Batch
        >>> x = torch.tensor([1.0, 2.0]).view(1, 1, 1, 2)
        >>> Flip().transform(Batch(x=x), u=torch.tensor([[0.3]])).x.flatten()
        tensor([2., 1.])
    """

    uniforms: ClassVar[int] = 1
    training_only: ClassVar[bool] = True

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        require_pictures(self, batch.x)
        mirrored = (u[:, 0] < 0.5).to(batch.x.device)[:, None, None, None]
        return batch.each_image(lambda x: torch.where(mirrored, x.flip(3), x))
