"""A recipe for a table of numbers, chosen by its rows and columns; each choice has a reason."""

from typing import NamedTuple

from ..base.schedule import Cosine
from ..base.wording import counted
from ..data.source import Source
from ..games.synthesis import Synthesis
from ..losses.relativistic import Relativistic
from ..metrics.columns import ColumnScores
from ..networks.mlp import Mlp, MlpCritic
from ..networks.packed import Packed
from ..networks.player import Player
from ..penalties.gradient import R1, R2
from ..training.ema import Ema
from ..training.optimisers import Adam
from .auto import HALFLIFE, SCORED, WARMUP, batch_for
from .reasons import Reason
from .schema import Recipe

WIDTHS = ((16, 128), (64, 256), (1 << 30, 512))  # columns up to which networks are so wide
LAYERS = 3
LATENT = 16  # at least; as many as there are columns where those are more
RATE = 2e-3
GAMMA = 0.1  # of R1 and of R2
BATCH = 128
PACK = 4  # rows that D judges together, where columns have heavy tails


class ColumnFacts(NamedTuple):
    """The size of the table and the form of its columns.

    Args:
        names: of the columns that vary.
        train: rows of the training split.
        val: rows of val.
        heavy: whether a column has heavy tails.
    """

    names: tuple[str, ...]
    train: int
    val: int
    heavy: bool = False


def choose_columns(source: Source, facts: ColumnFacts, *, minutes: float | None) -> tuple[Recipe, tuple[Reason, ...]]:
    """Two fully connected networks whose width depends on the number of columns, and the reasons for each choice.

    Args:
        source: of the table.
        facts: of the table.
        minutes: of training; it changes nothing here, and the caller replaces the recipe's `samples`.

    Returns:
        The recipe and the reasons.
    """
    columns = len(facts.names)
    width = next(width for most, width in WIDTHS if columns <= most)
    batch = 2 * batch_for(facts.train, BATCH // 2)
    latent = max(LATENT, columns)
    adam = Adam(lr=Cosine(RATE, warmup_samples=WARMUP * batch), beta1=0.0, beta2=0.99)
    scores, scored = score_columns(facts)
    critic = MlpCritic(widths=(width,) * LAYERS)
    made = Recipe(
        source=source,
        G=Player(Mlp(widths=(width,) * LAYERS, latent=latent), adam, ema=Ema(halflife_samples=1e9, ramp=HALFLIFE)),
        D=Player(Packed(critic, pack=PACK) if facts.heavy else critic, adam),
        game=Synthesis(loss=Relativistic(), penalties=(R1(gamma=GAMMA), R2(gamma=GAMMA))),
        samples=1_000_000,
        batch_samples=batch,
        precision="fp32",  # bf16 rounds to 0.4 %
        scores=scores,
    )
    small = f" Batches of {batch}, as there are only {facts.train:,} rows." if batch < BATCH else ""
    reasons = (
        Reason(
            f"Two fully connected networks of {LAYERS} layers, {width} wide, for {counted(columns, 'column')}; "
            f"{latent} latent numbers.",
            ("G.network", "D.network"),
        ),
        Reason(packed(facts), ("D.network",)),
        Reason(
            "The relativistic loss with penalties on D's gradient at reals and fakes (R1 and R2, every turn) "
            "keeps training stable.",
            ("game",),
        ),
        Reason(
            f"Adam at {RATE:g}, falling to zero over the run; "
            f"G's weights are averaged with a half-life of {HALFLIFE:.0%} of the samples so far.{small}",
            ("G.optimiser", "D.optimiser", "G.ema", "batch_samples"),
        ),
        Reason(scored, ("scores",)),
    )
    return made, reasons


def packed(facts: ColumnFacts) -> str:
    """The reason for the number of rows that D judges together."""
    if facts.heavy:
        return (
            f"D judges {PACK} rows together, and so notices rare values that are never made; "
            "dependence between columns is learnt more slowly."
        )
    return "D judges each row by itself, as no column has heavy tails."


def score_columns(facts: ColumnFacts) -> tuple[tuple[ColumnScores, ...], str]:
    """The scores, if val has enough rows, and the reason."""
    if facts.val < SCORED:
        return (), f"No scores: val has {facts.val} rows, and a score needs {SCORED}."
    metric = ColumnScores(names=facts.names)
    return (
        metric,
    ), f"Scored against {min(metric.n, facts.val):,} rows of val, column by column and together (ColumnScores)."
