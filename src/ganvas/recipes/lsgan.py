"""Least squares instead of cross-entropy. Mao et al. 2017. https://arxiv.org/abs/1611.04076"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..games.synthesis import Synthesis
from ..losses.least_squares import LeastSquares
from ..training.optimisers import Adam
from .dcgan import narrow_dcgan
from .schema import Recipe


def lsgan() -> Recipe:
    """Least-squares loss.

    dcgan at half the width, no batch norm in D; the paper's beta1 of 0.5, and 10 times its learning rate of 2e-4,
    cosine to zero, for a run of minutes.
    """
    return replace(
        narrow_dcgan(Adam(lr=Cosine(2e-3, warmup_samples=6_400))),
        game=Synthesis(loss=LeastSquares()),
        samples=250_000,
    )
