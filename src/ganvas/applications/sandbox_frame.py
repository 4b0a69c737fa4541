"""One moment of a game in the plane as numbers for a page: samples, D's map, G's grid, arrows."""

import base64
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..base.draws import normal_rows
from ..base.play import Latents, Play
from ..base.types import Batch, mixes_samples
from ..games.synthesis import each_discriminator
from ..ops.eval_mode import eval_mode
from .sandbox_game import SandboxGame

if TYPE_CHECKING:
    from .sandbox_setup import Shown

REALS, FAKES = 450, 200  # points that are drawn
MAP, FIELD, GRID, CURVE = 40, 13, 21, 201  # points along a side: D's map, arrows, G's grid; along G's curve
REACH = 0.98  # share of the noise that G's grid covers along each axis
BINS = 24
DENSITY_SAMPLES, KERNEL = 1000, 0.08  # of q, and the standard deviation of its kernel, in units of the drawn half width


def frame(game: SandboxGame, shown: "Shown") -> dict[str, Any]:
    """One moment as JSON: coordinates in units of the data, flat lists x, y, x, y, ...

    Args:
        game: is not changed.
        shown: what the page wants to see.

    Returns:
        `fake` and its `arrows` (the step that lowers G's loss most, of unit length where the slope is large), `map`
        (D over the window, a byte a point, base64), `field`, `grid`, `real_logits` and `fake_logits` (histograms),
        `terms`, `slope` (the median length of G's gradient at its samples, in the networks' units) and the counters.
    """
    trainer = game.trainer
    networks = playing_networks(game, average=shown.average)
    with eval_mode(*networks.values()):
        pictured = Pictured(game, networks)
        samples = pictured.fakes(fixed_noise(game, FAKES))
        arrows, slopes = pictured.arrows(samples)
        points = window_points(game, FIELD)
        return {
            "samples": trainer.samples_seen,
            "rounds": game.rounds,
            "over": game.is_over,
            "fake": flat(game, samples),
            "arrows": rounded(arrows),
            "field": rounded(pictured.arrows(points)[0]),
            "slope": float(slopes.median()),
            "map": encoded(optimal(game, pictured) if shown.optimal else pictured.map(window_points(game, MAP))),
            "grid": flat(game, pictured.fakes(z)) if (z := grid_noise(game)) is not None else None,
            "histogram": histogram(pictured, samples),
            "terms": {name: finite(float(value)) for name, value in trainer.stats.items()},
        }


def playing_networks(game: SandboxGame, *, average: bool) -> Mapping[str, torch.nn.Module]:
    """The live networks; with `average`, G's averaged weights where there are some."""
    players = game.trainer.players
    return {name: each.best if average and name == "G" else each.network for name, each in players.items()}


