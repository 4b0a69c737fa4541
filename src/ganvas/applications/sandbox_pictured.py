"""The networks of one moment of a game in the plane, evaluated at points: samples, logits, slopes."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ..base.draws import normal_rows
from ..base.play import Latents, Play
from ..base.types import Batch, mixes_samples
from ..games.synthesis import each_discriminator
from .sandbox_game import SandboxGame

FAKES = 200  # points that are drawn
GRID, CURVE = 21, 201  # points along a side of G's grid; along G's curve
REACH = 0.98  # share of the noise that G's grid covers along each axis


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
