"""A discriminator that also classifies digits. Odena, Olah and Shlens 2017. https://arxiv.org/abs/1610.09585"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..games.class_term import ClassTerm
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.digit_mlp_scores import DigitMlpScores
from ..metrics.digit_scores import DigitScores
from ..networks.conditional import ClassConcat
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.heads import ClassHead
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .dcgan import dcgan
from .schema import Recipe


def acgan() -> Recipe:
    """D also predicts the class.

    The class is concatenated to z in G; D predicts it. As narrow and quick as recipe `mnist`.
    """
    adam = Adam(lr=Cosine(4e-3, warmup_samples=6_400))
    return replace(
        dcgan(),
        G=Player(ClassConcat(Dcgan(width=32, latent=64)), adam, ema=Ema(halflife_samples=5_000)),
        D=Player(ClassHead(DcganCritic(width=32, batch_norm=False)), adam),
        game=Synthesis(loss=NonSaturating(), auxiliary=(ClassTerm(),)),
        samples=300_000,
        scores=(DigitScores(), DigitMlpScores()),  # D's class head may flatter the first
    )
