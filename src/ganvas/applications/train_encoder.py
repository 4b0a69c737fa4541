"""Training an encoder for a trained generator: a new run, in which the generator is frozen."""

import os
from pathlib import Path
from typing import Any

from ..recipes.encoder import encoder_recipe
from ..runs import Run
from ..sessions.train import train
from .edit import RunOrModel, as_model
from .latent_space import LatentSpace, has_styles

SAMPLES = 100_000


def train_encoder(
    run: RunOrModel,
    *,
    out: str | os.PathLike[str] | None = None,
    samples: int = SAMPLES,
    minutes: float | None = None,
    width: int = 32,
    at: str = "auto",
    quiet: bool = False,
) -> Run:
    """Train an encoder for the generator of a run, on the run's data and on samples: the game `Encoding`.

    The result is a run like any other: it can be resumed, and its preview shows pictures beside their inversions.

    Args:
        run: a run's folder, or the Model that `load` returned.
        out: the folder of the new run; None for a new one under runs/.
        samples: pictures that the encoder is trained on.
        minutes: how long to train instead.
        width: of the encoder's first layer.
        at: the checkpoint of the generator, as `load` takes it.
        quiet: whether to show no progress.

    Returns:
        The run of the encoder, for `invert(..., encoder=...)`.

    Raises:
        UsageError: the model has no latent vectors, or pictures of more than 256 pixels a side, or categories that
            labels do not name.
    """
    model = as_model(run, at)
    LatentSpace(model)  # raises UsageError for a model that cannot be edited
    G: Any = model.networks["G"]
    numbers = G.mean.numel() if has_styles(G) else G.latent[0]
    recipe = encoder_recipe(model.experiment.recipe, model.spec, numbers=numbers, samples=samples, width=width)
    at, where = str(model.samples_seen), None if out is None else Path(out)
    return train(recipe, init_from=model.run, init_at=at, out=where, minutes=minutes, quiet=quiet)
