"""The classifiers of handwritten digits whose features score MNIST."""

from dataclasses import replace

from ..augment.shift import Shift
from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.supervised import Supervised
from ..metrics.accuracy import Accuracy
from ..networks.classifier import ConvClassifier
from ..networks.player import Player
from ..networks.salimans import NoisyClassifier
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import TWO_ROUNDS

TINY = {**TWO_ROUNDS, "D.network.width": 4, "scores": []}
TINY_DIGITS_MLP = {**TWO_ROUNDS, "D.network.widths": [8], "scores": []}


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
