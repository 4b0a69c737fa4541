"""The Wasserstein loss: the difference of mean logits."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Wasserstein:
    """D: D(G(z)) - D(x); G: -D(G(z)). Arjovsky, Chintala and Bottou 2017, equation 3 and algorithm 1.
    https://arxiv.org/abs/1701.07875

    D's loss is not bounded below unless D's slope is: use it with Clip, WganGp or SpectralNorm. Then minus D's loss
    estimates the Wasserstein-1 distance times the bound of that slope.

    Example:
        >>> import torch
        >>> from ganvas.losses import Wasserstein
        >>> Wasserstein().discriminator(real=torch.tensor([[2.0]]), fake=torch.tensor([[-0.5]]))
        tensor([[-2.5000]])
    """

    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return fake - real

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return -fake
