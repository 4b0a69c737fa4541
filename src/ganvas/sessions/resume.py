"""`ganvas.resume`: continues a run, also to a new total of samples, or with its data at another path."""

import os
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ..recipes import Recipe, check_same, given_up, live_trainer, moved, prepared, read_recipe, to_yaml
from ..runs import Listener, Run, checkpoints, wants_test
from .device import find_device, join, settings_restored, settle
from .extend import check_length, longer
from .listeners import listening
from .session import TrainingSession

if TYPE_CHECKING:
    from ..training import ProcessGroup
    from .display import Listeners
    from .event_callback import EventFunction


def resume(
    path: str | os.PathLike[str],
    *,
    samples: int | None = None,
    minutes: float | None = None,
    data: Path | str | None = None,
    device: str = "auto",
    on_event: Listener | None = None,
    quiet: bool = False,
    parts: Recipe | Collection[Any] = (),
    on_signal: Callable[[str], object] | None = None,
    callback: "EventFunction | None" = None,
    track: Sequence[str] = (),
) -> Run:
    """Continue from the newest valid checkpoint; without options the result is bitwise that of an uninterrupted run.

    Args:
        path: the run's folder, or a Run.
        samples: the run's new total, more than its samples so far; schedules follow it, and the last phase is extended.
        minutes: train for about so many minutes more; the measured speed gives `samples`.
        data: where the run's data are now, if they were moved. They must be the same; config.yaml gets the new path.
        device: "cpu", "cuda" or "auto".
        on_event: called with every event.
        quiet: show no progress, which is otherwise shown on a terminal and in a notebook.
        on_signal: called with "SIGINT" or "SIGTERM" after such a signal has ended the run; the run is returned then,
            as by `train`.
        parts: classes of your own that the run's recipe uses, such as [MyLoss], or the Recipe that it was made from.
            The recipe's numbers are read from config.yaml. Changes in the code of a class are not detected.
        callback: called with each event as a dict; it may ask for a checkpoint or the end, as that of `train`.
        track: names of trackers that follow the run, such as "tensorboard" (docs/track.md).

    Returns:
        The run, finished; with `on_signal`, finished or interrupted.

    Raises:
        GanvasError: there is no run; a DataError if its data are missing or others, a UsageError if its recipe was
            changed, a class of it is missing or the options do not fit.
        KeyboardInterrupt: after SIGINT (Ctrl-C), when the last checkpoint is written, without `on_signal`.
    """
    place = find_device(device)
    with settings_restored(place), listening(quiet, on_event, None, callback, track) as listeners:
        run = Run.open(Path(path)).path
        session = resumed(run, place, join(place), listeners, samples=samples, minutes=minutes, data=data, parts=parts)
    return session.result(on_signal)


def resumed(
    path: Path,
    place: torch.device,
    world: "ProcessGroup",
    listeners: "Listeners",
    *,
    samples: int | None = None,
    minutes: float | None = None,
    data: Path | str | None = None,
    parts: Recipe | Collection[Any] = (),
) -> TrainingSession:
    """`resume` in a group of processes; returns after the training. The arguments are those of `resume`.

    Args:
        path: the run's folder.
        place: the device.
        world: the processes that train together.
        listeners: called with events.

    Raises:
        GanvasError: as `resume` says.
    """
    check_length(samples, minutes)
    started_at, messages = time.monotonic(), tuple[str, ...]()
    run = Run.open(path)
    stored = read_recipe(run.config, parts, inside=run.path)
    state = world.on_rank_0(lambda: newest_state(run))
    recipe = stored if data is None else moved(stored, data)
    torch.set_num_threads(recipe.threads)
    experiment = prepared(recipe, run.path)
    if data is not None and state:
        check_same(experiment, stored, state["data"])
    samples_seen = state.get("samples_seen", 0)
    if minutes is not None and not world.restarted:
        experiment, messages = settle(
            experiment,
            place,
            world,
            minutes,
            started_at=started_at,
            resized=False,
            test=wants_test(run),
            samples_seen=samples_seen,
        )
        samples = samples_seen + experiment.recipe.samples
        experiment = replace(experiment, recipe=replace(experiment.recipe, samples=stored.samples))
    if samples is not None:
        total = longer(experiment.recipe, samples_seen, samples)
        experiment = replace(experiment, recipe=replace(total, samples=total.samples + state.get("given_up", 0)))
    session = TrainingSession(run, experiment, live_trainer(experiment, place, world), listeners)
    return session.play(
        resumed=True, messages=messages, config="" if samples is None and data is None else to_yaml(experiment.recipe)
    )


def newest_state(run: Run) -> dict[str, Any]:
    """`samples_seen`, `data` and samples `given_up` of the newest valid checkpoint; empty without one.

    Raises CheckFailed if all are damaged.
    """
    if not checkpoints.newest_first(run.checkpoints):
        return {}
    state = checkpoints.open_newest(run.checkpoints, checkpoints.read_state).value
    return {"samples_seen": state.samples_seen, "data": state.data, "given_up": given_up(state.remedies)}
