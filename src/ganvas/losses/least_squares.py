"""Squared distances of logits from target values."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class LeastSquares:
    """D: (D(x) - 1)^2 / 2 + D(G(z))^2 / 2; G: (D(G(z)) - 1)^2 / 2. Mao et al. 2017, equation 9 (a = 0, b = c = 1).
    https://arxiv.org/abs/1611.04076

    Logits are not passed through a sigmoid: the targets are 1 for reals and 0 for fakes, and a sample on the right side
    but far from its target has a gradient too.

    Example:
        >>> import torch
        >>> from ganvas.losses import LeastSquares
        >>> LeastSquares().discriminator(real=torch.tensor([[2.0]]), fake=torch.tensor([[-0.5]]))
        tensor([[0.6250]])
    """

    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return (real - 1).square() / 2 + fake.square() / 2

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return (fake - 1).square() / 2
