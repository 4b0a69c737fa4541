"""What D says of a picture should not change with what does not matter."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from ..augment.shift import Shift
from ..base.types import Batch, NonNegative, Transform
from .contract import Pass


@dataclass(frozen=True)
class Consistency:
    """weight |D(x) - D(T(x))|^2 on real x, for the verdict alone. Zhang et al. 2020 (CR-GAN), where the weight is 10. https://arxiv.org/abs/1910.12027

    T is all `transforms` in turn, drawn afresh in each turn.
    """

    weight: NonNegative = 10.0
    transforms: tuple[Transform, ...] = (Shift(pixels=2),)
    interval: ClassVar[int] = 1
    gradients: ClassVar[bool] = False

    def penalty(self, judged: Pass) -> Float[Tensor, " v"]:
        assert judged.x_real is not None, "it looks at reals"
        batch = Batch(x=judged.x_real.detach())
        with batch.x.device:  # a transform's new tensors stand where x does
            for place, transform in enumerate(self.transforms):
                batch = transform.transform(batch, judged.draws.uniform(f"Consistency.{place}", transform.uniforms))
        return self.weight * (judged.real.logits - judged.judge(batch.x, "changed").logits).square().sum(1)

    def __str__(self) -> str:
        return "Consistency"
