"""Several digits in one picture: 100 or 1,000 modes. Lin et al. 2018 (PacGAN), section 4.2.

https://arxiv.org/abs/1712.04086
"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..data.stacked_mnist import StackedMnist
from ..games.synthesis import Synthesis
from ..losses.relativistic import Relativistic
from ..metrics.stacked import StackedModes
from ..penalties.every import Every
from ..penalties.gradient import R1, R2
from ..training.optimisers import Adam
from .dcgan import narrow_dcgan
from .schema import Recipe
from .tiny import PICTURES

TINY = {**PICTURES, "source.samples": 64, "source.held_out": 50}


def stacked() -> Recipe:
    """Two digits: 100 modes.

    Two digits, 100 modes, without labels: the game of `rgan` at twice its rate.
    """
    return replace(
        narrow_dcgan(Adam(lr=Cosine(2e-3, warmup_samples=6_400), beta1=0.0, beta2=0.99)),
        source=StackedMnist(digits=2),
        game=Synthesis(loss=Relativistic(), penalties=(Every(8, R1(gamma=0.1)), Every(8, R2(gamma=0.1)))),
        samples=200_000,
        scores=(StackedModes(n=5_000),),
        scorings=2,  # each reads 10,000 digits
    )


def stacked_1000() -> Recipe:
    """Three digits: 1,000 modes.

    Three digits, 1000 modes, scored as PacGAN scores them; for an hour rather than for minutes.
    """
    base = stacked()
    return replace(base, source=StackedMnist(digits=3), scores=(StackedModes(),), scorings=0, samples=1_000_000)
