"""Filling holes of free form in pictures.

Pathak et al. 2016 (https://arxiv.org/abs/1604.07379); Yu et al. 2019 (https://arxiv.org/abs/1806.03589)
"""

from ..augment.strokes import Strokes
from ..data.mnist import Mnist
from ..games.pair_terms import MaskedL1
from ..games.translation import Translation
from ..losses.hinge import Hinge
from ..metrics.restoration import HoleError, Restoration
from ..networks.patch import PatchCritic
from ..networks.player import Player
from ..networks.unet import UNet
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Phase, Recipe


def inpaint() -> Recipe:
    """Fills what a brush covers.

    All other pixels stay as they are.

    Yu et al. 2019, with a U-Net in place of gated convolutions. https://arxiv.org/abs/1806.03589
    """
    return Recipe(
        source=Mnist(),
        transforms=(Strokes(),),
        G=Player(UNet(width=16, levels=3), Adam(lr=1e-3), ema=Ema()),
        D=Player(PatchCritic(width=32), Adam(lr=4e-4)),
        game=Translation(loss=Hinge(), reconstruction_weight=1.0, pair_terms=(MaskedL1(weight=10.0),)),
        samples=60_000,
        batch_samples=16,
        phases=(
            Phase(samples=30_000, turns=("reconstruction",)),
            Phase(samples=30_000, changes={"G.optimiser.lr": 4e-4}),
        ),
        scores=(HoleError(), Restoration(n=1_000)),
    )