class Pictured:
    """The networks of one moment, for drawing.

    Args:
        game: is not changed.
        networks: by player.
    """

    def __init__(self, game: SandboxGame, networks: Mapping[str, torch.nn.Module]) -> None:
        self.game = game
        self.rules = game.rules
        self.play = Play(networks)
        self.has_map = not mixes_samples(networks["D"])
        self.reals = game.reals[:FAKES]

    @torch.no_grad()
    def fakes(self, z: Tensor) -> Tensor:
        """G(z), in the networks' units."""
        return self.rules.generate(self.play, Latents(z), Batch(x=torch.empty(len(z), 2))).float()

    def logits(self, x: Tensor) -> Tensor:
        """D's mean logit at each point."""
        return self.all_logits(x).float().mean(1)

    def all_logits(self, x: Tensor) -> Tensor:
        """D's logits [n, K]."""
        found = self.rules.logits(self.play, Batch(x=x), x)
        assert found is not None, "a game of one G and one D has logits"
        return found

    def arrows(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The direction that lowers G's loss at each point, its length in [0, 1), and the slope itself [n]."""
        if not self.has_map:
            return torch.zeros_like(x), torch.zeros(len(x))
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            fake = self.all_logits(x)
            with torch.no_grad():
                real = self.logits(self.reals).mean().expand_as(fake) if self.rules.loss.needs_real else None
            loss = each_discriminator(self.rules.loss.generator, real, fake).flatten(1).sum(1).sum()
            (gradient,) = torch.autograd.grad(loss, x)
        slope = gradient.norm(dim=1).nan_to_num()
        return (-gradient / slope.clamp(min=1e-12)[:, None] * slope.tanh()[:, None]).nan_to_num(), slope

    @torch.no_grad()
    def map(self, x: Tensor) -> Tensor:
        """D at each point in [0, 1]: the probability that it is real, where D gives one; else its place in D's range.

        D of Wasserstein and hinge games gives scores without a fixed range: 0 and 1 are then the lowest and the highest
        of the window, and 1/2 the middle between D's means over real and fake points.
        """
        if not self.has_map:
            return torch.full((len(x),), 0.5)
        found = self.logits(x)
        if self.game.map_kind == "probability":
            return found.sigmoid()
        if self.game.map_kind == "target":
            return found.clamp(0, 1)
        middle = (self.logits(self.reals).mean() + self.logits(self.fakes(fixed_noise(self.game, FAKES))).mean()) / 2
        spread = (found - middle).abs().max().clamp(min=1e-6)
        return ((found - middle) / spread + 1) / 2


@torch.no_grad()
def optimal(game: SandboxGame, pictured: Pictured) -> Tensor:
    """p / (p + q) over the window: the optimal discriminator between the data and the generator of this moment.

    Goodfellow et al. 2014, proposition 1. Both densities are those of points blurred by a Gaussian of KERNEL times the
    half width of the window, estimated from DENSITY_SAMPLES points of each.
    """
    width = KERNEL * game.window.half / game.scale
    at = window_points(game, MAP)
    sides = game.reals[:DENSITY_SAMPLES], pictured.fakes(fixed_noise(game, DENSITY_SAMPLES))
    p, q = (torch.exp(-torch.cdist(at, side).square() / (2 * width**2)).mean(1) for side in sides)
    return ((p + 1e-9) / (p + q + 2e-9)).clamp(0, 1)


def histogram(pictured: Pictured, samples: Tensor) -> dict[str, Any] | None:
    """Shares of D's logits of real and of fake points in BINS equal bins, and the first and the last bound."""
    if not pictured.has_map:
        return None
    with torch.no_grad():
        real, fake = pictured.logits(pictured.reals), pictured.logits(samples)
    both = torch.cat([real, fake])
    if not bool(both.isfinite().all()):
        return None
    low, high = float(both.min()), float(both.max())
    high = high if high > low else low + 1.0
    counts = {
        name: (torch.histc(side, BINS, low, high) / len(side)).tolist()
        for name, side in (("real", real), ("fake", fake))
    }
    return {"low": round(low, 4), "high": round(high, 4), **{k: [round(v, 4) for v in c] for k, c in counts.items()}}


def fixed_noise(game: SandboxGame, n: int) -> Tensor:
    """The same z for every moment of a set-up: [n, latent]."""
    (size,) = game.latent
    return torch.from_numpy(normal_rows(("sandbox", game.seed), range(n), size)).float()


def grid_noise(game: SandboxGame) -> Tensor | None:
    """Points of the noise that are equally spaced in probability: a curve for one number, a grid for two; else None.

    Each cell between neighbours holds the same probability, so that where a cell of G's grid is small, q is large.
    """
    (size,) = game.latent
    if size not in (1, 2):
        return None
    count = CURVE if size == 1 else GRID
    share = torch.linspace(-REACH, REACH, count)
    line = torch.erfinv(share) * 2**0.5
    return line[:, None] if size == 1 else torch.cartesian_prod(line, line)


def window_points(game: SandboxGame, side: int) -> Tensor:
    """Centres of side x side equal squares of the window, row by row from its top, in the networks' units."""
    window = game.window
    line = (torch.arange(side) + 0.5) / side * 2 - 1
    y, x = torch.meshgrid(-line, line, indexing="ij")
    at = torch.stack([window.x + window.half * x, window.y + window.half * y], dim=-1).reshape(-1, 2)
    return game.inside(at)


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
