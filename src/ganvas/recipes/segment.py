"""Maps of classes from pictures, with few of them labelled.

Luc et al. 2016 (https://arxiv.org/abs/1611.08408); Hung et al. 2018 (https://arxiv.org/abs/1802.07934)
"""

from ..data.shapes import ShapeMaps
from ..domains.label_maps import LabelMaps
from ..games.segmentation import Segmentation
from ..losses.least_squares import LeastSquares
from ..metrics.class_maps import MapAgreement
from ..networks.patch import PatchCritic
from ..networks.player import Player
from ..networks.unet import UNet
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Phase, Recipe


def segment() -> Recipe:
    """Maps of what each pixel shows.

    Luc et al. 2016, with the masked term of Hung et al. 2018 for pictures without a map.
    https://arxiv.org/abs/1611.08408
    """
    return Recipe(
        source=ShapeMaps(noise=15.0),
        domain=LabelMaps(),
        G=Player(UNet(width=16, levels=3, inputs=("input",), known=None, output="classes"), Adam(lr=1e-3), ema=Ema()),
        D=Player(PatchCritic(width=24, condition="input"), Adam(lr=2e-4)),
        game=Segmentation(loss=LeastSquares()),
        samples=40_000,
        batch_samples=16,
        phases=(
            Phase(samples=20_000, turns=("reconstruction",)),
            Phase(samples=20_000, changes={"G.optimiser.lr": 5e-4}),
        ),
        scores=(MapAgreement(n=1_000),),
    )
