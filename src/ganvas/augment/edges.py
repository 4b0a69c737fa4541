"""A transform that makes pairs of outlines and pictures."""

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from ..base.types import Batch
from .spans import require_pictures


@dataclass(frozen=True)
class Edges:
    """given["input"]: 1 on the outline of the bright parts of x, else -1, [b, 1, h, w]; with `reverse` the picture is
    given and the outline is to be made: given["input"] is x, and x the outline.

    A pixel is bright where the mean of its channels is above 0, and on the outline where it is not bright and one of
    its 8 neighbours is: the outer boundary of a mathematical morphology (Serra 1982). The transform makes the task, so
    validation and test data get it too.

    Args:
        reverse: whether outlines are made from pictures.

    Raises:
        UsageError: x is not [b, c, h, w].

    Example:
        >>> import torch
        >>> from ganvas.augment import Edges
        >>> from ganvas.base.types import Batch
        >>> x = torch.tensor([[[[-1.0, -1.0, -1.0, -1.0, 1.0]]]])
        >>> Edges().transform(Batch(x=x), u=torch.zeros(1, 0)).given["input"]
        tensor([[[[-1., -1., -1.,  1., -1.]]]])
    """

    reverse: bool = False
    uniforms: ClassVar[int] = 0
    training_only: ClassVar[bool] = False

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        require_pictures(self, batch.x)
        bright = (batch.x.mean(1, keepdim=True) > 0).to(batch.x.dtype)
        outline = 2 * (F.max_pool2d(bright, 3, 1, 1) - bright) - 1
        if not self.reverse:
            return batch.with_given(input=outline)
        return Batch(outline.expand_as(batch.x).contiguous(), batch.y, {**batch.given, "input": batch.x}, batch.index)
