"""A model folder to live networks: nothing is unpickled, and nothing that a file names is imported."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from ..base.errors import DataError, UsageError
from ..base.types import Spec
from ..recipes import Experiment, check_room, from_tree, live_networks
from ..runs.model_folder import WEIGHTS, ModelFacts, damaged, read_facts
from ..training import read_tensors, tensor_info
from .found_model import READY

if TYPE_CHECKING:
    from ..runs.tensors import TensorInfo

FLOAT, HALF = "F32", "BF16"


class FolderModel(NamedTuple):
    """What a model folder holds."""

    experiment: Experiment
    networks: dict[str, nn.Module]  # in eval mode, float32
    facts: ModelFacts


def read_model_folder(folder: Path, parts: Any = ()) -> FolderModel:
    """The model of a folder.

    Args:
        folder: written by `save_model_folder`.
        parts: classes of the caller that its recipe uses, as in `load`.

    Raises:
        DataError: the folder is of another version.
        CheckFailed: a file is damaged or was changed.
        UsageError: a class of its recipe is missing.
    """
    experiment, facts = read_description(folder, parts)
    networks = empty_networks(folder, experiment, facts)
    fill(networks, read_weights(folder, networks))
    for network in networks.values():
        network.eval().requires_grad_(False)
    return FolderModel(experiment, networks, facts)


def read_description(folder: Path, parts: Any = ()) -> tuple[Experiment, ModelFacts]:
    """The experiment of a model folder, whose data are elsewhere, and its facts. Raises as `read_model_folder`."""
    facts = read_facts(folder)
    try:
        recipe = from_tree(facts.recipe, parts)
    except (UsageError, ValueError) as error:
        made = f"it was written by ganvas {facts.ganvas}" if isinstance(error, ValueError) else error.what
        raise UsageError(f"the recipe of this model cannot be read: {made}", where=str(folder)) from error
    if recipe.domain is None:
        raise damaged(folder, "its recipe has no domain")
    return Experiment(recipe, recipe.domain, Spec.from_json(vars(facts.spec)), facts.data), facts


def empty_networks(folder: Path, experiment: Experiment, facts: ModelFacts) -> dict[str, nn.Module]:
    """The networks that the recipe describes, with random weights.

    Raises:
        CheckFailed: they do not fit the spec.
        ResourceError: they are larger than the memory.
    """
    try:
        if folder.parent != READY:  # which imports a second of torch, and what came with ganvas is small
            check_room(experiment.recipe, experiment.spec)
        networks = live_networks(experiment.recipe, experiment.spec, facts.players)
        experiment.domain.decode(torch.zeros(1, *experiment.spec.shape))
    except (RuntimeError, ValueError, TypeError, LookupError, AttributeError, UsageError, DataError) as error:
        raise damaged(folder, f"its networks and its domain do not fit its spec: {error}") from error
    if set(networks) != set(facts.players):
        raise damaged(folder, "its recipe has not the players that it names")
    return networks


def read_weights(folder: Path, networks: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """The weights in float32, by player and name. Raises CheckFailed: they do not fit the networks."""

    def expected(found: Mapping[str, "TensorInfo"]) -> Mapping[str, "TensorInfo"]:
        wanted = {
            f"{name}.{key}": tensor_info(value)
            for name, network in networks.items()
            for key, value in network.state_dict().items()
        }
        halves = {key for key, each in found.items() if each.dtype == HALF}
        return {
            key: type(each)(HALF, each.shape) if each.dtype == FLOAT and key in halves else each
            for key, each in wanted.items()
        }

    stored = read_tensors(folder / WEIGHTS, expected, finite=True)
    return {key: value.float() if value.dtype == torch.bfloat16 else value for key, value in stored.items()}


def fill(networks: Mapping[str, nn.Module], weights: Mapping[str, Tensor]) -> None:
    """Load each player's weights into its network."""
    for name, network in networks.items():
        begin = f"{name}."
        network.load_state_dict(
            {key.removeprefix(begin): value for key, value in weights.items() if key.startswith(begin)}
        )
