"""How far one distribution must be carried to become the other."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Wasserstein:
    """D: D(G(z)) - D(x); G: -D(G(z)). Arjovsky, Chintala and Bottou 2017, equation 3 and algorithm 1. https://arxiv.org/abs/1701.07875

    D's loss has no bound of its own: something must keep D's slope finite (Clip, WganGp, SpectralNorm). Then minus D's loss estimates the
    earth mover's distance, times that slope.
    """

    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return fake - real

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return -fake
