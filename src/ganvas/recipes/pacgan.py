"""A discriminator of pairs of samples, which detects a lack of variety. Lin et al. 2018.

https://arxiv.org/abs/1712.04086
"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..networks.mlp import Mlp, MlpCritic
from ..networks.packed import Packed
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .points import grid
from .schema import Recipe
from .tiny import POINTS

TINY = POINTS


def pacgan() -> Recipe:
    """25 Gaussians, D judges pairs.

    The paper's players (section 4.1) on 25 Gaussians: G of 4 x 400, batch norm, ReLU; D of 3 x 200, maxout 5; batches
    of 100.

    A twentieth of the paper's 40,000,000 samples, at 10 times its learning rate of 1e-4, cosine to zero.
    """
    adam = Adam(lr=Cosine(1e-3), beta1=0.8)
    return replace(
        grid(),
        G=Player(Mlp(widths=(400,) * 4, latent=2, batch_norm=True, slope=0.0), adam, ema=Ema()),
        D=Player(Packed(MlpCritic(widths=(200,) * 3, maxout=5), pack=2), adam),
        game=Synthesis(loss=NonSaturating()),
        samples=2_000_000,
        batch_samples=100,
    )
