"""D's logits should not change under transforms that do not change whether an image is real."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from ..augment.flip import Flip
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
        x = transformed(self.transforms, context, context.x_real, "Consistency")
        return self.weight * (context.real.scores - context.verdict(x, "changed").scores).square().sum(1)


@dataclass(frozen=True)
class BalancedConsistency:
    """real |D(x) - D(T(x))|^2 + fake |D(G(z)) - D(T(G(z)))|^2.

    Zhao et al. 2020 (bCR), algorithm 1, where both weights are 10. https://arxiv.org/abs/2002.04724
    Without the second summand G learns to make what only T makes. T is all `transforms` in turn, drawn afresh in each
    turn, for reals and fakes apart.

    Args:
        real: factor of the reals' summand.
        fake: factor of the fakes' summand.
        transforms: changes of x, applied in order.
    """

    real: NonNegative = 10.0
    fake: NonNegative = 10.0
    transforms: tuple[Transform, ...] = (Flip(), Shift(pixels=4))
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = True
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, " v"]:
        real = transformed(self.transforms, context, context.x_real, "BalancedConsistency.real")
        fake = transformed(self.transforms, context, context.x_fake, "BalancedConsistency.fake")
        of_real = (context.real.scores - context.verdict(real, "changed").scores).square().sum(1)
        of_fake = (context.fake.scores - context.verdict(fake, "changed fake").scores).square().sum(1)
        return self.real * of_real + self.fake * of_fake


def transformed(transforms: tuple[Transform, ...], context: Context, x: Tensor, stream: str) -> Tensor:
    """x changed by all transforms in turn, without a gradient to it; `stream` begins the names of their numbers."""
    batch = Batch(x=x.detach())
    with batch.x.device:  # a transform's new tensors stand where x does
        for place, transform in enumerate(transforms):
            batch = transform.transform(batch, context.draws.uniform(f"{stream}.{place}", transform.uniforms))
    return batch.x
