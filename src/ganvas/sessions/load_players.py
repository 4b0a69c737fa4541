"""Reads the players' weights of a checkpoint, and checks them against the recipe's networks."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from ..base.errors import CheckFailed, DataError, UsageError
from ..base.types import Spec
from ..recipes import Recipe, differences, dump, live_networks, network_shapes, read_recipe
from ..runs import Run, checkpoints, chosen_checkpoint
from ..runs.checkpoint_state import CheckpointState, damaged_checkpoint, read_state
from ..training import read_tensors, tensor_info

if TYPE_CHECKING:
    from ..domains.contract import Domain
    from ..runs.tensors import TensorInfo

FILE = "players.safetensors"
CHANGED = "Was config.yaml changed since?"


class Weights(NamedTuple):
    """The players' tensors in a checkpoint, with its state and spec."""

    state: CheckpointState
    spec: Spec
    tensors: dict[str, Tensor]  # by player, "network" or "ema", and name


def read_any(path: Path) -> Weights:
    """The weights of a verified checkpoint of an unknown recipe. Raises CheckFailed: damaged, or not finite."""
    state = read_state(path)
    return Weights(state, Spec.from_json(vars(state.spec)), read_tensors(path / FILE, lambda found: found, finite=True))


class RunWeights(NamedTuple):
    """A run's recipe and domain, and the weights of one of its checkpoints."""

    recipe: Recipe
    domain: "Domain"
    weights: Weights
    checkpoint: Path
    sha256: str  # of the file of weights
    notes: tuple[str, ...]  # a sentence for each newer checkpoint that is damaged, and on a choice by score


def read_run_weights(path: Path, at: str, parts: Any) -> RunWeights:
    """Read the weights of a checkpoint of a run.

    Args:
        path: the run's folder.
        at: "auto", "newest", "best", or a number of samples, as in `load`.
        parts: classes of the caller that the recipe uses, as in `load`.

    Raises:
        GanvasError: there is no run or no such checkpoint, it is damaged, or a class is missing.
    """
    run = Run.open(path)
    recipe, domain = fitted(run.config, parts)
    found = selected(run, at, partial(read_players, recipe, domain))
    return RunWeights(recipe, domain, found.value, found.path, checkpoints.sha256(found.path / FILE), found.notes)


def selected(run: Run, at: str, use: Callable[[Path], Weights]) -> checkpoints.OpenedCheckpoint[Weights]:
    """The checkpoint that a user names; for "auto" the chosen one with its reason among the notes, else the newest."""
    if at != "auto":
        return checkpoints.open_selected(run.checkpoints, at, use)
    damage: tuple[str, ...] = ()
    if better := chosen_checkpoint(run):
        try:
            found = checkpoints.open_selected(run.checkpoints, str(better.samples), use)
            return found._replace(notes=(*found.notes, better.reason))
        except CheckFailed as error:
            damage = (f"{error.what.rstrip('.')}, so the newest checkpoint is used.",)
    found = checkpoints.open_selected(run.checkpoints, "newest", use)
    return found._replace(notes=(*damage, *found.notes))


def fitted(config: Path, parts: Any) -> tuple[Recipe, "Domain"]:
    """The recipe and the fitted domain of a config.yaml. Raises UsageError, or CheckFailed without a domain."""
    recipe = read_recipe(config, parts)
    if recipe.domain is None:
        raise CheckFailed("the run's recipe has no domain", where=str(config), hint=CHANGED)
    return recipe, recipe.domain


def read_players(recipe: Recipe, domain: "Domain", path: Path) -> Weights:
    """The weights of a verified checkpoint, network and average of each player.

    Args:
        recipe: of the run.
        domain: fitted, as in the run's config.yaml.
        path: the checkpoint's folder.

    Raises:
        CheckFailed: the weights do not fit the recipe or the domain, or are not finite.
    """
    state = read_state(path)
    if changed := differences(json.loads(json.dumps(dump(domain))), state.recipe.get("domain"), "domain"):
        raise damaged_checkpoint(path, f"{changed[0]}. {CHANGED}")
    spec = Spec.from_json(vars(state.spec))
    try:
        shapes = network_shapes(recipe, spec)
        domain.decode(torch.zeros(1, *spec.shape))
    except (
        RuntimeError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
        UsageError,
        DataError,
    ) as error:  # raised inside a part
        raise damaged_checkpoint(path, f"the recipe's networks and domain do not fit its spec: {error}") from error

    def expected(found: Mapping[str, "TensorInfo"]) -> Mapping[str, "TensorInfo"]:
        averaged = {name for name in shapes if any(each.startswith(f"{name}.ema.") for each in found)}
        parts = [
            (name, part) for name in shapes for part in ("network", "ema") if part == "network" or name in averaged
        ]
        return {
            f"{name}.{part}.{key}": tensor_info(value) for name, part in parts for key, value in shapes[name].items()
        }

    return Weights(state, spec, read_tensors(path / FILE, expected, finite=True))


def averaged_networks(recipe: Recipe, spec: Spec, weights: Mapping[str, Tensor]) -> dict[str, nn.Module]:
    """Every player's network in eval mode, with its average where there is one, from the tensors of `Weights`."""
    networks = live_networks(recipe, spec)
    for name, network in networks.items():
        part = f"{name}.ema." if any(key.startswith(f"{name}.ema.") for key in weights) else f"{name}.network."
        network.load_state_dict(
            {key.removeprefix(part): value for key, value in weights.items() if key.startswith(part)}
        )
        network.eval().requires_grad_(False)
    return networks
