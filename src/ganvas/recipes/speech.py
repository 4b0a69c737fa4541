"""Words of a closed vocabulary to mel spectrograms, which a vocoder or Griffin-Lim speaks (`ganvas speak`).

Ren et al. 2019, "FastSpeech", gives each unit its duration. https://arxiv.org/abs/1905.09263
"""

from ..base.schedule import Cosine
from ..data.made_voices import MadeVoices
from ..domains.mels import Mels
from ..games.speaking import Speaking
from ..losses.hinge import Hinge
from ..metrics.spoken_digit_scores import SpokenDigitScores
from ..networks.dcgan import DcganCritic
from ..networks.player import Player
from ..networks.word_speaker import WordSpeaker
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Phase, Recipe
from .tiny import TWO_ROUNDS

TINY = {
    **TWO_ROUNDS,
    "samples": 32,
    "source.samples": 24,
    "scores": [],
    "generator.width": 8,
    "generator.blocks": 1,
    "discriminator.width": 2,
    "discriminator.widest": 4,
}


def speech() -> Recipe:
    """Words to mels, for `speak`.

    Ren et al. 2019: durations are given (https://arxiv.org/abs/1905.09263); here a unit is a whole word. Three
    quarters of the run are regression, then D enters.
    """
    domain = Mels()
    adam = Adam(lr=Cosine(2e-3, warmup_samples=1_600), beta1=0.5)
    return Recipe(
        source=MadeVoices(),
        domain=domain,
        G=Player(WordSpeaker(), adam, ema=Ema(halflife_samples=2_000)),
        D=Player(DcganCritic(width=8, batch_norm=False, conditional=True), adam),
        game=Speaking(loss=Hinge(), reconstruction_weight=20.0),
        samples=28_000,
        batch_samples=16,
        phases=(Phase(samples=3, turns=("reconstruction",)), Phase(samples=1)),
        scores=(SpokenDigitScores(mel=domain.mel),),
    )
