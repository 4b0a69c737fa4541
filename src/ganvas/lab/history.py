"""All that a page shows of a run: its facts, its curves thinned to what a screen can show, its scores and findings."""

import itertools
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..base import trees
from ..base.errors import CheckFailed
from ..metrics.grade import grade_of
from ..runs import (
    MARKER,
    Commanded,
    Diagnosed,
    Event,
    LogitsMeasured,
    Progress,
    Run,
    Saved,
    SignalsMeasured,
    Snapshot,
    Started,
    chosen_checkpoint,
    chosen_scores,
    event_text,
    read_events,
)

POINTS = 2000  # of a curve, at most
LINES = 500  # of the log, at most


class Curve(NamedTuple):
    """Values over samples seen; a value that is not finite is None."""

    samples: list[int]
    values: dict[str, list[float | None]]


def history(run: Run, *, curves: bool = True) -> dict[str, Any]:
    """What a run directory says, as JSON: every call reads its files.

    Args:
        run: opened.
        curves: whether `terms`, `speed` and `usage` are wanted, for which every event has to be read.

    Returns:
        `total` samples of the whole run; `terms`, `speed`, `usage` and `signals` as curves; `logits` as histograms;
        `snapshots`, `checkpoints`, `findings`, `scores`, `log`, and `offset`: the byte in events.jsonl from which new
        events follow.

    Raises:
        CheckFailed: a file of the run is no regular file, or too large.
    """
    offset = size_of(run)  # before reading: an event that comes meanwhile is given twice and not lost
    events = read_events(run.events, without=None if curves else Progress)
    progress = thinned([event for event in events if isinstance(event, Progress)])
    signals = [event for event in events if isinstance(event, SignalsMeasured)]
    return {
        "offset": offset,
        "total": max((event.total for event in events if isinstance(event, Started)), default=0),
        "terms": curve((event.samples, event.terms) for event in progress)._asdict(),
        "speed": curve(
            (event.samples, {"samples_per_second": event.samples_per_second}) for event in progress
        )._asdict(),
        "usage": curve((event.samples, event.usage) for event in progress)._asdict(),
        "signals": curve((event.samples, event.signals) for event in signals)._asdict(),
        "logits": [
            {"samples": event.samples, "low": finite(event.low), "high": finite(event.high), "shares": event.shares}
            for event in events
            if isinstance(event, LogitsMeasured)
        ],
        "snapshots": [
            {"samples": event.samples, "file": event.file, "raw": event.raw}
            for event in events
            if isinstance(event, Snapshot)
        ],
        "classes": next((event.classes for event in reversed(events) if isinstance(event, Snapshot)), ()),
        "checkpoints": [event.samples for event in events if isinstance(event, Saved)],
        "paused": paused(events),
        "findings": findings(events),
        "scores": scores(run),
        "log": [text for event in events if not isinstance(event, Progress) and (text := event_text(event))][-LINES:],
    }


def size_of(run: Run) -> int:
    """The bytes of events.jsonl now; 0 where there is none."""
    try:
        return run.events.lstat().st_size
    except OSError:
        return 0


def facts(run: Run) -> dict[str, Any]:
    """A run's state, grade, configuration and machine; what cannot be read is left out."""
    found: dict[str, Any] = {"state": run.state()}
    better = chosen_checkpoint(run)
    found["chosen"] = {"samples": better.samples, "reason": better.reason} if better else None
    reads: dict[str, Callable[[], Any]] = {
        "config": lambda: run.read_file(MARKER).decode(errors="replace"),
        "environment": lambda: run.read_json("environment.json"),
        "grade": lambda: graded(run),
    }
    for name, read in reads.items():
        try:
            found[name] = read()
        except CheckFailed:
            found[name] = None
    found["cells"] = cells(found["config"] or "")
    found["settings"] = settings(found["config"] or "")
    return found


