"""Pictures freed from blur, noise and the traces of JPEG."""

from ..augment.degrade import Degrade
from ..data.mnist import Mnist
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


def restore() -> Recipe:
    """Removes blur, noise, JPEG traces.

    Regression by EDSR's blocks (Lim et al. 2017, https://arxiv.org/abs/1707.02921), then the adversarial game with a
    small weight.
    """
    return Recipe(
        source=Mnist(),
        transforms=(Degrade(),),
        G=Player(Edsr(width=32, blocks=4), Adam(lr=1e-3), ema=Ema()),
        D=Player(PatchCritic(width=32, condition="input"), Adam(lr=2e-4)),
        game=Translation(loss=Relativistic(), condition="input", reconstruction_weight=1.0, adversarial_weight=0.002),
        samples=60_000,
        batch_samples=16,
        phases=(
            Phase(samples=45_000, turns=("reconstruction",)),
            Phase(samples=15_000, changes={"G.optimiser.lr": 1e-4}),
        ),
        scores=(Restoration(n=1_000),),
    )
