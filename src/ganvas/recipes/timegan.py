"""TimeGAN. Yoon et al. 2019.

https://proceedings.neurips.cc/paper/2019/hash/c9efe5f26cd17ba6216bbe2a7d26d490-Abstract.html
"""

from typing import Any

from ..data.made_sines import MadeSines
from ..domains.series import Series
from ..games.timegan import Timegan
from ..networks.player import Player
from ..networks.series_gru import SeriesGru, SeriesGruCritic
from ..training.optimisers import Adam
from .schema import Phase, Recipe

WIDTHS = ("game", "generator", "discriminator", "others.E.network", "others.R.network", "others.S.network")
TINY: dict[str, Any] = {
    "batch_samples": 4,
    "samples": 24,
    "source.samples": 60,
    "source.channels": 2,
    "source.length": 5,
    "generator.layers": 1,
    "scores": [],
} | {f"{name}.width": 4 for name in WIDTHS}


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
