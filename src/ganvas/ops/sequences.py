"""Sequences of tokens as numbers: special tokens, the mask of what is text, draws from a distribution, n-grams."""

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

PAD, BEGIN, END, UNKNOWN = range(4)
SPECIAL = 4  # ids below it are no text
MULTIPLIERS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)  # odd numbers of 32 bits, one for each place in an n-gram
PRIME = 2_147_483_647


def token_mask(x: Int[Tensor, "b t"]) -> Bool[Tensor, "b t"]:
    """True at the tokens of a sequence and at its END; False at the padding behind it."""
    return x != PAD


def shifted(x: Int[Tensor, "b t"]) -> Int[Tensor, "b t"]:
    """What a causal network reads where it predicts x: BEGIN, then x without its last token."""
    return torch.cat([torch.full_like(x[:, :1], BEGIN), x[:, :-1]], dim=1)


def right_aligned(x: Int[Tensor, "b t"]) -> Int[Tensor, "b t"]:
    """The same sequences with their padding before them: what reads them ends with their last token."""
    places = torch.arange(x.shape[1], device=x.device) - (x == PAD).sum(1, keepdim=True)
    return torch.where(places >= 0, x.gather(1, places.clamp(min=0)), PAD)


def standard_uniform(z: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Standard normal numbers to uniform ones in [0, 1): the normal distribution function."""
    return (0.5 * torch.erfc(-z.double() / 2**0.5)).float().clamp(max=1 - 2.0**-24)


def inverse_cdf(logits: Float[Tensor, "b k"], u: Float[Tensor, " b"], temperature: float = 1.0) -> Int[Tensor, " b"]:
    """A draw from softmax(logits / temperature): the first class whose cumulative probability exceeds u.

    Args:
        logits: -inf for classes that are never drawn; at least one of each row is finite.
        u: uniform numbers in [0, 1), one a row: the same u gives the same class.
        temperature: above 0; below 1 the likely classes become likelier.
    """
    cumulative = (logits.float() / temperature).softmax(1).cumsum(1, dtype=torch.float64)
    return torch.searchsorted(cumulative, (u.double() * cumulative[:, -1])[:, None], right=True)[:, 0]


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
