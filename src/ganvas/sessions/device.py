"""What this machine is, and what is best done on it."""

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

PROBED = 0.1  # of the minutes asked for, at most, for measuring the speed


def find_device(asked_for: str) -> torch.device:
    """auto: a GPU if there is one."""
    if asked_for == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(asked_for)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(f"there is no device '{asked_for}' here", hint="Use --device cpu, or auto.") from error
    return device


@contextmanager
def settings_kept(device: torch.device) -> Iterator[None]:
    """Afterwards torch's number of threads and its global random generators are as they were: a program that trains has settings of its own."""
    threads = torch.get_num_threads()
    try:
        with preserved_rng(device):
            yield
    finally:
        torch.set_num_threads(threads)


def join(device: torch.device) -> ProcessGroup:
    """The processes that train together, as torchrun's variables say; this one alone without them."""
    return ProcessGroup.from_environment(device)


class Settled(NamedTuple):
    """An experiment whose recipe leaves nothing to measurement, and what was decided on the way, in sentences."""

    experiment: Experiment
    said: tuple[str, ...] = ()


def settle(
    experiment: Experiment,
    device: torch.device,
    world: ProcessGroup,
    minutes: float | None,
    *,
    begun: float | None = None,
    resized: bool = True,
    test: bool = False,
) -> Settled:
    """Threads, precision and, for `minutes`, samples: whatever is left to measurement becomes a number of the recipe.

    The minutes count from `begun`, a time.monotonic() (now, if it is None), to the end of the run, scores and snapshots included.
    `resized`: whether scores may take fewer samples in a short run; not in one that has scores already. `test`: whether the finished run is scored on test too.
    """
    recipe = experiment.recipe
    begun = time.monotonic() if begun is None else begun
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
    settled = replace(experiment, recipe=replace(recipe, threads=found.threads, precision=found.precision))  # type: ignore[arg-type]
    if minutes is None:
        return Settled(settled)
    fits, said = fitted(
        settled, trial, found.images_per_second, world, seconds=60 * minutes, begun=begun, resized=resized, test=test
    )
    return Settled(replace(settled, recipe=fits), said)


def check_test(recipe: Recipe, test: bool) -> None:
    """Raises UsageError where scores on test are asked for and the recipe has no scores."""
    if test and not recipe.scores:
        raise UsageError(
            "there is nothing to score on test: this recipe has no scores", hint="Leave --test out, or set scores."
        )


def environment(device: torch.device, world: ProcessGroup, experiment: Experiment, *, test: bool) -> dict[str, Any]:
    """environment.json of a new run: what the numbers depend on, and which test split it has; nothing about the person.

    `test`: whether the finished run is scored on test. Of a recipe without scores nothing is said of the test split.
    """
    recipe = experiment.recipe
    scored = {"test_split": {"sha256": recipe.source.items("test").fingerprint, "score": test}} if recipe.scores else {}
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
