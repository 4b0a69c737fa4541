"""Device, threads and precision: what the machine has, and what is fastest on it."""

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import torch

from ..base.draws import preserved_rng
from ..base.errors import UsageError
from ..base.version import VERSION
from ..recipes import Experiment, Recipe, live_trainer
from ..training import ProcessGroup, TunedSettings, cores, dry_round, tune
from .time_budget import fitted

PROBED = 0.1  # share of the requested minutes, at most, for measuring the speed


def find_device(name: str) -> torch.device:
    """The device of a name.

    Args:
        name: as torch spells it, such as "cpu" or "cuda"; "auto" for a GPU if there is one.

    Raises:
        UsageError: this machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(f"there is no device '{name}' here", hint="Use --device cpu, or auto.") from error
    return device


@contextmanager
def settings_restored(device: torch.device) -> Iterator[None]:
    """A context after which torch's number of threads and its global random generators are restored."""
    threads = torch.get_num_threads()
    try:
        with preserved_rng(device):
            yield
    finally:
        torch.set_num_threads(threads)


def join(device: torch.device) -> ProcessGroup:
    """The process group that torchrun's environment variables describe; without them, of this process only."""
    return ProcessGroup.from_environment(device)


class Settled(NamedTuple):
    """An experiment whose recipe has all its numbers, and messages about reduced scores, snapshots or checkpoints."""

    experiment: Experiment
    messages: tuple[str, ...] = ()


def settle(
    experiment: Experiment,
    device: torch.device,
    world: ProcessGroup,
    minutes: float | None,
    *,
    started_at: float | None = None,
    resized: bool = True,
    test: bool = False,
) -> Settled:
    """Measure the speed, and write threads, precision and, for `minutes`, samples into the recipe.

    Args:
        experiment: with its recipe.
        device: to train on.
        world: the processes that train together.
        minutes: from `started_at` to the end of the run, with scores and snapshots; None: the recipe's samples.
        started_at: a time.monotonic(); None for now.
        resized: whether scores may use fewer samples in a short run; not in one that has scores already.
        test: whether the finished run is scored on test too.
    """
    recipe = experiment.recipe
    started_at = time.monotonic() if started_at is None else started_at
    trial = live_trainer(replace(experiment, recipe=replace(recipe, precision="fp32")), device, world)
    dry_round(trial)
    threads = recipe.threads
    if world.size > 1 and not threads:  # each process has its share of the cores
        threads = int(world.broadcast_number(max(1, cores() // world.here)))
    if threads and recipe.precision != "auto" and minutes is None:
        found = TunedSettings(threads, recipe.precision, 0.0)
    else:
        found = tune(
            trial,
            threads=threads,
            precision=recipe.precision,
            within=None if minutes is None else PROBED * 60 * minutes,
        )
    torch.set_num_threads(found.threads)
    measured = replace(recipe, threads=found.threads, precision=found.precision)  # type: ignore[arg-type]
    settled = replace(experiment, recipe=measured)
    if minutes is None:
        return Settled(settled)
    fits, messages = fitted(
        settled,
        trial,
        found.samples_per_second,
        world,
        seconds=60 * minutes,
        started_at=started_at,
        resized=resized,
        test=test,
    )
    return Settled(replace(settled, recipe=fits), messages)


def check_test(recipe: Recipe, test: bool) -> None:
    """Raises UsageError where `test` is set and the recipe has no scores."""
    if test and not recipe.scores:
        raise UsageError("--test needs scores, and this recipe has none", hint="Leave --test out, or set scores.")


def environment(device: torch.device, world: ProcessGroup, experiment: Experiment, *, test: bool) -> dict[str, Any]:
    """environment.json of a new run: what its numbers depend on, and its test split; nothing about the person.

    Args:
        device: to train on.
        world: the processes that train together.
        experiment: with its recipe; one without scores has no entry `test_split`.
        test: whether the finished run is scored on test.
    """
    recipe = experiment.recipe
    scored = (
        {"test_split": {"sha256": experiment.split_items("test").fingerprint, "score": test}} if recipe.scores else {}
    )
    return {
        "ganvas": VERSION,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "processes": world.size,
        **scored,
    }
