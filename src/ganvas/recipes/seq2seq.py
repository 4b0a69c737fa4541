"""Text that answers text: numbers in digits and in words, or pairs from a file. Sutskever et al. 2014.

https://arxiv.org/abs/1409.3215
"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..data.number_pairs import NumberPairs
from ..domains.text_pairs import TextPairs
from ..games.answers import AnswerLikelihood, AnswerReinforce
from ..metrics.answer_scores import AnswerScores
from ..networks.player import Player
from ..networks.text_lstm import TextLstm
from ..networks.text_lstm_critic import TextLstmCritic
from ..training.optimisers import Adam
from .schema import Phase, Recipe
from .tiny import TWO_ROUNDS

TINY = {**TWO_ROUNDS, "generator.embedding": 4, "generator.width": 4, "source.samples": 200, "scores": []}
TINY_SEQ2SEQ_GAN = {**TINY, "samples": 32, "discriminator.embedding": 4, "discriminator.width": 4}


def seq2seq() -> Recipe:
    """Text that answers text.

    Numbers in digits and in English words, unless --data names a file of two columns. An LSTM reads the
    question, then writes the answer; maximum likelihood, no adversary.
    """
    return Recipe(
        source=NumberPairs(),
        domain=TextPairs(),
        G=Player(TextLstm(embedding=64, width=192, dropout=0.1), Adam(lr=Cosine(4e-3), beta1=0.9, beta2=0.99)),
        game=AnswerLikelihood(),
        samples=200_000,
        batch_samples=64,
        scores=(AnswerScores(),),
        remedies=0,
        precision="fp32",
    )


def seq2seq_chinese() -> Recipe:
    """seq2seq, numbers in Chinese."""
    return replace(seq2seq(), source=NumberPairs(language="chinese"), domain=TextPairs())


def seq2seq_gan() -> Recipe:
    """seq2seq, then a D for each token.

    D reads the question too; G is rewarded by policy gradient and goes on with maximum likelihood beside it.
    """
    made = seq2seq()
    assert made.G is not None
    return replace(
        made,
        G=replace(made.G, optimiser=Adam(lr=3e-4, beta1=0.9, beta2=0.99)),
        D=Player(TextLstmCritic(embedding=64, width=128), Adam(lr=1e-3, beta1=0.5)),
        game=AnswerReinforce(discount=0.9, likelihood_weight=1.0),
        phases=(
            Phase(samples=12, game=AnswerLikelihood(), changes={"G.optimiser.lr": 3e-3}),
            Phase(samples=1, turns=("discriminator",)),
            Phase(samples=3),
        ),
    )
