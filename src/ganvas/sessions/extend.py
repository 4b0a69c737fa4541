"""Training a run for longer than it was meant to: a new total of samples, and what that does to phases and schedules."""

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
        raise UsageError("--samples and --minutes both say how long to train", hint="Leave one of them out.")


def longer(recipe: Recipe, seen: int, samples: int) -> Recipe:
    """The recipe with a new total of `samples`. Phases begin where they began; the last one ends at the new total.

    Args:
        recipe: of a run whose newest checkpoint has seen `seen` samples.
        seen: reals that D has been shown so far.
        samples: reals to be shown in all, from the first round on.

    Raises:
        UsageError: the new total is not more than what was seen, or ends before the last phase begins.
    """
    if samples <= seen:
        raise UsageError(
            f"the run has {seen:,} samples behind it, so it cannot be trained to {samples:,}",
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


def rates(recipe: Recipe, seen: int, before: int) -> str:
    """A sentence on the learning rates at `seen` samples, now that the run is as long as the recipe says and no longer of `before` samples."""
    changed = []
    for name, player in phase_at(live_phases(recipe), seen).players.items():
        was, now = (getattr(resolve(player.optimiser, seen, total), "lr", None) for total in (before, recipe.samples))
        if was is not None and now is not None and was != now:
            changed.append(f"that of {name} goes from {was:.3g} to {now:.3g}")
    return (
        f"Schedules follow the new length; of the learning rates, {', '.join(changed)}."
        if changed
        else "The learning rates stay as they are."
    )


def lengths_apart(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A dumped recipe with the lengths of its phases in a field of their own, `phase_samples`."""
    phases = recipe.get("phases") or []
    bare = [{name: value for name, value in phase.items() if name != "samples"} for phase in phases]
    return {**recipe, "phases": bare, "phase_samples": [phase["samples"] for phase in phases]}
