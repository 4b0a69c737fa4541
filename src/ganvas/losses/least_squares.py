"""Distances to a target instead of the log-likelihood of a verdict."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class LeastSquares:
    """D: (D(x) - 1)^2 / 2 + D(G(z))^2 / 2; G: (D(G(z)) - 1)^2 / 2. Mao et al. 2017, equation 9 (a = 0, b = c = 1). https://arxiv.org/abs/1611.04076

    A logit is a plain number here: D wants 1 for reals and 0 for fakes, and samples on the right side but far away are pulled too.
    """

    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return (real - 1).square() / 2 + fake.square() / 2

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return (fake - 1).square() / 2
