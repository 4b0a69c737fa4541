"""A recipe for series, chosen by their form; each choice has a reason."""

from dataclasses import replace
from typing import NamedTuple

from ..base.wording import counted
from ..data.source import Source
from ..domains.series import Series
from ..metrics.series_scores import SeriesScores
from .auto import SCORED, batch_for
from .doppelganger import doppelganger_r1r2
from .reasons import Reason
from .schema import Recipe

BATCH = 128


class SeriesFacts(NamedTuple):
    """The form of the series.

    Args:
        domain: fitted.
        train: sequences of the training split.
        val: sequences of val.
    """

    domain: Series
    train: int
    val: int


def choose_series(source: Source, facts: SeriesFacts) -> tuple[Recipe, tuple[Reason, ...]]:
    """The recipe doppelganger.r1r2 with a batch and scores that fit, and the reasons.

    Args:
        source: of the series.
        facts: of the series.

    Returns:
        The recipe and the reasons.
    """
    batch = batch_for(facts.train, BATCH)
    scores, scored = score_series(facts)
    made = replace(doppelganger_r1r2(), source=source, batch_samples=batch, scores=scores)
    channels = counted(len(facts.domain.channels), "channel")
    reasons = (
        Reason(
            f"The recipe doppelganger.r1r2 for {channels} of {counted(facts.domain.length, 'step')}: each sequence "
            "is scaled by its own range, which G makes first, with the other attributes.",
            ("G", "D", "game", "domain"),
        ),
        Reason(f"Batches of {batch} of {facts.train:,} sequences.", ("batch_samples",)),
        Reason(scored, ("scores",)),
    )
    return made, reasons


def score_series(facts: SeriesFacts) -> tuple[tuple[SeriesScores, ...], str]:
    """The scores, if val has enough sequences, and the reason."""
    if facts.val < SCORED:
        return (), f"No scores: val has {facts.val} sequences, and a score needs {SCORED}."
    metric = SeriesScores(channels=len(facts.domain.channels), ends=facts.domain.ends)
    what = "as wholes and by what happens over time (SeriesScores)"
    return (metric,), f"Scored against {min(metric.n, facts.val):,} sequences of val, {what}."
