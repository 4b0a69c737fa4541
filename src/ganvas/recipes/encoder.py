"""An encoder for the generator of another run. Schlegl et al. 2019. https://doi.org/10.1016/j.media.2019.01.010"""

from dataclasses import replace
from typing import Any

from ..base.errors import UsageError
from ..base.schedule import Cosine
from ..base.types import Spec
from ..games.inversion import Encoding
from ..games.residual_encoding import ResidualEncoding
from ..networks.dcgan import DcganCritic
from ..networks.latent_head import LatentHead
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe

MOST_SIDE = 256  # pixels that the encoder's trunk reads


def encoder_recipe(recipe: Recipe, spec: Spec, *, numbers: int, samples: int, width: int) -> Recipe:
    """The recipe of a run that begins from another one, freezes its G and trains a player E.

    Args:
        recipe: of the other run.
        spec: of its data.
        numbers: of a latent, or of a style.
        samples: pictures of the new run.
        width: of E's first layer.

    Raises:
        UsageError: the pictures have more than 256 pixels a side, or categories that labels do not name.
    """
    if max(spec.shape[1:]) > MOST_SIDE:
        raise UsageError(f"an encoder reads pictures of at most {MOST_SIDE} pixels a side", hint="Use invert --steps.")
    if any(getattr(each, "categories", 1) > 1 for each in getattr(recipe.game, "auxiliary", ())):
        raise UsageError("an encoder cannot tell the categories of this model", hint="Use invert without --encoder.")
    generator: Any = recipe.G
    trunk = DcganCritic(width=width, widest=8 * width, batch_norm=False)
    adam = Adam(lr=Cosine(1e-3, warmup_samples=2_000), beta1=0.9)
    return Recipe(
        source=recipe.source,
        domain=recipe.domain,
        transforms=recipe.transforms,
        G=replace(generator, ema=None),
        others={"E": Player(LatentHead(trunk, numbers=numbers), adam, ema=Ema(halflife_samples=5_000))},
        game=Encoding(game=recipe.game),
        samples=samples,
        batch_samples=min(64, recipe.batch_samples),
        remedies=0,
        diagnoses=0,
        snapshots=5,
        seed=recipe.seed,
    )


def detector_recipe(recipe: Recipe, spec: Spec, *, numbers: int, samples: int, width: int) -> Recipe:
    """The recipe of an encoder that finds what the other run's G cannot draw; its D is frozen too.

    Args:
        recipe, spec, numbers, samples, width: those of `encoder_recipe`.

    Raises:
        UsageError: as `encoder_recipe`.
    """
    base = encoder_recipe(recipe, spec, numbers=numbers, samples=samples, width=width)
    D: Any = recipe.D
    return replace(base, D=replace(D, ema=None), game=ResidualEncoding(game=recipe.game))
