"""RelGAN: relaxed samples, pairs, and a D of several embeddings. Nie et al. 2019.

https://openreview.net/forum?id=rJedV3R5tm
"""

from dataclasses import replace

from ..games.gumbel import Gumbel
from ..games.likelihood import Likelihood
from ..losses.relativistic import Relativistic
from ..networks.player import Player
from ..networks.text_cnn_critic import TextCnnCritic
from ..training.optimisers import Adam
from .schema import Phase, Recipe
from .seqgan import FIRST, SMALL, seqgan

TINY = {**SMALL, "samples": 32, "discriminator.embedding": 4, "discriminator.filters": 4, "scores": []}


def relgan() -> Recipe:
    """RelGAN: relaxed samples.

    On the sequences of a random LSTM, whose likelihood is known. Maximum likelihood, then the game with the
    relativistic loss. Not as in the paper: an LSTM in place of the relational memory, 16 embeddings in D in place
    of 64, two turns of D for one of G in place of five.
    """
    critic = TextCnnCritic(embedding=16, sizes=(2, 3, 4, 5), filters=40, representations=16)
    return replace(
        seqgan(),
        D=Player(critic, Adam(lr=3e-4, beta1=0.9)),
        game=Gumbel(loss=Relativistic(), n_critic=2),
        phases=(Phase(samples=3, game=Likelihood(), changes=FIRST), Phase(samples=1, changes={"G.optimiser.lr": 1e-4})),
    )
