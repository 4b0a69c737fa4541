"""SeqGAN: D's verdict is the reward of G. Yu et al. 2017. https://arxiv.org/abs/1609.05473"""

from dataclasses import replace
from typing import Any

from ..data.lstm_oracle import LstmOracle
from ..domains.text import Text
from ..games.likelihood import Likelihood
from ..games.reinforce import Reinforce
from ..games.rewards import ConstantReward
from ..metrics.oracle_likelihood import OracleLikelihood
from ..metrics.text_scores import TextScores
from ..networks.player import Player
from ..networks.text_cnn_critic import TextCnnCritic
from ..networks.text_lstm import TextLstm
from ..networks.text_lstm_critic import TextLstmCritic
from ..training.optimisers import Adam
from .schema import Phase, Recipe

SMALL: dict[str, Any] = {
    "source.samples": 50,
    "source.tokens": 30,
    "source.length": 5,
    "source.width": 4,
    "batch_samples": 8,
}
SMALL |= {"domain": None, "samples": 32, "generator.embedding": 4, "generator.width": 4}
TINY = {**SMALL, "discriminator.embedding": 4, "discriminator.filters": 4, "scores": []}
TINY_SEQGAN_DENSE = {**SMALL, "discriminator.embedding": 4, "discriminator.width": 4, "scores": []}
FIRST = {"G.optimiser.lr": 5e-3}  # of maximum likelihood


def oracle_domain(source: LstmOracle) -> Text:
    """The domain of an oracle's sequences: word i is token i, those that never occur too."""
    numbers = "\n".join(map(str, range(source.tokens)))
    return Text(tokens="words", vocabulary=numbers, length=source.length, ends=False)


def seqgan() -> Recipe:
    """SeqGAN: D is the reward of G.

    On the sequences of a random LSTM, whose likelihood is known. Maximum likelihood, then D, then the game: a
    reward for each token from one completion. Not as in the paper: one completion in place of 16, four sizes of
    convolutions in D in place of twelve, a moving baseline, an oracle of 500 tokens (LstmOracle reads the paper's).
    """
    source = LstmOracle()
    return Recipe(
        source=source,
        domain=oracle_domain(source),
        G=Player(TextLstm(embedding=32, width=32), Adam(lr=1e-4, beta1=0.9)),  # at 1e-3 the game loses likelihood
        D=Player(TextCnnCritic(embedding=32, filters=64), Adam(lr=1e-3, beta1=0.5)),
        game=Reinforce(completions=1),
        samples=400_000,
        phases=(
            Phase(samples=12, game=Likelihood(), changes=FIRST),
            Phase(samples=1, turns=("discriminator",)),
            Phase(samples=3),
        ),
        scores=(TextScores(), OracleLikelihood()),
        remedies=0,
        precision="fp32",
    )


def seqgan_dense() -> Recipe:
    """seqgan, a score for each token.

    So nothing is completed. The rewards are those of de Masson d'Autume et al. 2019 (ScratchGAN), after maximum
    likelihood. https://arxiv.org/abs/1905.09922
    """
    critic = Player(TextLstmCritic(embedding=32, width=64), Adam(lr=1e-3, beta1=0.5))
    return replace(seqgan(), D=critic, game=Reinforce(discount=0.9))


def seqgan_constant() -> Recipe:
    """seqgan with a constant reward.

    The control: without a baseline either, D has no part in it.
    """
    return replace(seqgan(), game=Reinforce(reward=ConstantReward(0.5), baseline=None))
