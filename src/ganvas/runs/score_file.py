"""metrics.jsonl: one score with its protocol a line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..base.trees import float_or_none, is_count
from .events import read_records


def read_scores(path: Path) -> list[dict[str, Any]]:
    """The scores that are not superseded by a rewind to fewer samples; lines without a valid score are skipped.

    Args:
        path: metrics.jsonl of a run.

    Raises:
        CheckFailed: the file is no regular file, or too large.
    """
    valid: list[dict[str, Any]] = []
    for record in read_records(path):
        if is_count(record.get("rewound_to")):
            while valid and valid[-1]["samples"] > record["rewound_to"]:  # scores are in the order of their samples
                valid.pop()
        elif (score := parse_score(record)) is not None:
            valid.append(score)
    return valid


def parse_score(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """A line of metrics.jsonl with its values checked; None if a value is missing or of another type."""
    try:
        numbers = {name: float_or_none(record[name]) for name in ("value", "error", "real_vs_real")}
        name, protocol, lower, samples, n = (
            record[key] for key in ("name", "protocol", "lower_is_better", "samples", "n")
        )
    except (ValueError, KeyError):
        return None
    right = isinstance(name, str) and isinstance(protocol, dict) and (lower is None or isinstance(lower, bool))
    return {**record, **numbers} if right and is_count(samples) and is_count(n) else None