def settings(config: str) -> dict[str, str]:
    """Each value of a config.yaml as JSON, by its dotted path; empty where it is no YAML."""
    try:
        return dict(leaves(trees.from_yaml(config)))
    except ValueError:
        return {}


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Values with their paths. A list without objects is one value."""
    branches: Iterable[tuple[Any, Any]]
    if isinstance(tree, dict):
        branches = tree.items()
    elif isinstance(tree, list) and any(isinstance(each, dict) for each in tree):
        branches = enumerate(tree)
    else:
        yield path, json.dumps(tree, ensure_ascii=False, default=str)
        return
    for key, value in branches:
        yield from leaves(value, f"{path}.{key}" if path else str(key))


def cells(config: str) -> int:
    """Pictures in a row of a run's sheets; 0 where a sheet is one drawing."""
    try:
        tree = trees.from_yaml(config)
        kinds = tree["domain"]["kind"], tree["game"]["kind"]
    except (ValueError, KeyError, TypeError):
        return 0
    return (9 if kinds[1] == "Translation" else 10) if kinds[0] == "Images" else 0


def graded(run: Run) -> dict[str, Any] | None:
    """The grade of a run by its scores on val, and its two numbers as text; None without scores."""
    grade = grade_of(chosen_scores(run))
    return None if grade is None else {"name": grade.name, "text": grade.evidence}


def scores(run: Run) -> list[dict[str, Any]]:
    """Each score of a split as a curve, with errors and the value of real against real, in the order of its metric."""
    series: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for record in run.read_metrics():
        series[record["name"], str(record["protocol"].get("split", ""))].append(record)
    return [
        {
            "name": name,
            "split": split,
            "lower_is_better": records[-1]["lower_is_better"],
            "n": records[-1]["n"],
            "real_vs_real": finite(records[-1].get("real_vs_real")),
            "samples": [record["samples"] for record in records],
            "values": [finite(record["value"]) for record in records],
            "errors": [finite(record["error"]) for record in records],
        }
        for (name, split), records in series.items()
    ]


def paused(events: Sequence[Event]) -> bool:
    """Whether the last command that came is a pause."""
    found = [event for event in events if isinstance(event, Started) or is_pause_or_resume(event)]
    return bool(found) and isinstance(found[-1], Commanded) and found[-1].command == "pause"


def is_pause_or_resume(event: Event) -> bool:
    """Whether an event is a command to pause or to go on."""
    return isinstance(event, Commanded) and event.command in ("pause", "resume")


def findings(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The doctor's findings, each with the samples at which it passed, or None."""
    found: list[dict[str, Any]] = []
    for event in events:
        if not isinstance(event, Diagnosed):
            continue
        if event.cleared:
            for each in found:
                if each["name"] == event.name and each["passed"] is None:
                    each["passed"] = event.samples
        else:
            named = {"name": event.name, "message": event.message, "remedy": event.remedy}
            found.append({"samples": event.samples, "passed": None, **named})
    return found


def thinned(progress: Sequence[Progress], most: int = POINTS) -> list[Progress]:
    """At most `most` of the events: of each of so many equal parts the one with the largest terms, so that no peak is
    lost, and the last one.
    """
    if len(progress) <= most:
        return [*progress]
    bounds = [number * (len(progress) - 1) // (most - 1) for number in range(most)]
    parts = (progress[start:end] for start, end in itertools.pairwise(bounds))
    return [*(max(part, key=magnitude) for part in parts), progress[-1]]


def magnitude(event: Progress) -> float:
    """The sum of the terms' absolute values; a value that is not finite is larger than any other."""
    total = sum(abs(value) for value in event.terms.values())
    return total if math.isfinite(total) else math.inf


def curve(points: Iterable[tuple[int, Mapping[str, float | None]]]) -> Curve:
    """One list for each name, with None where a name is missing."""
    samples: list[int] = []
    values: dict[str, list[float | None]] = {}
    for place, (at, named) in enumerate(points):
        samples.append(at)
        for name in named:
            values.setdefault(name, [None] * place)
        for name, column in values.items():
            column.append(finite(named.get(name)))
    return Curve(samples, values)


def finite(value: float | None) -> float | None:
    """The value, or None where it is not finite: JSON has no other numbers."""
    return value if value is not None and math.isfinite(value) else None
