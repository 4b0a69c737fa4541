"""DoppelGANger. Lin et al. 2020. https://arxiv.org/abs/1909.13403"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..data.made_sines import MadeSines
from ..domains.series import Series
from ..games.attribute_synthesis import AUXILIARY, AttributeSynthesis
from ..losses.relativistic import Relativistic
from ..losses.wasserstein import Wasserstein
from ..networks.doppelganger import AttributeCritic, Doppelganger, DoppelgangerCritic
from ..networks.player import Player
from ..penalties.gradient import R1, R2
from ..penalties.wgan_gp import WganGp
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe

TINY = {
    "batch_samples": 8,
    "samples": 16,
    "source.samples": 60,
    "source.channels": 2,
    "source.length": 5,
    "generator.width": 4,
    "generator.widths": [4],
    "discriminator.widths": [4],
    "others.A.network.widths": [4],
    "scores": [],
}


def doppelganger() -> Recipe:
    """Series with their attributes.

    Each sequence is scaled by its own range, which is an attribute; then come the steps, four to a cell. Sizes, loss,
    batch and Adam of appendix B of the paper.
    """
    adam = Adam(lr=1e-3, beta1=0.5)
    return Recipe(
        source=MadeSines(),
        domain=Series(each=True),
        G=Player(Doppelganger(), adam),
        D=Player(DoppelgangerCritic(), adam),
        others={AUXILIARY: Player(AttributeCritic(), adam)},
        game=AttributeSynthesis(loss=Wasserstein(), penalties=(WganGp(weight=10.0),)),
        samples=1_000_000,
        batch_samples=100,
        precision="fp32",
    )


def doppelganger_r1r2() -> Recipe:
    """Relativistic loss, R1 and R2.

    And averaged weights of G; learning rates that fall to zero.
    """
    adam = Adam(lr=Cosine(1e-3), beta1=0.0, beta2=0.99)
    return replace(
        doppelganger(),
        G=Player(Doppelganger(noise=8), adam, ema=Ema(halflife_samples=1e9, ramp=0.03)),
        D=Player(DoppelgangerCritic(), adam),
        others={AUXILIARY: Player(AttributeCritic(), adam)},
        game=AttributeSynthesis(loss=Relativistic(), penalties=(R1(gamma=0.1), R2(gamma=0.1))),
    )
