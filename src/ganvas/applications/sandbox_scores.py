"""How well a game in the plane goes: distances from the data, modes covered, share of good samples."""

import math
from collections.abc import Mapping

import torch

from ..base.types import Batch
from ..metrics.grid_divergence import grid_divergence
from ..metrics.modes import ModeCoverage
from ..metrics.sliced import sliced_distance
from .sandbox_game import SandboxGame
from .sandbox_pictured import Pictured, fixed_noise

POINTS = 2000  # of each side
DIRECTIONS = 100
EDGE = 3.0  # of the grid for the divergence, in standard deviations of the data
CELLS = 20


def scores(game: SandboxGame, pictured: Pictured) -> dict[str, float | None]:
    """The distances of 2,000 samples from 2,000 real points.

    Args:
        game: its real points are those of the training split.
        pictured: with the generator that is scored.

    Returns:
        `sliced`: the sliced 2-Wasserstein distance in units of the data's standard deviation; `js`: the Jensen-Shannon
        divergence in nats on a 20 x 20 grid of 6 standard deviations a side, less what equal distributions have, at
        least 0; where the data are a mixture of known Gaussians `modes`, `of` and `quality`, the share of samples
        within 3 standard deviations of a mode. None for a value that is not finite.
    """
    fake, real = pictured.fakes(fixed_noise(game, POINTS)).nan_to_num(1e3, 1e3, -1e3), game.reals[:POINTS]
    squared = sliced_distance(real=real, fake=fake, directions=DIRECTIONS, blocks=0).value
    divergence = grid_divergence(real=real, fake=fake, low=-EDGE, high=EDGE, cells=CELLS)
    found: dict[str, float | None] = {
        "sliced": (squared / (3 * real.shape[1])) ** 0.5,
        "js": max(0.0, divergence.value - divergence.expected),
    }
    if game.has_modes:
        found |= covered_modes(game, fake)
    return {
        name: round(value, 5) if value is not None and math.isfinite(value) else None for name, value in found.items()
    }


def covered_modes(game: SandboxGame, fake: torch.Tensor) -> Mapping[str, float]:
    """The number of modes with a sample within 3 standard deviations, of how many, and the share of such samples."""
    assert game.scene.modes is not None
    results = {
        each.name: each
        for each in ModeCoverage().measure(real=Batch(x=game.reals, y=game.scene.modes), fake=Batch(x=fake))
    }
    modes, quality = results["modes"], results["quality"]
    return {"modes": modes.value, "of": float(modes.protocol["of"]), "quality": quality.value}
