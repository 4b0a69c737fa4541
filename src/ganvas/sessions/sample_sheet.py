"""Pictures of what players make, one sheet for a person to look at."""

from collections.abc import Mapping

from PIL import Image
from torch import Tensor, nn

from ..base.types import Batch
from ..games.contract import Game
from ..recipes import Experiment
from ..training import data_batches, first, noise_batches, outputs

COLUMNS = 10


def picture(experiment: Experiment, game: Game, networks: Mapping[str, nn.Module]) -> Image.Image | None:
    """The fixed latents, or the first val items, as the players answer them now; None for a game with nothing to see."""
    columns = COLUMNS // game.images_per_sample * game.images_per_sample
    n = experiment.domain.sheet if game.images_per_sample == 1 else COLUMNS * columns // game.images_per_sample
    made = sheet(experiment, game, networks, n, experiment.recipe.seed, None)
    return None if made is None else experiment.domain.render(made, columns)


def sheet(
    experiment: Experiment, game: Game, networks: Mapping[str, nn.Module], n: int, seed: int, y: Tensor | None
) -> Tensor | None:
    """What the game shows of n samples."""
    if not game.needs_data:
        made = outputs(game, networks, noise_batches(experiment.spec, y), n=n, seed=seed)
        return game.show(Batch(x=made), made)
    stream = experiment.stream("val")
    n = min(n, len(stream.store))
    return game.show(first(stream, n), outputs(game, networks, data_batches(stream), n=n, seed=seed))
