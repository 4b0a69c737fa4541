"""The discriminator's side that Minimax and NonSaturating share."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def discriminator_cross_entropy(
    real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"], smoothing: float
) -> Float[Tensor, "b k"]:
    """-(1 - a) log s(D(x)) - a log(1 - s(D(x))) - log(1 - s(D(G(z)))), a the smoothing. Salimans et al. 2016, section
    3.4.

    https://arxiv.org/abs/1606.03498. Computed by -log s(x) = softplus(-x) and -log(1 - s(x)) = softplus(-x) + x, finite
    for every logit.

    Args:
        real: D's logits of reals.
        fake: D's logits of fakes.
        smoothing: a, from 0 to below 1.

    Returns:
        The loss of each pair of logits, in nats.
    """
    return F.softplus(-real) + smoothing * real + F.softplus(fake)
