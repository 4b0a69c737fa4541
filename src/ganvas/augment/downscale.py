"""A transform that makes super-resolution tasks: the picture in fewer pixels."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch.nn.functional as F
from annotated_types import Ge, Le
from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch
from ..ops.unit_range import to_bytes, to_unit_range
from .spans import require_pictures


@dataclass(frozen=True)
class Downscale:
    """given["input"]: x resized to 1 / factor of its sides by an antialiased bicubic kernel (a = -1/2), rounded to
    bytes, [b, c, h / factor, w / factor]; x is unchanged.

    Keys 1981 (https://doi.org/10.1109/TASSP.1981.1163711), with the kernel widened by the factor, as Pillow and
    MATLAB's imresize do; the usual task of super-resolution (Ledig et al. 2017, section 3.1,
    https://arxiv.org/abs/1609.04802). The transform makes the task, so validation and test data get it too.

    Args:
        factor: by which both sides shrink.

    Raises:
        UsageError: x is not [b, c, h, w], or its sides are no multiples of the factor.

    Example:
        >>> import torch
        >>> from ganvas.augment import Downscale
        >>> from ganvas.base.types import Batch
        >>> Downscale(2).transform(Batch(x=torch.ones(1, 3, 8, 6)), u=torch.zeros(1, 0)).given["input"].shape
        torch.Size([1, 3, 4, 3])
    """

    factor: Annotated[int, Ge(2), Le(16)] = 2
    uniforms: ClassVar[int] = 0
    training_only: ClassVar[bool] = False

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        require_pictures(self, batch.x)
        height, width = batch.x.shape[2:]
        if height % self.factor or width % self.factor:
            size = f"{larger(width, self.factor)}x{larger(height, self.factor)}"
            raise UsageError(
                f"pictures of {width} x {height} cannot be made {self.factor} times smaller",
                hint=f"Use sides that are multiples of {self.factor}, such as --size {size}.",
            )
        small_size = height // self.factor, width // self.factor
        small = F.interpolate(batch.x.float(), size=small_size, mode="bicubic", antialias=True, align_corners=False)
        return batch.with_given(input=to_unit_range(to_bytes(small)))


def larger(side: int, factor: int) -> int:
    """The next multiple of the factor."""
    return -(-side // factor) * factor
