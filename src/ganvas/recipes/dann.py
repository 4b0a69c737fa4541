"""Digits of a domain without labels. Ganin et al. 2016 (DANN). https://arxiv.org/abs/1505.07818"""

from ..base.schedule import Cosine, Logistic
from ..data.colour_digits import PlainDigits, TexturedDigits
from ..games.domain_adversarial import DomainAdversarial
from ..metrics.accuracy import Accuracy
from ..metrics.prediction_information import PredictionInformation
from ..networks.classifier import ConvClassifier
from ..networks.mlp import MlpCritic
from ..networks.player import Player
from ..training.optimisers import Adam
from .schema import Recipe

TINY = {"batch_samples": 8, "samples": 16, "D.network.width": 4, "others.A.network.widths": [8], "scores": []}


def dann() -> Recipe:
    """Classes of another domain.

    Plain digits with labels, textured ones without; a critic of the features. The checkpoint is chosen by a score that
    needs no labels of the target; its labels serve the second score alone.
    """
    adam = Adam(lr=Cosine(2e-3, warmup_samples=2_000), beta1=0.9)
    return Recipe(
        source=TexturedDigits(),
        streams={"labelled": PlainDigits()},
        D=Player(ConvClassifier(), adam),
        others={"A": Player(MlpCritic(widths=(128,)), adam)},
        game=DomainAdversarial(reversal=Logistic(end=1.0)),
        samples=100_000,
        scores=(PredictionInformation(n=2_000), Accuracy(n=2_000)),
        snapshots=0,
        diagnoses=0,
        remedies=0,
    )
