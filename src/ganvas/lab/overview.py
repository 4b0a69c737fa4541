"""A run in one line of the table of runs."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..base.errors import CheckFailed
from ..runs import MARKER, Progress, Run, Snapshot, Started, Stopped, read_events, read_note
from ..runs.chosen_checkpoint import primary_series
from .history import finite, graded
from .run_index import IndexedRun

SEED = re.compile(rb"^seed: *(\S+) *\n", re.MULTILINE)  # of the recipe, in config.yaml
CONFIG_BYTES = 2**20
KEY_CHARACTERS = 16


def overview(found: IndexedRun) -> dict[str, Any]:
    """A run's name, state, progress, first score over samples, grade, last sheet, note and tags.

    `fault` says why a run cannot be read.
    """
    line: dict[str, Any] = {"id": found.id, "name": found.name, "state": found.run.state()}
    try:
        events = read_events(found.run.events, without=Progress)
        series = primary_series(found.run.read_metrics())
        grade, note = graded(found.run), read_note(found.run)
        seeds = seed_group(found.run)
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
        "best": best_value(scored),
        "grade": grade and grade["name"],
        "sheet": sheets[-1] if sheets else None,
        "note": note.text,
        "tags": note.tags,
        **seeds,
    }


def seed_group(run: Run) -> dict[str, str | None]:
    """The run's seed, and a `group` that runs have in common whose config.yaml differs only in the seed."""
    config = run.read_file(MARKER, CONFIG_BYTES)
    seed = SEED.search(config)
    rest = hashlib.sha256(SEED.sub(b"", config, count=1)).hexdigest()[:KEY_CHARACTERS]
    return {"seed": seed[1].decode(errors="replace") if seed else None, "group": rest}


def best_value(scored: Sequence[Mapping[str, Any]]) -> float | None:
    """The best value of a score; None without values."""
    values = [value for each in scored if (value := finite(each["value"])) is not None]
    if not values:
        return None
    return min(values) if scored[-1]["lower_is_better"] else max(values)
