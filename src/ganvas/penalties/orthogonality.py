"""Weight matrices whose rows are orthogonal, of any length."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..base.types import NonNegative
from .contract import Context


@dataclass(frozen=True)
class Orthogonality:
    """weight * sum over weight matrices W of |W W^T (1 - I)|_F^2, the products of different rows.

    Brock et al. 2019, equation 3, where the weight is 1e-4. https://arxiv.org/abs/1809.11096
    The rows of a convolution are its kernels, one for each output. Rows may have any length, and embeddings are left
    out. A scalar: it does not depend on the samples.

    Args:
        weight: factor of the penalty.
        player: the player whose weights it reads; usually the one that minimises it.
    """

    weight: NonNegative = 1e-4
    player: str = "G"
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = False
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, ""]:
        network = context.play.networks[self.player]
        embeddings = [module for module in network.modules() if isinstance(module, nn.Embedding)]
        left_out = {id(parameter) for module in embeddings for parameter in module.parameters()}
        matrices = [
            parameter.flatten(1)
            for parameter in network.parameters()
            if parameter.ndim > 1 and id(parameter) not in left_out
        ]
        products = [matrix @ matrix.T for matrix in matrices]
        squares = [(product - product.diag().diag()).square().sum() for product in products]
        return self.weight * torch.stack(squares).sum()
