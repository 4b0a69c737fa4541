"""A new total of samples for a run, and its effect on phases and schedules."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..base.errors import UsageError
from ..base.schedule import resolve
from ..recipes import Recipe
from ..recipes.build import live_phases
from ..training.phases import phase_at


def check_length(samples: int | None, minutes: float | None) -> None:
    """At most one of them is given. Raises UsageError."""
    if samples is not None and minutes is not None:
        raise UsageError("--samples and --minutes both set the length of the training", hint="Leave one of them out.")


def longer(recipe: Recipe, samples_seen: int, samples: int) -> Recipe:
    """The recipe with a new total of `samples`. Starts of phases do not move; the last phase ends at the new total.

    Args:
        recipe: of the run.
        samples_seen: real samples that D was trained on until the newest checkpoint.
        samples: the new total, from the first round on.

    Raises:
        UsageError: the new total is not above `samples_seen`, or ends before the last phase begins.
    """
    if samples <= samples_seen:
        raise UsageError(
            f"the run was trained on {samples_seen:,} samples already, so {samples:,} is no longer run",
            hint="--samples is the new total: name more.",
        )
    if not recipe.phases:
        return replace(recipe, samples=samples)
    counts = [max(1, phase.samples) for phase in live_phases(recipe)]
    begun = sum(counts[:-1])
    if samples <= begun:
        raise UsageError(
            f"the last phase of this run begins at {begun:,} samples, so it cannot end at {samples:,}",
            hint="--samples is the new total: name more.",
        )
    counts[-1] = samples - begun
    return replace(
        recipe,
        samples=samples,
        phases=tuple(replace(phase, samples=count) for phase, count in zip(recipe.phases, counts, strict=True)),
    )


def learning_rate_message(recipe: Recipe, samples_seen: int, before: int) -> str:
    """How the learning rates change at `samples_seen` where the run's total changes.

    Args:
        recipe: with the new total.
        samples_seen: where the run continues.
        before: the earlier total.
    """
    changed = []
    for name, player in phase_at(live_phases(recipe), samples_seen).players.items():
        was, now = (
            getattr(resolve(player.optimiser, samples_seen, total), "lr", None) for total in (before, recipe.samples)
        )
        if was is not None and now is not None and was != now:
            changed.append(f"that of {name} goes from {was:.3g} to {now:.3g}")
    return (
        f"Schedules follow the new length; of the learning rates, {', '.join(changed)}."
        if changed
        else "The learning rates stay as they are."
    )


def lengths_apart(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A dumped recipe with the lengths of its phases in a separate field, `phase_samples`."""
    phases = recipe.get("phases") or []
    bare = [{name: value for name, value in phase.items() if name != "samples"} for phase in phases]
    return {**recipe, "phases": bare, "phase_samples": [phase["samples"] for phase in phases]}
