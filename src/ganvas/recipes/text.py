"""Text by maximum likelihood: the baseline that every adversarial recipe for text is compared with."""

from ..base.schedule import Cosine
from ..data.spelled_numbers import SpelledNumbers
from ..games.likelihood import Likelihood
from ..metrics.text_scores import TextScores
from ..networks.player import Player
from ..networks.text_lstm import TextLstm
from ..networks.text_transformer import TextTransformer
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import TWO_ROUNDS

TINY = {**TWO_ROUNDS, "generator.embedding": 4, "generator.width": 4, "source.samples": 200, "scores": []}
TINY_TEXT_TRANSFORMER = {**TWO_ROUNDS, "generator.width": 8, "generator.depth": 1, "source.samples": 200, "scores": []}


def text() -> Recipe:
    """Text by maximum likelihood.

    No adversary. An LSTM predicts each token from those before it. Numbers in English words, unless --data names a
    text file with a sample a line.
    """
    return Recipe(
        source=SpelledNumbers(),
        G=Player(TextLstm(embedding=64, width=256, dropout=0.2), Adam(lr=Cosine(2e-3), beta1=0.9, beta2=0.99)),
        game=Likelihood(),
        samples=150_000,
        batch_samples=64,
        scores=(TextScores(),),
        remedies=0,
        precision="fp32",
    )


def text_mle() -> Recipe:
    """text, named by its objective.

    MLE is maximum likelihood estimation.
    """
    return text()


def text_transformer() -> Recipe:
    """text with a causal transformer."""
    return Recipe(
        source=SpelledNumbers(),
        G=Player(TextTransformer(dropout=0.1), Adam(lr=Cosine(1e-3, warmup_samples=6_400), beta1=0.9, beta2=0.99)),
        game=Likelihood(),
        samples=150_000,
        batch_samples=64,
        scores=(TextScores(),),
        remedies=0,
        precision="fp32",
    )
