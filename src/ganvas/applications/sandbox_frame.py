"""One moment of a game in the plane as numbers for a page: samples, D's map, G's grid, arrows."""

import base64
import math
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..metrics.histograms import histograms
from ..ops.eval_mode import eval_mode
from .sandbox_game import SandboxGame
from .sandbox_pictured import FAKES, Pictured, fixed_noise, grid_noise, playing_networks, window_points

if TYPE_CHECKING:
    from .sandbox_setup import Shown

REALS = 450  # points that are drawn
MAP, FIELD = 40, 13  # points along a side: D's map, arrows
BINS = 24
EMPTY = 1e-4  # one of DENSITY_SAMPLES points at 2.1 standard deviations of the kernel gives as much
DENSITY_SAMPLES, KERNEL = 1000, 0.08  # of q, and the standard deviation of its kernel, in units of the drawn half width


def frame(game: SandboxGame, shown: "Shown") -> dict[str, Any]:
    """One moment as JSON: coordinates in units of the data, flat lists x, y, x, y, ...

    Args:
        game: is not changed.
        shown: what the page wants to see.

    Returns:
        `fake` and its `arrows` (the step that lowers G's loss most, of unit length where the slope is large), `map`
        (D over the window, a byte a point, base64), `field`, `grid`, `histogram` (of D's logits),
        `empty` (with the optimal discriminator: where there are neither data nor samples, a byte a point),
        `terms`, `slope` (the median length of G's gradient at its samples, in the networks' units) and the counters.
    """
    trainer = game.trainer
    networks = playing_networks(game, average=shown.average)
    with eval_mode(*networks.values()):
        pictured = Pictured(game, networks)
        samples = pictured.fakes(fixed_noise(game, FAKES))
        arrows, slopes = pictured.arrows(samples)
        points = window_points(game, FIELD)
        best, empty = optimal(game, pictured) if shown.optimal else (None, None)
        return {
            "samples": trainer.samples_seen,
            "rounds": game.rounds,
            "over": game.is_over,
            "fake": flat(game, samples),
            "arrows": rounded(arrows),
            "field": rounded(pictured.arrows(points)[0]),
            "slope": float(slopes.median()),
            "map": encoded(pictured.map(window_points(game, MAP)) if best is None else best),
            "empty": encoded(empty) if empty is not None else None,
            "grid": flat(game, pictured.fakes(z)) if (z := grid_noise(game)) is not None else None,
            "histogram": histogram(pictured, samples),
            "terms": {name: finite(float(value)) for name, value in trainer.stats.items()},
        }


@torch.no_grad()
def optimal(game: SandboxGame, pictured: Pictured) -> tuple[Tensor, Tensor]:
    """p / (p + q) over the window: the optimal discriminator between the data and the generator of this moment.

    Goodfellow et al. 2014, proposition 1. Both densities are those of points blurred by a Gaussian of KERNEL times the
    half width of the window, estimated from DENSITY_SAMPLES points of each. The second tensor is 1 where both densities
    are below EMPTY of their kernel's peak: the quotient means nothing there.
    """
    width = KERNEL * game.window.half / game.scale
    at = window_points(game, MAP)
    sides = game.reals[:DENSITY_SAMPLES], pictured.fakes(fixed_noise(game, DENSITY_SAMPLES))
    p, q = (torch.exp(-torch.cdist(at, side).square() / (2 * width**2)).mean(1) for side in sides)
    return ((p + 1e-9) / (p + q + 2e-9)).clamp(0, 1), (p.maximum(q) < EMPTY).float()


def histogram(pictured: Pictured, samples: Tensor) -> dict[str, Any] | None:
    """Shares of D's logits of real and of fake points in BINS equal bins, and the first and the last bound."""
    if not pictured.has_map:
        return None
    with torch.no_grad():
        real, fake = pictured.logits(pictured.reals), pictured.logits(samples)
    if not bool(real.isfinite().all() and fake.isfinite().all()):
        return None
    return histograms({"real": real, "fake": fake}, BINS)._asdict()


def flat(game: SandboxGame, x: Tensor) -> list[float]:
    """Points in the networks' units as one list in units of the data."""
    return rounded(torch.from_numpy(game.decoded(x)))


def rounded(x: Tensor) -> list[float]:
    """All numbers in one list, to four decimals; those that are not finite far outside."""
    return [round(value, 4) for value in x.double().nan_to_num(1e6, 1e6, -1e6).flatten().tolist()]


def encoded(shares: Tensor) -> str:
    """Numbers in [0, 1] as a byte each, in base64."""
    return base64.b64encode((255 * shares.nan_to_num(0.5)).round().to(torch.uint8).numpy().tobytes()).decode()


def finite(value: float) -> float | None:
    """The value to six digits, or None where it is not finite: JSON has no other numbers."""
    return float(f"{value:.6g}") if math.isfinite(value) else None
