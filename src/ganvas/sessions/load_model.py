"""The model of a run or of a model folder: `ganvas.load`."""

import os
from collections.abc import Collection
from typing import Any

from ..recipes import Experiment, Recipe
from ..runs.model_folder import is_model_folder
from .found_model import found_model as found_model
from .found_model import holds_model as holds_model
from .load_players import averaged_networks, read_run_weights
from .model import Model as Model


def load(path: str | os.PathLike[str], *, at: str = "auto", parts: Recipe | Collection[Any] = ()) -> Model:
    """The model of a run, or of a model folder.

    Args:
        path: the run's folder, or the Run that `train` returned; a model folder; the name of a ready-made model, such
            as "mnist-demo"; or "hf://owner/name", which needs `pip install "ganvas[hub]"`.
        at: "auto", the best checkpoint by the first score on val if it is better than the newest beyond the errors,
            else the newest; "newest", the newest valid one; "best" by that score; "120000", at so many samples. A
            model folder has one checkpoint.
        parts: classes of your own that the run's recipe uses, such as [MyLoss], or the Recipe itself.

    Raises:
        GanvasError: there is no run or no such checkpoint, it is damaged, or a class of its recipe is missing.

    Returns:
        A Model on the CPU.
    """
    place = found_model(path)
    if is_model_folder(place):
        return Model.from_pretrained(place, parts=parts)
    recipe, domain, (state, spec, weights), checkpoint, sha256, notes = read_run_weights(place, at, parts)
    experiment = Experiment(recipe, domain, spec, state.data)
    return Model(
        experiment, averaged_networks(recipe, spec, weights), sha256, checkpoint.name, state.samples_seen, place, notes
    )
