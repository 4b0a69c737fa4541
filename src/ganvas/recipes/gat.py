"""A plain transformer whose pictures of lesser depth are judged too. Hyun, Lee and Heo 2025 (GAT).

https://arxiv.org/abs/2509.24935
"""

from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.intermediate_outputs import IntermediateOutputs
from ..games.simultaneous import Simultaneous
from ..losses.relativistic import Relativistic
from ..metrics.digit_scores import DigitScores
from ..networks.dcgan import DcganCritic
from ..networks.gat import Gat
from ..networks.player import Player
from ..penalties.every import Every
from ..penalties.nearby import ApproximateR1, ApproximateR2
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import PICTURES

TINY = {**PICTURES, "generator.heads": 2, "generator.depth": 2}


def gat() -> Recipe:
    """Transformer, judged at each depth.

    The paper's relativistic loss with approximate R1 and R2, and pictures of lesser depth judged under noise. For one
    core: 16 tokens of 7 x 7 pixels, four blocks and two depths, both players at once, penalties in every second turn,
    and a convolutional D in place of a transformer (`discriminator.kind=VitCritic` is one). The paper generates the
    latents of an autoencoder, and aligns D's features with those of a trained network; neither is done here.
    """
    G, D = (Adam(lr=Cosine(lr, lr / 4, warmup_samples=1_000), beta1=0.0, beta2=0.99) for lr in (1e-3, 2e-3))
    gamma = Cosine(0.2, 0.05)
    return Recipe(
        source=Mnist(),
        G=Player(
            Gat(width=64, depth=4, heads=4, tokens=4, latent=64, outputs=2, conditional=True),
            G,
            ema=Ema(halflife_samples=5_000),
        ),
        D=Player(DcganCritic(width=32, batch_norm=False, conditional=True), D),
        game=Simultaneous(
            loss=Relativistic(),
            penalties=(Every(2, ApproximateR1(gamma=gamma)), Every(2, ApproximateR2(gamma=gamma))),
            auxiliary=(IntermediateOutputs(weights=(0.5,), amplitudes=(0.4,)),),
        ),
        samples=150_000,
        batch_samples=32,
        scores=(DigitScores(),),
    )
