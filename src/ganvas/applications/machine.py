"""What this machine is, and what is best done on it."""

import platform
from dataclasses import replace
from typing import Any

import torch

from ..base.errors import UsageError
from ..base.version import VERSION
from ..recipes import Experiment, live_trainer
from ..training import Measured, World, cores, measure, rehearse

SLACK = 0.8  # of the minutes asked for; reading, snapshots and scores take the rest


def find_device(asked_for: str) -> torch.device:
    """auto: a GPU if there is one."""
    if asked_for == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(asked_for)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(f"there is no device '{asked_for}' here", mend="Use --device cpu, or auto.") from error
    return device


def world_here(device: torch.device) -> World:
    """The processes that train together, as the environment names them; this one alone where it names none."""
    return World.from_environment(device)


def settle(experiment: Experiment, device: torch.device, world: World, minutes: float | None) -> Experiment:
    """Threads, precision and, for `minutes`, samples: whatever is left to measurement becomes a number of the recipe."""
    recipe = experiment.recipe
    trial = live_trainer(replace(experiment, recipe=replace(recipe, precision="fp32")), device, world)
    rehearse(trial)
    threads = recipe.threads
    if world.size > 1 and not threads:  # each process has its share of the cores
        threads = int(world.agreed(max(1, cores() // world.here)))
    if threads and recipe.precision != "auto" and minutes is None:
        found = Measured(threads, recipe.precision, 0.0)
    else:
        found = measure(trial, threads=threads, precision=recipe.precision)
    torch.set_num_threads(found.threads)
    samples = recipe.samples
    if minutes is not None:
        batches = round(found.images_per_second * 60 * minutes * SLACK / recipe.batch_samples)
        samples = max(1, batches) * recipe.batch_samples
    settled = replace(recipe, threads=found.threads, precision=found.precision, samples=samples)  # type: ignore[arg-type]
    return replace(experiment, recipe=settled)


def environment(device: torch.device, world: World) -> dict[str, Any]:
    """What the numbers depend on, and nothing about the person."""
    return {
        "ganvas": VERSION,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "processes": world.size,
    }
