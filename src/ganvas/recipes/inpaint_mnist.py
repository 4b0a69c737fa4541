"""Filling a hole in a picture: regression first, then the adversarial game.

Pathak et al. 2016 (https://arxiv.org/abs/1604.07379); Isola et al. 2017 (https://arxiv.org/abs/1611.07004)
"""

from ..augment.hole import Hole
from ..data.mnist import Mnist
from ..games.translation import Translation
from ..losses.nonsaturating import NonSaturating
from ..metrics.restoration import HoleError
from ..networks.patch import PatchCritic
from ..networks.player import Player
from ..networks.unet import UNet
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Phase, Recipe
from .tiny import PICTURES

TINY = {**PICTURES, "samples": 32}  # two rounds in each phase


def inpaint_mnist() -> Recipe:
    """Fills a hole in a picture.

    A 10 x 10 hole in a digit, filled by a U-Net; a patch discriminator makes the result sharp.
    """
    return Recipe(
        source=Mnist(),
        transforms=(Hole(side=10, margin=6),),
        G=Player(UNet(width=16), Adam(lr=1e-3), ema=Ema()),
        D=Player(PatchCritic(width=32), Adam(lr=1e-3)),
        game=Translation(loss=NonSaturating(), reconstruction_weight=20.0),
        samples=100_000,
        phases=(
            Phase(samples=50_000, turns=("reconstruction",)),
            Phase(samples=50_000, changes={"G.optimiser.lr": 2e-4}),
        ),
        scores=(HoleError(),),
    )
