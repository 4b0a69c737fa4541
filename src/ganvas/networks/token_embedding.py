"""The embedding of tokens, or of distributions over tokens."""

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from ..ops.sequences import PAD


class TokenEmbedding(nn.Module):
    """Tokens [B, T] -> [B, T, width]; distributions [B, T, K] -> their mean embedding. That of PAD is 0."""

    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(tokens, width) / width**0.5)

    def forward(self, x: Shaped[Tensor, "b t *k"]) -> Float[Tensor, "b t e"]:
        if x.ndim == 2:
            x = x.long()  # samples that were stored as floats
            return nn.functional.embedding(x, self.weight) * (x != PAD)[..., None]
        return x[..., PAD + 1 :] @ self.weight[PAD + 1 :]


def text_share(x: Shaped[Tensor, "b t *k"]) -> Float[Tensor, "b t"]:
    """1 at tokens and 0 at the padding; of distributions 1 - p(PAD)."""
    return (x != PAD).float() if x.ndim == 2 else 1 - x[..., PAD]
