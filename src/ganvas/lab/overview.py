"""A run in one line of the table of runs."""

from typing import Any

from ..base.errors import CheckFailed
from ..runs import Progress, Snapshot, Started, Stopped, read_events
from ..runs.chosen_checkpoint import primary_series
from .history import finite, graded
from .run_index import IndexedRun


def overview(found: IndexedRun) -> dict[str, Any]:
    """A run's name, state, progress, first score over samples, grade and last sheet; `fault` if it cannot be read."""
    line: dict[str, Any] = {"id": found.id, "name": found.name, "state": found.run.state()}
    try:
        events = read_events(found.run.events, without=Progress)
        series = primary_series(found.run.read_metrics())
        grade = graded(found.run)
    except CheckFailed as error:
        return {**line, "fault": error.what}
    sheets = [event.file for event in events if isinstance(event, Snapshot)]
    scored = [*series.values()]
    return {
        **line,
        "samples": events[-1].samples if events else 0,
        "total": max((event.total for event in events if isinstance(event, Started)), default=0),
        "begun": events[0].time if events else None,
        "ended": events[-1].time if events and isinstance(events[-1], Stopped) else None,
        "score": scored[-1]["name"] if scored else "",
        "values": [finite(each["value"]) for each in scored],
        "error": finite(scored[-1]["error"]) if scored else None,
        "grade": grade and grade["name"],
        "sheet": sheets[-1] if sheets else None,
    }
