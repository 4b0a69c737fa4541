"""A recipe for a person's own text, chosen by its number of lines; each choice has a reason."""

from dataclasses import replace
from typing import NamedTuple

from ..base.errors import UsageError
from ..base.schedule import Cosine
from ..base.wording import counted
from ..data.source import Source
from ..metrics.text_scores import TextScores
from ..networks.player import Player
from ..networks.text_lstm import TextLstm
from ..training.optimisers import Adam
from .auto import SCORED, batch_for
from .reasons import Reason
from .schema import Recipe
from .text import text

WIDTHS = ((2_000, 128), (20_000, 256), (1 << 62, 512))  # lines up to which the LSTM is so wide
RATE = 2e-3
DROPOUT = 0.3
BATCH = 64


class TextFacts(NamedTuple):
    """The size of the text.

    Args:
        train: lines of the training split.
        val: lines of val.
        known: different tokens.
        tokens: "characters" or "words".
    """

    train: int
    val: int
    known: int
    tokens: str


def check_makes_text(recipe: Recipe, path: str) -> None:
    """Raises UsageError for a recipe whose players do not make or judge text."""
    if not all(getattr(player.network, "sequences", False) for player in recipe.players.values()):
        message = "--data names text, and this recipe makes none"
        raise UsageError(message, where=path, hint="Use text, or leave the recipe out.")


def choose_text(source: Source, facts: TextFacts) -> tuple[Recipe, tuple[Reason, ...]]:
    """An LSTM by maximum likelihood whose width depends on the number of lines, and the reasons for each choice.

    Args:
        source: of the text.
        facts: of the text.
    """
    width = next(width for most, width in WIDTHS if facts.train <= most)
    batch = batch_for(facts.train, BATCH)
    scores, scored = score_text(facts)
    network = TextLstm(embedding=width // 2, width=width, dropout=DROPOUT)
    made = replace(
        text(),
        source=source,
        G=Player(network, Adam(lr=Cosine(RATE), beta1=0.9, beta2=0.99)),
        batch_samples=batch,
        scores=scores,
    )
    reasons = (
        Reason(
            "Maximum likelihood and no adversary: at equal quality and variety no published GAN for text is better; "
            "`ganvas recipes list` has the adversarial ones.",
            ("game",),
        ),
        Reason(
            f"An LSTM of {width}, for {counted(facts.train, 'line')} and {facts.known:,} {facts.tokens}; a dropout of "
            f"{DROPOUT:.0%} against learning lines by heart.",
            ("G.network",),
        ),
        Reason(
            f"Adam at {RATE:g}, falling to zero over the run; batches of {batch}.", ("G.optimiser", "batch_samples")
        ),
        Reason(scored, ("scores",)),
    )
    return made, reasons


def score_text(facts: TextFacts) -> tuple[tuple[TextScores, ...], str]:
    """The scores, if val has enough lines, and the reason."""
    if facts.val < SCORED:
        return (), f"No scores: val has {counted(facts.val, 'line')}, and a score needs {SCORED}."
    metric = TextScores()
    return (
        metric,
    ), f"Scored against {min(metric.n, facts.val):,} lines of val, each score with its partner (TextScores)."
