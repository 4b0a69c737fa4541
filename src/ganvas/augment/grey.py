"""A transform that makes colourisation tasks: the picture without its colours."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch
from ..ops.luminance import luminance
from ..ops.unit_range import to_bytes, to_unit_range


@dataclass(frozen=True)
class Grey:
    """given["input"]: the luminance of x, 0.299 R + 0.587 G + 0.114 B, rounded to bytes, [b, 1, h, w]; x is unchanged.

    ITU-R BT.601 (https://www.itu.int/rec/R-REC-BT.601), as Pillow's grey pictures. The transform makes the task, so
    validation and test data get it too.

    Raises:
        UsageError: x is not [b, 3, h, w].

    Example:
        >>> import torch
        >>> from ganvas.augment import Grey
        >>> from ganvas.base.types import Batch
        >>> Grey().transform(Batch(x=torch.ones(1, 3, 2, 2)), u=torch.zeros(1, 0)).given["input"].shape
        torch.Size([1, 1, 2, 2])
    """

    uniforms: ClassVar[int] = 0
    training_only: ClassVar[bool] = False

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        if batch.x.ndim != 4 or batch.x.shape[1] != 3:
            raise UsageError(
                f"a colourisation needs pictures in colour, and x has the shape {list(batch.x.shape[1:])}",
                hint="Bring pictures in colour, or ask for them: --channels 3.",
            )
        return batch.with_given(input=to_unit_range(to_bytes(luminance(batch.x))))
