"""One picture from another, learnt from pairs.

Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks".
https://arxiv.org/abs/1611.07004
"""

from ..augment.edges import Edges
from ..data.mnist import Mnist
from ..games.translation import Translation
from ..losses.nonsaturating import NonSaturating
from ..metrics.restoration import Restoration
from ..networks.patch import PatchCritic
from ..networks.player import Player
from ..networks.unet import UNet
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe


def pix2pix() -> Recipe:
    """Pictures from outlines or pairs.

    With --data A --to B: pictures B from pictures A of the same names.

    Isola et al. 2017, with a smaller U-Net of instance norm, and patches of 26 pixels. https://arxiv.org/abs/1611.07004
    """
    return Recipe(
        source=Mnist(),
        transforms=(Edges(),),
        G=Player(UNet(width=16, levels=3, inputs=("input",), known=None, norm="instance"), Adam(lr=1e-3), ema=Ema()),
        D=Player(PatchCritic(width=24, condition="input"), Adam(lr=4e-4)),
        game=Translation(
            loss=NonSaturating(), condition="input", reconstruction_weight=100.0, discriminator_weight=0.5
        ),
        samples=50_000,
        batch_samples=16,
        scores=(Restoration(n=1_000),),
    )
