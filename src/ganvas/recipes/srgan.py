"""Larger pictures from small ones: regression first, then the adversarial game.

Ledig et al. 2017, "Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network".
https://arxiv.org/abs/1609.04802
"""

from ..augment.downscale import Downscale
from ..data.mnist import Mnist
from ..games.pair_terms import PerceptualTerm
from ..games.translation import Translation
from ..losses.relativistic import Relativistic
from ..metrics.restoration import Restoration
from ..networks.patch import PatchCritic
from ..networks.player import Player
from ..networks.restorers import Edsr
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Phase, Recipe
from .tiny import PICTURES

TINY = {**PICTURES, "samples": 32, "generator.blocks": 1}


def srgan() -> Recipe:
    """Larger pictures; --scale 2, 4.

    Ledig et al. 2017, with EDSR's network (Lim et al. 2017) and ESRGAN's relativistic loss (Wang et al. 2018).
    https://arxiv.org/abs/1609.04802. The first half of the run is regression alone.
    """
    return Recipe(
        source=Mnist(),
        transforms=(Downscale(factor=2),),
        G=Player(Edsr(width=32, blocks=6), Adam(lr=1e-3), ema=Ema()),
        D=Player(PatchCritic(width=32, condition=None), Adam(lr=2e-4)),
        game=Translation(
            loss=Relativistic(),
            condition="input",
            reconstruction_weight=1.0,
            adversarial_weight=0.005,
            pair_terms=(PerceptualTerm(weight=0.1),),
        ),
        samples=100_000,
        batch_samples=16,
        phases=(
            Phase(samples=50_000, turns=("reconstruction",), changes={"game.pair_terms": []}),
            Phase(samples=50_000, changes={"G.optimiser.lr": 1e-4}),
        ),
        scores=(Restoration(n=1_000),),
    )
