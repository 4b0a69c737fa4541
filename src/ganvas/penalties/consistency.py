"""D's logits should not change under transforms that do not change whether an image is real."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from ..augment.shift import Shift
from ..base.types import Batch, NonNegative, Transform
from .contract import Context


@dataclass(frozen=True)
class Consistency:
    """weight |D(x) - D(T(x))|^2 on real x.

    Zhang et al. 2020 (CR-GAN), where the weight is 10. https://arxiv.org/abs/1910.12027
    T is all `transforms` in turn, drawn afresh in each turn.

    Args:
        weight: factor of the penalty.
        transforms: changes of x, applied in order.
    """

    weight: NonNegative = 10.0
    transforms: tuple[Transform, ...] = (Shift(pixels=2),)
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = True
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, " v"]:
        batch = Batch(x=context.x_real.detach())
        with batch.x.device:  # a transform's new tensors stand where x does
            for place, transform in enumerate(self.transforms):
                batch = transform.transform(batch, context.draws.uniform(f"Consistency.{place}", transform.uniforms))
        changed = context.verdict(batch.x, "changed")
        return self.weight * (context.real.scores - changed.scores).square().sum(1)
