"""The classifiers of handwritten and of spoken digits whose features score generators."""

from dataclasses import replace

from ..augment.shift import Shift
from ..augment.varied_voice import VariedVoice
from ..base.schedule import Cosine
from ..data.made_voices import MadeVoices
from ..data.mnist import Mnist
from ..domains.audio import Audio
from ..games.supervised import Supervised
from ..metrics.accuracy import Accuracy
from ..networks.classifier import ConvClassifier
from ..networks.player import Player
from ..networks.salimans import NoisyClassifier
from ..networks.sound_classifier import SoundClassifier
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import TWO_ROUNDS

TINY = {**TWO_ROUNDS, "D.network.width": 4, "scores": []}
TINY_DIGITS_MLP = {**TWO_ROUNDS, "D.network.widths": [8], "scores": []}
TINY_DIGITS_SPOKEN = {**TINY, "source.samples": 24}


def digits() -> Recipe:
    """Reads digits, for the scores.

    Shifted by up to two pixels, labels smoothed a little, cosine to zero.
    """
    return Recipe(
        source=Mnist(),
        transforms=(Shift(pixels=2),),
        D=Player(ConvClassifier(), Adam(lr=Cosine(3e-3, warmup_samples=10_000), beta1=0.9), ema=Ema()),
        game=Supervised(smoothing=0.05),
        samples=750_000,
        batch_samples=128,
        scores=(Accuracy(),),
    )


def digits_mlp() -> Recipe:
    """Reads digits, fully connected.

    For the scores of recipes whose D is a classifier too.

    Fully connected, with weight normalisation; Gaussian noise on its input and hidden layers takes the place of shifts,
    dropout and smoothed labels. Salimans et al. 2016, section 5.1. https://arxiv.org/abs/1606.03498
    """
    network = NoisyClassifier(widths=(384, 256, 128), input_noise=0.3, hidden_noise=0.3)
    return replace(
        digits(),
        transforms=(),
        D=Player(network, Adam(lr=Cosine(3e-3, warmup_samples=10_000), beta1=0.9), ema=Ema()),
        game=Supervised(),
        samples=600_000,
    )


def digits_spoken() -> Recipe:
    """Reads spoken digits, for scores.

    Of recordings with classes: --data FOLDER of files as 7_jackson_32.wav. Each is heard at other speeds, levels and
    places; labels smoothed a little, cosine to zero.
    """
    return Recipe(
        source=MadeVoices(),
        domain=Audio(rate=8_000, length=8_192),
        transforms=(VariedVoice(),),
        D=Player(SoundClassifier(), Adam(lr=Cosine(3e-3, warmup_samples=6_400), beta1=0.9), ema=Ema()),
        game=Supervised(smoothing=0.05),
        samples=120_000,
        batch_samples=64,
        scores=(Accuracy(),),
    )
