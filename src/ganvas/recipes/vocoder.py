"""Vocoders: from a mel spectrogram to the wave.

Siuzdak 2023, "Vocos: Closing the gap between time-domain and Fourier-based neural vocoders for high-quality audio
synthesis". https://arxiv.org/abs/2306.00814
"""

from ..augment.mel_segments import MelSegments
from ..base.schedule import Cosine, Exponential
from ..data.made_voices import MadeVoices
from ..domains.audio import Audio
from ..games.pair_terms import MatchedFeatures
from ..games.vocoding import MelL1, Vocoding
from ..losses.hinge import Hinge
from ..losses.least_squares import LeastSquares
from ..metrics.vocoder_scores import VocoderScores
from ..networks.hifigan import V3, HifiGan
from ..networks.player import Player
from ..networks.vocos import Vocos
from ..networks.wave_critics import Joined, Periods, Resolutions, Scales
from ..ops.mel import Mel
from ..training.optimisers import Adam
from .schema import Phase, Recipe

MEL = Mel(rate=8_000, size=512, window=512, hop=128, filters=80, high=0.0)
COMPARED = (  # the input, and a shorter and a longer window: the first sees pulses, the second the pitch
    MEL,
    Mel(rate=8_000, size=256, window=256, hop=64, filters=40, high=0.0),
    Mel(rate=8_000, size=1024, window=1024, hop=256, filters=80, high=0.0),
)
TINY = {
    "batch_samples": 8,
    "samples": 32,
    "scores": [],
    "source.samples": 24,
    "transforms.0.frames": 8,
    "generator.width": 8,
    "generator.blocks": 1,
    "discriminator.networks.0.periods": [2, 3],
    "discriminator.networks.0.width": 1,
    "discriminator.networks.1.sizes": [128],
    "discriminator.networks.1.width": 2,
}
TINY_HIFIGAN = {
    "batch_samples": 8,
    "samples": 16,
    "scores": [],
    "source.samples": 24,
    "transforms.0.frames": 4,
    "generator.width": 8,
    "generator.kernels": [3],
    "generator.dilations": [[1, 2]],
    "discriminator.networks.0.periods": [2],
    "discriminator.networks.0.width": 1,
    "discriminator.networks.1.scales": 1,
    "discriminator.networks.1.width": 16,
}


def vocoder() -> Recipe:
    """Sound from mels, for a CPU.

    Siuzdak 2023, with a smaller generator, fewer and smaller discriminators, and spectrograms of three windows in its
    loss; the first third of the run is without D. https://arxiv.org/abs/2306.00814
    """
    critics = Joined((Periods((2, 3, 5), width=4), Resolutions((512, 256), width=16, strides=(4, 2, 2), kernel=5)))
    return Recipe(
        source=MadeVoices(),
        domain=Audio(),
        transforms=(MelSegments(MEL, frames=16),),
        G=Player(Vocos(width=160, blocks=6), Adam(lr=Cosine(1e-3), beta1=0.8, beta2=0.9)),
        D=Player(critics, Adam(lr=Cosine(1e-3), beta1=0.8, beta2=0.9)),
        game=Vocoding(loss=Hinge(), pair_terms=(MatchedFeatures(weight=2.0), MelL1(weight=45.0, mels=COMPARED))),
        samples=34_000,
        batch_samples=8,
        phases=(Phase(samples=12_000, turns=("reconstruction",)), Phase(samples=22_000)),
        scores=(VocoderScores(mel=MEL),),
    )


def hifigan() -> Recipe:
    """Sound from mels, network V3.

    Kong et al. 2020. https://arxiv.org/abs/2010.05646. Discriminators of the paper's widths: slow on a CPU.
    """
    return Recipe(
        source=MadeVoices(),
        domain=Audio(),
        transforms=(MelSegments(MEL, frames=32),),
        G=Player(HifiGan(**{**V3, "rates": (8, 4, 4)}), Adam(lr=Exponential(2e-4, 1e-4), beta1=0.8, beta2=0.99)),
        D=Player(Joined((Periods(), Scales())), Adam(lr=Exponential(2e-4, 1e-4), beta1=0.8, beta2=0.99)),
        game=Vocoding(
            loss=LeastSquares(),
            discriminator_weight=2.0,  # the paper's squares are not halved
            adversarial_weight=2.0,
            pair_terms=(MatchedFeatures(weight=2.0), MelL1(weight=45.0, mels=(MEL,))),
        ),
        samples=1_000_000,
        batch_samples=16,
        scores=(VocoderScores(mel=MEL),),
    )
