"""Colours for grey pictures. Isola et al. 2017, section 4. https://arxiv.org/abs/1611.07004"""

from ..augment.grey import Grey
from ..data.shapes import Shapes
from ..games.translation import Translation
from ..losses.hinge import Hinge
from ..metrics.pictures import PictureScores
from ..metrics.restoration import Restoration
from ..networks.patch import PatchCritic
from ..networks.player import Player
from ..networks.unet import UNet
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Phase, Recipe


def colorize() -> Recipe:
    """Colours for grey pictures.

    The luminance stays as it was. Isola et al. 2017, section 4. https://arxiv.org/abs/1611.07004
    """
    return Recipe(
        source=Shapes(),
        transforms=(Grey(),),
        G=Player(
            UNet(width=24, levels=3, inputs=("input",), known=None, grey="input", norm="instance"),
            Adam(lr=1e-3),
            ema=Ema(),
        ),
        D=Player(PatchCritic(width=32, condition="input"), Adam(lr=4e-4)),
        game=Translation(loss=Hinge(), condition="input", reconstruction_weight=10.0),
        samples=60_000,
        batch_samples=16,
        phases=(
            Phase(samples=20_000, turns=("reconstruction",)),
            Phase(samples=40_000, changes={"G.optimiser.lr": 4e-4}),
        ),
        scores=(Restoration(n=1_000), PictureScores(n=1_000)),
    )
