"""The classifier of handwritten digits whose features score MNIST."""

from ..augment.shift import Shift
from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.supervised import Supervised
from ..metrics.accuracy import Accuracy
from ..networks.classifier import ConvClassifier
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import TWO_ROUNDS

TINY = {**TWO_ROUNDS, "D.network.width": 4, "scores": []}


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
