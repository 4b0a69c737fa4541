"""Rows of a table: mode-specific normalisation, conditions, training by sampling. Xu et al. 2019.

https://arxiv.org/abs/1907.00503
"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..data.made_table import MadeTable
from ..domains.tables import Tables
from ..games.condition_term import ConditionTerm
from ..games.synthesis import Synthesis
from ..losses.relativistic import Relativistic
from ..losses.wasserstein import Wasserstein
from ..networks.player import Player
from ..networks.table_players import TableCritic, TableMlp
from ..penalties.gradient import R1, R2
from ..penalties.wgan_gp import WganGp
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe

TINY = {
    "batch_samples": 20,  # a pack of 10 in each of two processes
    "samples": 40,
    "generator.widths": [8],
    "discriminator.widths": [8],
    "source.samples": 200,
    "scores": [],
}


def ctgan() -> Recipe:
    """Tables: numbers and categories.

    The paper's players, loss, batch (500) and Adam (2e-4, 0.5, 0.9); weight decay of 1e-6 is left out. Appendix and
    section 4.4.
    """
    adam = Adam(lr=2e-4, beta1=0.5, beta2=0.9)
    return Recipe(
        source=MadeTable(),
        domain=Tables(),
        G=Player(TableMlp(), adam),
        D=Player(TableCritic(), adam),
        game=Synthesis(loss=Wasserstein(), penalties=(WganGp(weight=10.0),), auxiliary=(ConditionTerm(),)),
        samples=1_200_000,
        batch_samples=500,
        precision="fp32",
    )


def ctgan_modern() -> Recipe:
    """Relativistic loss, R1 and R2.

    Batches of 128, no packing, no dropout; frequent values are modes of their own, the column of the condition is set
    to it, and a column that follows from another one is set by that.
    """
    base = ctgan()
    adam = Adam(lr=Cosine(1e-3), beta1=0.0, beta2=0.99)
    return replace(
        base,
        domain=Tables(spikes=0.005, follows=True),
        G=Player(TableMlp(fixed=True), adam, ema=Ema(halflife_samples=1e9, ramp=0.03)),
        D=Player(TableCritic(dropout=0.0, pack=1), adam),
        game=Synthesis(loss=Relativistic(), penalties=(R1(gamma=0.1), R2(gamma=0.1))),
        batch_samples=128,
    )
