"""The weights that a new run begins from: of a run, or of a model folder."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..runs import Run, checkpoints
from .found_model import FACTS, found_model, is_model_folder
from .load_players import FILE, Weights, fitted, read_any, read_players, selected
from .read_model_folder import empty_networks, read_description, read_weights
from .warm_start import Initial as Initial


def initial(path: str | os.PathLike[str], parts: Any = (), at: str = "newest") -> Initial:
    """The weights of a run or a model folder that a new run begins from.

    Args:
        path: the run's folder, or a model as `load` takes it.
        parts: classes of the caller that its recipe uses, as in `load`.
        at: the checkpoint, as in `load`.

    Raises:
        GanvasError: there is no run, or no valid checkpoint.
    """
    place = found_model(path)
    if is_model_folder(place):
        return from_model_folder(place, parts)
    run = Run.open(place)
    try:
        use: Callable[[Path], Weights] = partial(read_players, *fitted(run.config, parts))
    except UsageError:  # its recipe names classes that were not passed: only the new networks can check the weights
        use = read_any
    found = selected(run, at, use)
    weights, sha256 = found.value, checkpoints.sha256(found.path / FILE)
    return Initial(
        run.path.absolute().name,
        run.config,
        parts,
        weights.spec,
        found.path,
        weights.state.samples_seen,
        sha256,
        found.notes,
    )


def from_model_folder(folder: Path, parts: Any) -> Initial:
    """The weights of a model folder."""
    experiment, facts = read_description(folder, parts)
    weights = read_weights(folder, empty_networks(folder, experiment, facts))
    absent = [name for name in experiment.recipe.players if name not in facts.players]
    hint = "ganvas export RUN --all stores all players"
    notes = (f"The model folder has no weights of {' and '.join(absent)}, which begin new: {hint}.",) if absent else ()
    return Initial(
        facts.name,
        folder / FACTS,
        parts,
        experiment.spec,
        folder,
        facts.samples,
        facts.weights.sha256,
        notes,
        experiment.recipe,
        {name.replace(".", ".network.", 1): value for name, value in weights.items()},
    )
