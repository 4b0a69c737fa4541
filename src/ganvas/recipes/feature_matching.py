"""Digits from 100 labels. Salimans et al. 2016, section 6.1. https://arxiv.org/abs/1606.03498"""

from dataclasses import replace

from ..augment.shift import Shift
from ..base.schedule import Linear
from ..data.labelled_subset import LabelledSubset
from ..data.mnist import Mnist
from ..games.feature_matching import FeatureMatching
from ..metrics.accuracy import Accuracy
from ..networks.player import Player
from ..networks.salimans import NoisyClassifier, SoftplusMlp
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import TWO_ROUNDS

TINY = {**TWO_ROUNDS, "generator.widths": [8], "discriminator.widths": [8], "scores": []}


def feature_matching() -> Recipe:
    """Classes from 100 labels.

    Ten labelled digits of each class and 50,000 without labels; 60 passes; the learning rate falls to zero over
    the run.
    """
    adam = Adam(lr=Linear(3e-3, 0.0), beta1=0.5)
    return Recipe(
        source=Mnist(),
        streams={"labelled": LabelledSubset(Mnist(), per_class=10)},
        G=Player(SoftplusMlp(), adam),
        D=Player(NoisyClassifier(), adam, ema=Ema(halflife_samples=100_000)),
        game=FeatureMatching(),
        samples=3_000_000,
        batch_samples=100,
        scores=(Accuracy(),),
        scorings=20,
    )


def semisupervised() -> Recipe:
    """100 labels and shifted digits.

    feature-matching whose D must also give a digit and its copy shifted by two pixels the same class; fewer passes
    over the data. Sohn et al. 2020.
    """
    base = feature_matching()
    return replace(base, game=FeatureMatching(transforms=(Shift(pixels=2),)), samples=2_000_000)
