"""Orthogonal wavelets as matrices: sampling at half pixels and back, and bands of frequencies, along one axis.

Daubechies 1992, "Ten lectures on wavelets", sections 6.4 and 8.1. https://doi.org/10.1137/1.9781611970104
Beyond an end of the axis it is reflected about its last pixel, as often as needed. As products of matrices the filters
are fast on every device and can be differentiated as often as wanted.
"""

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from torch import Tensor

SYM2 = (-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314451025)
SYM6 = (
    *(0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633),
    *(0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252),
    *(-0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148),
)  # sums to sqrt(2), orthogonal to its own shifts by 2, six vanishing moments
CENTRE = 5  # of SYM6: its group delay is 5.1 at frequency 0, and within 0.2 of 5 up to the end of its band
BEFORE, AFTER = CENTRE, len(SYM6) - 1 - CENTRE  # half pixels beyond the ends that `halved` reads
BANDS = 4


def reflected(index: Int64[Tensor, "..."], size: int) -> Int64[Tensor, "..."]:
    """Places on an axis of `size` pixels that is reflected about its first and last pixel, as often as needed."""
    if size == 1:
        return torch.zeros_like(index)
    period = 2 * (size - 1)
    index = index.remainder(period)
    return torch.minimum(index, period - index)


def doubling_matrix(size: int, like: Tensor) -> Float[Tensor, "halves n"]:
    """M: M @ x has the values of x [size, ...] at pixels 0, 1/2, 1, ..., size - 1. The filter is SYM6.

    Args:
        size: pixels of the axis.
        like: a tensor of the wanted type and device.
    """
    return _doubling_matrix(size).to(like)


def halved(size: int, like: Tensor) -> Float[Tensor, "n halves"]:
    """M: M @ x has the pixels 0 to size - 1 of values x at the half pixels -BEFORE to 2 (size - 1) + AFTER.

    The filter is SYM6 reversed: what `doubling_matrix` makes, inside the axis, is again x exactly, as SYM6 is
    orthogonal to its shifts.

    Args:
        size: pixels of the result.
        like: a tensor of the wanted type and device.
    """
    return _halved(size).to(like)


def band_filters(size: int, like: Tensor) -> Float[Tensor, "bands n n"]:
    """Matrices of the bands [0, pi/8], [pi/8, pi/4], [pi/4, pi/2], [pi/2, pi]; their sum is the identity.

    With H the filter SYM2, L(z) = H(z) H(1/z) / 2 and B = 1 - L, the bands are L(z) L(z^2) L(z^4), L(z) L(z^2) B(z^4),
    L(z) B(z^2) and B(z): symmetric filters, so that nothing is moved. Mallat 1989, section III, and Karras et al. 2020,
    appendix B. https://arxiv.org/abs/2006.06676

    Args:
        size: pixels of the axis.
        like: a tensor of the wanted type and device.
    """
    return _band_filters(size).to(like)


@lru_cache(maxsize=16)
def _doubling_matrix(size: int) -> Tensor:
    matrix = torch.zeros(2 * size - 1, size, dtype=torch.float64)
    filters = torch.tensor(SYM6, dtype=torch.float64) * 2**0.5
    for tap, value in enumerate(filters):  # half pixel j gets pixel n where j - 2 n = tap - CENTRE
        halves = torch.arange(2 * size - 1)
        twice = halves - (tap - CENTRE)
        here = twice % 2 == 0
        pixels = reflected(twice[here].div(2, rounding_mode="floor"), size)
        matrix.index_put_((halves[here], pixels), value, accumulate=True)
    return matrix


@lru_cache(maxsize=16)
def _halved(size: int) -> Tensor:
    matrix = torch.zeros(size, 2 * size - 1 + BEFORE + AFTER, dtype=torch.float64)
    pixels = torch.arange(size)
    for tap, value in enumerate(SYM6):
        matrix[pixels, 2 * pixels + tap - CENTRE + BEFORE] = value / 2**0.5
    return matrix


@lru_cache(maxsize=16)
def _band_filters(size: int) -> Tensor:
    half = np.convolve(SYM2, SYM2[::-1]) / 2
    low: NDArray[np.float64] = np.ones(1)
    filters: list[NDArray[np.float64]] = []
    for level in range(BANDS - 1):  # from the highest band down
        spread = np.zeros((len(half) - 1) * 2**level + 1)
        spread[:: 2**level] = half
        high = -spread
        high[len(high) // 2] += 1
        filters.append(np.convolve(low, high))
        low = np.convolve(low, spread)
    return torch.stack([_filter_matrix(each, size) for each in (low, *filters[::-1])])


def _filter_matrix(taps: NDArray[np.float64], size: int) -> Tensor:
    """The convolution with a symmetric filter of odd length."""
    matrix = torch.zeros(size, size, dtype=torch.float64)
    pixels = torch.arange(size)
    for tap, value in enumerate(taps):
        places = reflected(pixels + tap - len(taps) // 2, size)
        matrix.index_put_((pixels, places), torch.tensor(value, dtype=torch.float64), accumulate=True)
    return matrix
