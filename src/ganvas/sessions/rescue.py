"""What the doctor's measurements lead to: diagnoses, and the request to go back to a sound checkpoint."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..diagnosis import Diagnosis, Remedy, cure_for, diagnose, diagnosis_of, finding_to_remedy, is_sound
from ..recipes import dump, remedied
from ..recipes.remedy_overrides import remedy_override
from ..runs import SignalsMeasured, current_scores
from ..training import Rewind

if TYPE_CHECKING:
    from .session import TrainingSession

LEAST = 0.1  # of the run's samples, to begin again from the start


def current_tree(session: "TrainingSession") -> dict[str, Any]:
    """The recipe by which the run trains now, as plain values."""
    tree: dict[str, Any] = dump(remedied(session.experiment.recipe, session.remedies))
    return tree


def diagnoses(session: "TrainingSession", measurements: Sequence[SignalsMeasured]) -> list[Diagnosis]:
    """The diagnoses after these measurements, with advice for the recipe by which the run trains now."""
    advise = partial(remedy_override, current_tree(session))
    return diagnose(measurements, total=session.trainer.total, scores=current_scores(session.run), advise=advise)


def react(session: "TrainingSession", measurements: Sequence[SignalsMeasured]) -> tuple[Rewind, ...]:
    """The request to go back to the last sound checkpoint, where a finding says so and the recipe permits it.

    Without such a checkpoint the run begins again from the start, if at least LEAST of its samples are left.
    """
    recipe, trainer, back = session.experiment.recipe, session.trainer, session.sound
    session.finds_sound = is_sound(measurements)
    finding = finding_to_remedy(measurements, trainer.total)
    left = trainer.total - trainer.samples_seen
    if finding is None or len(session.remedies) >= recipe.remedies or (back or 0) >= finding.since:
        return ()
    if back is None and left < LEAST * recipe.samples:
        return ()
    overrides = remedy_override(current_tree(session), Remedy(cure_for(finding.name, len(session.remedies))))
    return (Rewind(back or 0, finding.name, diagnosis_of(finding).message, overrides),)
