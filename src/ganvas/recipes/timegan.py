"""TimeGAN. Yoon et al. 2019.

https://proceedings.neurips.cc/paper/2019/hash/c9efe5f26cd17ba6216bbe2a7d26d490-Abstract.html
"""

from dataclasses import replace
from typing import Any

from ..base.schedule import Cosine
from ..data.made_sines import MadeSines
from ..domains.series import Series
from ..games.synthesis import Synthesis
from ..games.timegan import Timegan
from ..losses.relativistic import Relativistic
from ..networks.mlp import Mlp, MlpCritic
from ..networks.player import Player
from ..networks.series_gru import SeriesGru, SeriesGruCritic
from ..penalties.gradient import R1, R2
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Phase, Recipe

SMALL: dict[str, Any] = {
    "batch_samples": 8,
    "samples": 48,
    "source.samples": 60,
    "source.channels": 2,
    "source.length": 5,
    "scores": [],
}
TINY_TIMEGAN_MODERN = {**SMALL, "generator.widths": [8], "discriminator.widths": [8]}
WIDTHS = ("game", "generator", "discriminator", "others.E.network", "others.R.network", "others.S.network")
TINY = {**SMALL, **{f"{name}.width": 4 for name in WIDTHS}, "generator.layers": 1}


def timegan() -> Recipe:
    """TimeGAN: windows of a series.

    Sizes of the authors' program: GRUs of 3 layers and 24 numbers, batches of 128, Adam at 0.001.
    """
    adam = Adam(lr=1e-3, beta1=0.9)
    return Recipe(
        source=MadeSines(),
        domain=Series(),
        G=Player(SeriesGru(), adam),
        D=Player(SeriesGruCritic(), adam),
        others={name: Player(SeriesGru(), adam) for name in ("E", "R", "S")},
        game=Timegan(),
        samples=1_500_000,
        batch_samples=128,
        phases=(Phase(samples=1, turns=("embedding",)), Phase(samples=1, turns=("supervised",)), Phase(samples=1)),
        precision="fp32",
    )


def timegan_modern() -> Recipe:
    """No recurrence; R1 and R2.

    Two fully connected networks for whole windows, under the relativistic loss, with averaged weights: a turn takes a
    fraction of the time. Windows of one length only.
    """
    adam = Adam(lr=Cosine(2e-3), beta1=0.0, beta2=0.99)
    widths = (256, 256, 256)
    return replace(
        timegan(),
        G=Player(Mlp(widths=widths, latent=32), adam, ema=Ema(halflife_samples=1e9, ramp=0.03)),
        D=Player(MlpCritic(widths=widths), adam),
        others={},
        game=Synthesis(loss=Relativistic(), penalties=(R1(gamma=0.1), R2(gamma=0.1))),
        phases=(),
    )
