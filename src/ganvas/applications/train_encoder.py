"""Training an encoder for a trained generator: a run of its own, in which the generator is frozen."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..base.schedule import Cosine
from ..games.inversion import Encoding
from ..networks import DcganCritic, LatentHead
from ..recipes import Player, Recipe
from ..runs import Run
from ..sessions.model import Model
from ..sessions.train import train
from ..training import Adam, Ema
from .edit import as_model
from .latent_space import LatentSpace, has_styles

SAMPLES = 100_000
MOST_SIDE = 256  # pixels that the encoder's trunk reads


def train_encoder(
    run: Model | str | os.PathLike[str],
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
    recipe = encoder_recipe(model, samples=samples, width=width)
    at, where = str(model.samples_seen), None if out is None else Path(out)
    return train(recipe, init_from=model.run, init_at=at, out=where, minutes=minutes, quiet=quiet)


def encoder_recipe(model: Model, *, samples: int, width: int) -> Recipe:
    """The recipe of an encoder's run. Raises UsageError."""
    recipe = model.experiment.recipe
    if max(model.spec.shape[1:]) > MOST_SIDE:
        raise UsageError(f"an encoder reads pictures of at most {MOST_SIDE} pixels a side", hint="Use invert --steps.")
    if any(getattr(each, "categories", 1) > 1 for each in getattr(recipe.game, "auxiliary", ())):
        raise UsageError("an encoder cannot tell the categories of this model", hint="Use invert without --encoder.")
    G: Any = model.networks["G"]
    numbers = G.mean.numel() if has_styles(G) else G.latent[0]
    generator: Any = recipe.G
    trunk = DcganCritic(width=width, widest=8 * width, batch_norm=False)
    adam = Adam(lr=Cosine(1e-3, warmup_samples=2_000), beta1=0.9)
    return Recipe(
        source=recipe.source,
        domain=recipe.domain,
        transforms=recipe.transforms,
        G=replace(generator, ema=None),
        others={"E": Player(LatentHead(trunk, numbers=int(numbers)), adam, ema=Ema(halflife_samples=5_000))},
        game=Encoding(game=recipe.game),
        samples=samples,
        batch_samples=min(64, recipe.batch_samples),
        remedies=0,
        diagnoses=0,
        snapshots=5,
        seed=recipe.seed,
    )
