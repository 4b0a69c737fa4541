"""Which checkpoint of a run is used where none is named: the newest, or an earlier one with a better score."""

import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..base.errors import CheckFailed
from .checkpoints import checkpoint_name, newest_first, samples_of
from .current_scores import current_scores
from .directory import Run

CHANCE = 2.0  # standard errors of the difference of two scores


@dataclass(frozen=True)
class ChosenCheckpoint:
    """A checkpoint that is used instead of the newest.

    Args:
        samples: of the checkpoint.
        reason: one sentence.
    """

    samples: int
    reason: str

    @property
    def name(self) -> str:
        """Of its folder."""
        return checkpoint_name(self.samples)


def chosen_checkpoint(run: Run) -> ChosenCheckpoint | None:
    """The checkpoint of a run that is better than the newest; None if the newest is used."""
    with suppress(CheckFailed):
        return better_than_newest(current_scores(run), [samples_of(path) for path in newest_first(run.checkpoints)])
    return None


def better_than_newest(scores: Sequence[Mapping[str, Any]], there: Collection[int]) -> ChosenCheckpoint | None:
    """The checkpoint with the best primary score on val, if it is better than the newest beyond both errors.

    It is used only if |newest - best| > 2 sqrt(error_newest^2 + error_best^2). So the newest is used if either has no
    error, or if the newest was not scored.

    Args:
        scores: the lines of metrics.jsonl. The primary score is the first one of a scoring that has a direction.
        there: samples of the checkpoints that exist.

    Returns:
        The better checkpoint, or None.
    """
    series = primary_series(scores)
    newest = series.get(max(there, default=-1))
    known = [score for samples, score in series.items() if samples in there]
    if newest is None or len(known) < 2:
        return None
    sign = 1.0 if newest["lower_is_better"] else -1.0
    best = min(known, key=lambda score: (sign * score["value"], -score["samples"]))
    if best["error"] is None or newest["error"] is None:
        return None
    beyond = CHANCE * math.hypot(best["error"], newest["error"])
    if sign * (newest["value"] - best["value"]) <= beyond:
        return None
    text = (
        f"The checkpoint of {best['samples']:,} samples is used: its {best['name']} is {best['value']:.3g}, "
        f"that of the newest, at {newest['samples']:,} samples, {newest['value']:.3g}, worse beyond its error."
    )
    return ChosenCheckpoint(best["samples"], text)


def primary_series(scores: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """The finite values of the primary score on val, by samples."""
    on_val = [
        score for score in scores if score["protocol"].get("split") == "val" and score["lower_is_better"] is not None
    ]
    return {
        score["samples"]: score for score in on_val if score["name"] == on_val[0]["name"] and score["value"] is not None
    }


def chosen_scores(run: Run) -> list[dict[str, Any]]:
    """The scores on val of the checkpoint that is used: those of the chosen one, else the newest; [] without scores."""
    on_val = [score for score in current_scores(run) if score["protocol"].get("split") == "val"]
    better = chosen_checkpoint(run)
    samples = better.samples if better else max((score["samples"] for score in on_val), default=0)
    return [score for score in on_val if score["samples"] == samples]
