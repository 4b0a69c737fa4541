"""Sequences of tokens as numbers: the special tokens, the mask of what is text, and draws from a distribution."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

PAD, BEGIN, END, UNKNOWN = range(4)
SPECIAL = 4  # ids below it are no text


def token_mask(x: Int[Tensor, "b t"]) -> Bool[Tensor, "b t"]:
    """True at the tokens of a sequence and at its END; False at the padding behind it."""
    return x != PAD


def shifted(x: Int[Tensor, "b t"]) -> Int[Tensor, "b t"]:
    """What a causal network reads where it predicts x: BEGIN, then x without its last token."""
    return torch.cat([torch.full_like(x[:, :1], BEGIN), x[:, :-1]], dim=1)


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
    cumulative = (logits.double() / temperature).softmax(1).cumsum(1)
    return torch.searchsorted(cumulative, (u.double() * cumulative[:, -1])[:, None], right=True)[:, 0]
