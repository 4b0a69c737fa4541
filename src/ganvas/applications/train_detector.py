"""Training an encoder that makes a detector of anomalies of a trained generator: a new run, G and D frozen."""

import os
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..recipes.encoder import detector_recipe
from ..runs import Run
from ..sessions.train import train
from .edit import RunOrModel, as_model
from .latent_space import LatentSpace, has_styles

SAMPLES = 100_000


def train_detector(
    run: RunOrModel,
    *,
    out: str | os.PathLike[str] | None = None,
    samples: int = SAMPLES,
    minutes: float | None = None,
    width: int = 32,
    at: str = "auto",
    quiet: bool = False,
) -> Run:
    """Train an encoder for the generator of a run by the game `ResidualEncoding`, so that `detect` can use it.

    The run's data are what is normal.

    Args:
        run: a run's folder, or the Model that `load` returned; its D must have features.
        out: the folder of the new run; None for a new one under runs/.
        samples: pictures that the encoder is trained on.
        minutes: how long to train instead.
        width: of the encoder's first layer.
        at: the checkpoint of the generator, as `load` takes it.
        quiet: whether to show no progress.

    Returns:
        The run of the detector, for `detect`.

    Raises:
        UsageError: the model has no latent vectors or no discriminator, or finds anomalies already.
    """
    model = as_model(run, at)
    if model.game.finds_anomalies:
        raise UsageError("this run finds anomalies already", where=str(model.run), hint="Leave --fit out.")
    LatentSpace(model)  # raises UsageError for a model that cannot be edited
    if "D" not in model.networks:
        hint = "Name the run that trained it."
        raise UsageError("this model has no discriminator", where=str(model.run), hint=hint)
    G: Any = model.networks["G"]
    numbers = G.mean.numel() if has_styles(G) else G.latent[0]
    recipe = detector_recipe(model.experiment.recipe, model.spec, numbers=numbers, samples=samples, width=width)
    at, where = str(model.samples_seen), None if out is None else Path(out)
    return train(recipe, init_from=model.run, init_at=at, out=where, minutes=minutes, quiet=quiet)
