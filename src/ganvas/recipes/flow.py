"""A flow from noise to digits, and the adversary that makes it one step. Zheng and Yang 2025.

https://arxiv.org/abs/2506.09376
"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.flow_matching import FlowMatching
from ..games.synthesis import Synthesis
from ..losses.relativistic import Relativistic
from ..metrics.digit_scores import DigitScores
from ..networks.dcgan import DcganCritic
from ..networks.flow_unet import FlowUNet
from ..networks.player import Player
from ..penalties.nearby import ApproximateR1, ApproximateR2
from ..penalties.transport import Transport
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Phase, Recipe
from .tiny import PICTURES

TINY = {**PICTURES, "samples": 32}
TINY_FLOW = {"generator.width": 4, "batch_samples": 8, "samples": 16, "game.steps": 2, "scores": []}


def flow() -> Recipe:
    """Noise flows to digits, in steps.

    Flow matching by class: Lipman et al. 2023 (https://arxiv.org/abs/2210.02747). No adversary: the teacher that
    `flow.onestep` is compared with.
    """
    return Recipe(
        source=Mnist(),
        G=Player(
            FlowUNet(width=24, conditional=True),
            Adam(lr=Cosine(2e-3, warmup_samples=3_200), beta1=0.9, beta2=0.99),
            ema=Ema(halflife_samples=5_000),
        ),
        game=FlowMatching(steps=16),
        samples=100_000,
        scores=(DigitScores(n=2_000),),
        scorings=2,
    )


def flow_onestep() -> Recipe:
    """The flow, made one step by a GAN.

    The first half of the run is `flow`; in the second an adversary judges G's one step: the relativistic loss with
    approximate R1 and R2, after the adversarial post-training of Zheng and Yang 2025
    (https://arxiv.org/abs/2506.09376), and the short ways of adversarial flow models (`Transport`). D is convolutional
    and learns from the start; the papers' begin from the flow's own weights.
    """
    base = flow()
    assert base.G is not None
    after = {"G.optimiser.lr": 5e-4, "G.optimiser.beta1": 0.0}
    return replace(
        base,
        D=Player(DcganCritic(width=32, batch_norm=False, conditional=True), Adam(lr=1e-3, beta1=0.0, beta2=0.99)),
        game=Synthesis(
            loss=Relativistic(),
            penalties=(ApproximateR1(gamma=0.1), ApproximateR2(gamma=0.1)),
            generator_penalties=(Transport(weight=0.1),),
        ),
        phases=(Phase(samples=1, game=base.game), Phase(samples=1, changes=after)),
        scores=(DigitScores(),),
    )
