"""Waves from noise.

Donahue, McAuley and Puckette 2019, "Adversarial audio synthesis". https://arxiv.org/abs/1802.04208
"""

from ..base.schedule import Cosine
from ..data.made_voices import MadeVoices
from ..domains.audio import Audio
from ..games.class_term import ClassTerm
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..losses.wasserstein import Wasserstein
from ..metrics.spoken_digit_scores import SpokenDigitScores
from ..networks.conditional import ClassConcat
from ..networks.heads import ClassHead
from ..networks.player import Player
from ..networks.wavegan import WaveGan, WaveGanCritic
from ..penalties.every import Every
from ..penalties.gradient import R1
from ..penalties.wgan_gp import WganGp
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


def wavegan() -> Recipe:
    """Waves from noise.

    Donahue et al. 2019, table 3 to 5: a second at 16 kHz, WGAN-GP. Slow on a CPU. https://arxiv.org/abs/1802.04208
    """
    adam = Adam(lr=1e-4, beta1=0.5, beta2=0.9)
    return Recipe(
        source=MadeVoices(rate=16_000),
        domain=Audio(rate=16_000, length=16_384),
        G=Player(WaveGan(), adam),
        D=Player(WaveGanCritic(), adam),
        game=Synthesis(loss=Wasserstein(), penalties=(WganGp(weight=10.0),), n_critic=5),
        samples=64_000_000,
        batch_samples=64,
    )


def wavegan_digits() -> Recipe:
    """Spoken digits, for a CPU.

    Donahue et al. 2019: the networks, an eighth as wide, with phase shuffle, 0.64 s at 8 kHz. WGAN-GP with five turns
    of D is too slow here: a non-saturating loss with R1 and a class term are in its place.
    https://arxiv.org/abs/1802.04208
    """
    adam = Adam(lr=Cosine(1e-3, warmup_samples=3_200), beta1=0.5)
    return Recipe(
        source=MadeVoices(),
        domain=Audio(rate=8_000, length=5_120),
        G=Player(ClassConcat(WaveGan(width=8)), adam, ema=Ema(halflife_samples=2_000)),
        D=Player(ClassHead(WaveGanCritic(width=8)), adam),
        game=Synthesis(loss=NonSaturating(), penalties=(Every(8, R1(gamma=1.0)),), auxiliary=(ClassTerm(),)),
        samples=60_000,
        batch_samples=32,
        scores=(SpokenDigitScores(),),
    )
