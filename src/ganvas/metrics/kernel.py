"""The kernel distance between two sets of features (KID, where they are Inception's)."""

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from .jackknife import BLOCKS, Estimate, jackknife_variance, require_samples

ROWS = 100  # of a kernel matrix held at a time: few megabytes, which a processor's cache holds


def kernel_distance(*, real: Float[Tensor, "n d"], fake: Float[Tensor, "m _"]) -> Estimate:
    """MMD^2 = mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_{i, j} k(x_i, y_j), k(x, y) = (x.y/d +
    1)^3.

    Gretton et al. 2012, equation 3, with the kernel of Binkowski et al. 2018, section 4,
    https://arxiv.org/abs/1801.01401; called KID for features of Inception. Unbiased: the same expectation at every n,
    and below zero about as often as above for two sets of one distribution. All pairs count, in float64; published
    numbers are means over random subsets, which have the same expectation.

    Args:
        real: features of the reals, at least three rows.
        fake: features of the fakes, at least three rows.

    Returns:
        The distance, with the jackknife's standard error over 20 blocks of each side.

    Raises:
        DataError: fewer than three samples on a side, different widths, or values that are not finite.

    Example:
        >>> import torch
        >>> from ganvas.metrics.kernel import kernel_distance
        >>> round(kernel_distance(real=torch.zeros(3, 2), fake=torch.ones(3, 2)).value, 6)
        7.0
    """
    require_samples(real, fake)
    (x, of_real), (y, of_fake) = in_blocks(real), in_blocks(fake)
    xx, yy, xy = pair_sums(x, x, of_real, of_real), pair_sums(y, y, of_fake, of_fake), pair_sums(x, y, of_real, of_fake)
    xx, yy = xx - torch.diag(own_sums(x, of_real)), yy - torch.diag(own_sums(y, of_fake))
    n, m = torch.bincount(of_real).double(), torch.bincount(of_fake).double()
    total = unbiased(xx.sum(), yy.sum(), xy.sum(), n.sum(), m.sum())
    without_real = unbiased(xx.sum() - 2 * xx.sum(1) + xx.diag(), yy.sum(), xy.sum() - xy.sum(1), n.sum() - n, m.sum())
    without_fake = unbiased(xx.sum(), yy.sum() - 2 * yy.sum(1) + yy.diag(), xy.sum() - xy.sum(0), n.sum(), m.sum() - m)
    return Estimate(float(total), (jackknife_variance(without_real) + jackknife_variance(without_fake)) ** 0.5)


def kernel(x: Float64[Tensor, "n d"], y: Float64[Tensor, "m d"]) -> Float64[Tensor, "n m"]:
    """(x.y/d + 1)^3 of each pair."""
    inner = torch.addmm(x.new_ones(1), x, y.T, alpha=1 / x.shape[1])
    return inner * inner * inner  # ** 3 takes ten times as long


def unbiased(xx: Tensor, yy: Tensor, xy: Tensor, n: Tensor, m: Tensor) -> Tensor:
    """MMD^2 from sums of the kernel over pairs: of different samples of n reals (xx) and of m fakes (yy), and of both
    sides (xy).
    """
    return xx / (n * (n - 1)) + yy / (m * (m - 1)) - 2 * xy / (n * m)


def in_blocks(features: Float[Tensor, "n d"]) -> tuple[Tensor, Tensor]:
    """Features in float64, and the block of each sample [n]."""
    return features.double(), torch.arange(len(features)) % BLOCKS


def pair_sums(
    x: Float64[Tensor, "n d"], y: Float64[Tensor, "m d"], of_x: Tensor, of_y: Tensor
) -> Float64[Tensor, "a b"]:
    """Sums of the kernel over the pairs of each two blocks."""
    belongs = torch.nn.functional.one_hot(of_y).double()
    sums = torch.zeros(int(of_x.max()) + 1, belongs.shape[1], dtype=torch.float64)
    for rows, blocks in zip(x.split(ROWS), of_x.split(ROWS), strict=True):
        sums.index_add_(0, blocks, kernel(rows, y) @ belongs)
    return sums


def own_sums(x: Float64[Tensor, "n d"], of_x: Tensor) -> Float64[Tensor, "a"]:
    """Sums of k(x_i, x_i) over each block."""
    own = (x.square().sum(1) / x.shape[1] + 1) ** 3
    return torch.zeros(int(of_x.max()) + 1, dtype=torch.float64).index_add_(0, of_x, own)
