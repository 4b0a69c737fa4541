"""The doctor's signals: pure functions of samples, of D's logits or of weights. Thresholds are in history.py."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

NEIGHBOURS = 5
POWER = 3  # steps of the power iteration


def probability_above(high: Tensor, low: Tensor) -> float:
    """P(h > l) + P(h = l) / 2 over all pairs: 1/2 for equal distributions, 1 if every h is larger.

    Mann and Whitney 1947.
    """
    pairs = high.flatten()[:, None] - low.flatten()[None]
    return float((pairs.sign().mean() + 1) / 2)


def discriminator_signals(train: Tensor, held: Tensor | None, fake: Tensor) -> dict[str, float]:
    """D's logits of training reals, of held-out reals and of fakes.

    sign: r_t = E[sign D(train)]; held_ratio: r_v = (D_train - D_val) / (D_train - D_fake).
    Karras et al. 2020, equation 1. https://arxiv.org/abs/2006.06676
    Both depend on the zero and the scale of D, which not every loss fixes. `ahead` and `memory` do not: the share of
    pairs in which D gives a held-out real a larger logit than a fake, and a training real than a held-out real.

    Args:
        train: logits of training reals.
        held: logits of held-out reals, or None; `ahead` then compares training reals with fakes.
        fake: logits of fakes.
    """
    found = {"D.real": float(train.mean()), "D.fake": float(fake.mean()), "D.sign": float(train.sign().mean())}
    if held is None:
        return {**found, "D.ahead": probability_above(train, fake)}
    gap = float(train.mean() - fake.mean())
    ratio = {"D.held_ratio": float(train.mean() - held.mean()) / gap} if gap else {}
    return {
        **found,
        "D.held": float(held.mean()),
        **ratio,
        "D.ahead": probability_above(held, fake),
        "D.memory": probability_above(train, held),
    }


def neighbour_radii(x: Float[Tensor, "n d"]) -> Float[Tensor, " n"]:
    """The distance [n] from each row to its k-th nearest other row, k = NEIGHBOURS."""
    return torch.cdist(x, x).kthvalue(min(NEIGHBOURS, len(x) - 1) + 1, dim=1).values


def coverage_and_precision(between: Float[Tensor, "m n"], reach: Float[Tensor, " n"]) -> tuple[float, float]:
    """Coverage, the share of reals with a sample within their radius; precision, the share of samples within one.

    Naeem et al. 2020. https://arxiv.org/abs/2002.09797
    Kynkaanniemi et al. 2019. https://arxiv.org/abs/1904.06991

    Args:
        between: distances from m samples to n reals.
        reach: the radius of each real.
    """
    near = between <= reach
    return float(near.any(0).float().mean()), float(near.any(1).float().mean())


def energy_coefficient(between: float, x: float, y: float) -> float:
    """Energy coefficient sqrt((2 E|x-y| - E|x-x'| - E|y-y'|) / 2 E|x-y|): 0 for equal distributions, at most 1.

    Szekely and Rizzo 2013, section 6.

    Args:
        between: E|x-y|.
        x: E|x-x'|.
        y: E|y-y'|.
    """
    return math.sqrt(max(0.0, 2 * between - x - y) / max(2 * between, 1e-30))


def repeated_share(among: Float[Tensor, "n n"], near: float) -> float:
    """The share of samples with another sample within the distance `near`; `among` holds the distances of all pairs."""
    return float(((among <= near).sum(1) > 1).float().mean())


def effective_rank(x: Float[Tensor, "n d"]) -> float:
    """Effective rank: exp of the entropy of the covariance's normalised eigenvalues.

    Roy and Vetterli 2007 define it with the singular values of a matrix. Ours takes the eigenvalues of the covariance,
    which are the squares of the singular values of the centred samples, so it is smaller than theirs.
    """
    centred = (x - x.mean(0)).double()
    values = torch.linalg.eigvalsh(centred @ centred.T if len(x) < x.shape[1] else centred.T @ centred).clamp(min=0)
    share = values / values.sum().clamp(min=1e-300)
    return float(torch.exp(-(share * share.clamp(min=1e-300).log()).sum()))


def nearer_to_train(to_train: Float[Tensor, "n m"], to_held: Float[Tensor, "n m"]) -> float:
    """The share of samples closer to training reals than to as many held-out reals: 1/2 without memorisation."""
    return float(((to_held.amin(1) - to_train.amin(1)).sign().mean() + 1) / 2)


def first_layer_norm(network: nn.Module) -> float | None:
    """A lower bound of the largest singular value of the first layer's weight [out, rest], by POWER power iterations.

    The start vector is constant, so the result is deterministic. None for a network without weight matrices.
    """
    weight = next((each.detach() for each in network.parameters() if each.ndim > 1), None)
    if weight is None:
        return None
    matrix = weight.float().flatten(1)
    v = torch.ones(matrix.shape[1], device=matrix.device)
    for _ in range(POWER):
        v = matrix.T @ (matrix @ v)
        v = v / v.norm().clamp(min=1e-30)
    return float((matrix @ v).norm())


def relative_change(before: list[Tensor], now: list[Tensor]) -> float:
    """|w_now - w_before| / |w_before| over all weights."""
    change = torch.stack([(new - old).square().sum() for old, new in zip(before, now, strict=True)]).sum()
    size = torch.stack([old.square().sum() for old in before]).sum()
    return float((change / size.clamp(min=1e-30)).sqrt())
