"""The doctor as a callback of a run, with advice for the run's own recipe."""

from functools import partial
from typing import TYPE_CHECKING

from ..diagnosis import diagnose
from ..diagnosis.doctor import Doctor
from ..recipes.remedy_overrides import remedy_override
from ..runs import read_events
from ..training import lacks_memory
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
    advise, total = partial(remedy_override, run.settings()), session.trainer.total
    return [
        Doctor(
            probe,
            times,
            run.add,
            lambda measurements: diagnose(measurements, total=total, scores=run.read_metrics(), advise=advise),
            read_events(run.events),
        )
    ]
