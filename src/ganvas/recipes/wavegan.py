"""Waves of spoken digits from noise.

Donahue, McAuley and Puckette 2019, "Adversarial audio synthesis". https://arxiv.org/abs/1802.04208
"""

from ..base.schedule import Cosine
from ..data.made_voices import MadeVoices
from ..domains.audio import Audio
from ..games.class_term import ClassTerm
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.spoken_digit_scores import SpokenDigitScores
from ..networks.conditional import ClassConcat
from ..networks.heads import ClassHead
from ..networks.player import Player
from ..networks.wavegan import WaveGan, WaveGanCritic
from ..penalties.every import Every
from ..penalties.gradient import R1
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import TWO_ROUNDS

TINY = {
    **TWO_ROUNDS,
    "source.samples": 24,
    "scores": [],
    "domain.length": 1024,
    "generator.width": 2,
    "discriminator.width": 2,
}


def wavegan_digits() -> Recipe:
    """Spoken digits, for a CPU.

    Donahue et al. 2019: the networks, a quarter as wide, with phase shuffle, at 8 kHz. In place of WGAN-GP with five
    turns of D: the non-saturating loss with R1 and a class term, which a CPU can afford. https://arxiv.org/abs/1802.04208
    """
    adam = Adam(lr=Cosine(1e-3, warmup_samples=3_200), beta1=0.5)
    return Recipe(
        source=MadeVoices(),
        domain=Audio(rate=8_000, length=8_192),
        G=Player(ClassConcat(WaveGan(width=16)), adam, ema=Ema(halflife_samples=2_000)),
        D=Player(ClassHead(WaveGanCritic(width=16)), adam),
        game=Synthesis(loss=NonSaturating(), penalties=(Every(8, R1(gamma=1.0)),), auxiliary=(ClassTerm(),)),
        samples=40_000,
        batch_samples=32,
        scores=(SpokenDigitScores(),),
    )
