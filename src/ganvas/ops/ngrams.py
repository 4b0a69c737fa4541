"""Texts as vectors: shares of hashed n-grams."""

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from .sequences import PAD

MULTIPLIERS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)  # odd numbers of 32 bits, one for each place in an n-gram
PRIME = 2_147_483_647


def hashed_ngrams(x: Shaped[Tensor, "n t"], size: int, orders: tuple[int, ...] = (1, 2)) -> Float[Tensor, "n f"]:
    """f[h(g) mod size] += s(g) / m over the m n-grams g of a sequence, for each order n; s(g) = 1 or -1, hashed too.

    The hashing trick: Weinberger et al. 2009, equation 1. https://arxiv.org/abs/0902.2206. The orders share the space.

    Args:
        x: token numbers, 0 (PAD) behind the end; whole numbers, of any type.
        size: of a vector.
        orders: of n-grams.

    Returns:
        float32 [n, size].
    """
    ids = x.detach().long().cpu()
    made = torch.zeros(len(ids), size)
    for order in orders:
        count = ids.shape[1] - order + 1
        if count < 1:
            continue
        hashed = torch.full((len(ids), count), order, dtype=torch.int64)
        for place in range(order):
            hashed = (hashed * MULTIPLIERS[place] + ids[:, place : place + count] + 1) % PRIME
        hashed = (hashed ^ (hashed >> 15)) * MULTIPLIERS[0] % PRIME
        whole = (ids[:, order - 1 :] != PAD).float()
        share = whole / whole.sum(1, keepdim=True).clamp(min=1)
        made.scatter_add_(1, hashed // 2 % size, torch.where(hashed % 2 == 1, share, -share))
    return made
