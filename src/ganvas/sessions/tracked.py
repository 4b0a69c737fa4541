"""What trackers show of a run: the numbers of an event, the recipe's settings, and an identity of the run."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..runs import Run

OF_DATA = ("source", "domain")  # parts of a recipe that hold paths, and values of the data


def scalars(event: dict[str, Any]) -> dict[str, float]:
    """The numbers of an event, by the names under which trackers show them.

    Args:
        event: its kind, and what that kind has.

    Returns:
        "terms/...", "speed/samples_per_second", "usage/...", "val/..." (scores of a split) and "signals/...".
    """
    if event["kind"] == "Progress":
        terms = {f"terms/{name}": value for name, value in event["terms"].items()}
        usage = {f"usage/{name}": value for name, value in event["usage"].items()}
        return {**terms, **usage, "speed/samples_per_second": event["samples_per_second"]}
    if event["kind"] == "Scored":
        return {f"{event['split']}/{name}": value for name, value in event["scores"].items()}
    if event["kind"] == "SignalsMeasured":
        return {f"signals/{name}": value for name, value in event["signals"].items() if value is not None}
    return {}


def identity(run: Path) -> str:
    """16 letters that stay the same when a run is resumed or moved: of the first line of its events.jsonl.

    Args:
        run: its folder, after the first event.
    """
    with Run(run).open_file("events.jsonl") as file:
        return hashlib.sha256(file.readline()).hexdigest()[:16]


def recipe_settings(run: Path) -> dict[str, Any]:
    """The numbers, names and switches of a run's recipe by dotted path; nothing of its data and no path.

    Args:
        run: its folder.
    """
    settings = Run(run).settings()
    bare = {part: {"kind": settings[part].get("kind")} for part in OF_DATA if isinstance(settings.get(part), dict)}
    leaves = flat({**settings, **bare})
    return {name: value for name, value in leaves.items() if not isinstance(value, str) or not {*value} & {"/", "\\"}}


def flat(tree: Mapping[str, Any] | list[Any], before: str = "") -> dict[str, Any]:
    """The leaves of a tree by dotted path; those that are None, and empty branches, are left out."""
    found: dict[str, Any] = {}
    for name, value in tree.items() if isinstance(tree, Mapping) else enumerate(tree):
        if isinstance(value, Mapping | list):
            found |= flat(value, f"{before}{name}.")
        elif value is not None:
            found[f"{before}{name}"] = value
    return found
