"""The doctor as a callback of a run."""

from functools import partial
from typing import TYPE_CHECKING

from ..diagnosis import is_sound
from ..diagnosis.doctor import Doctor
from ..runs import read_events
from ..training import lacks_memory
from .rescue import diagnoses, react
from .run_probe import run_probe

if TYPE_CHECKING:
    from .session import TrainingSession


def doctor(session: "TrainingSession", times: int) -> list[Doctor]:
    """The doctor, with the measurements from before a resume; none if memory does not suffice."""
    run = session.run
    try:
        probe = run_probe(session.experiment, session.trainer)
    except (MemoryError, RuntimeError) as error:
        if not lacks_memory(error):
            raise
        run.put(run.path / "log.txt", "Memory does not suffice for the doctor: this run is trained without it.\n")
        return []
    found = Doctor(
        probe,
        times,
        run.add,
        partial(diagnoses, session),
        read_events(run.events),
        partial(react, session),
        fixed=session.experiment.recipe.remedies > 0,
    )
    session.finds_sound = is_sound(found.measurements)
    return [found]
