"""One picture in, a texture of any size without seams out.

Jetchev, Bergmann and Vollgraf 2016. https://arxiv.org/abs/1611.08207
"""

from collections.abc import Mapping
from typing import Any

from ..base.schedule import Cosine
from ..data.texture import Texture
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.pictures import PictureScores
from ..networks.patch import PatchCritic
from ..networks.player import Player
from ..networks.torus import TorusGenerator
from ..training.optimisers import Adam
from .dcgan import averaged
from .schema import Recipe

TINY: Mapping[str, Any] = {
    "source.samples": 16,
    "source.side": 16,
    "batch_samples": 8,
    "samples": 16,
    "generator.width": 4,
    "generator.doublings": 2,
    "discriminator.width": 4,
    "scores": [],
}


def texture() -> Recipe:
    """Seamless textures of any size.

    A generator whose convolutions wrap around the borders, and a D that judges patches of 54 x 54 pixels, on crops of
    one picture. The paper has no wrapping, and one learning rate for both players.
    """
    return Recipe(
        source=Texture(),
        G=averaged(TorusGenerator(), Adam(lr=Cosine(3e-4), beta1=0.5, beta2=0.99)),
        D=Player(
            PatchCritic(width=16, halvings=3, condition=None, batch_norm=True),
            Adam(lr=Cosine(1e-3), beta1=0.5, beta2=0.99),
        ),
        game=Synthesis(loss=NonSaturating()),
        samples=20_000,
        batch_samples=16,
        scores=(PictureScores(n=256),),
    )
