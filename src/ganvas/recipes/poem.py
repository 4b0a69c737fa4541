"""Chinese quatrains: lines of one length, punctuation by construction."""

from ..base.schedule import Cosine
from ..data.made_quatrains import MadeQuatrains
from ..domains.poems import Poems
from ..games.likelihood import Likelihood
from ..metrics.text_scores import TextScores
from ..networks.player import Player
from ..networks.text_lstm import TextLstm
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import TWO_ROUNDS

TINY = {**TWO_ROUNDS, "generator.embedding": 4, "generator.width": 4, "source.samples": 200, "scores": []}


def poem() -> Recipe:
    """Poems of four lines of one length.

    Tang quatrains with --data, a poem a line, with punctuation or without; else characters drawn under the rules of
    tones and rhyme. An LSTM by maximum likelihood, no adversary. `ganvas eval` judges rhyme and tones.
    """
    return Recipe(
        source=MadeQuatrains(),
        domain=Poems(),
        G=Player(TextLstm(embedding=128, width=256, dropout=0.3), Adam(lr=Cosine(2e-3), beta1=0.9, beta2=0.99)),
        game=Likelihood(),
        samples=100_000,
        batch_samples=64,
        scores=(TextScores(),),
        remedies=0,
        precision="fp32",
    )
