"""A view that changes colours by one affine map of each picture's colours."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.draws import Draws
from ..base.errors import UsageError
from ..base.types import NonNegative
from .choice import Choice, Degrees
from .spans import require_pictures


@dataclass(frozen=True)
class ColourMap:
    """x + b; times c; luma flipped (or not, evenly); hues turned by an angle; the distance from grey times s.

    Karras et al. 2020, appendix B, "color transformations". https://arxiv.org/abs/2006.06676
    b ~ N(0, brightness^2), c = 2^N(0, contrast^2), s = 2^N(0, saturation^2). All are maps of a colour (r, g, b, 1);
    grey is the direction v = (1, 1, 1) / sqrt(3), along which luma is flipped and about which hues turn. They are
    composed to one matrix. Where the game's strength is p, each is chosen for each sample with probability p. A view of
    x [b, c, h, w]: grey pictures (c = 1) as if they had three equal channels; a fourth channel is alpha and stays as it
    is.

    Args:
        brightness: deviation of the summand, in units of x (pictures span 2), at least 0.
        contrast: deviation of the factor's binary logarithm, at least 0.
        flip: whether luma may be flipped.
        hue: the largest angle in degrees, from 0 to 180.
        saturation: deviation of the factor's binary logarithm, at least 0.

    Raises:
        UsageError: x has not 1, 3 or 4 channels.
    """

    brightness: NonNegative = 0.2
    contrast: NonNegative = 0.5
    flip: bool = True
    hue: Degrees = 180.0
    saturation: NonNegative = 1.0

    def view(self, x: Tensor, draws: Draws, stream: str) -> Float[Tensor, "b c h w"]:
        return self.view_at(x, draws, stream, 1.0)

    def view_at(self, x: Tensor, draws: Draws, stream: str, p: float) -> Float[Tensor, "b c h w"]:
        require_pictures(self, x)
        if x.shape[1] not in (1, 3, 4):
            raise UsageError(
                f"ColourMap is for pictures of 1, 3 or 4 channels, not of {x.shape[1]}",
                hint="Leave it out of the views.",
            )
        matrix = self.matrices(Choice(draws, stream, (p, p, p if self.flip else 0.0, p, p))).to(x.dtype)
        if x.shape[1] == 1:
            factor, summand = matrix[:, :3, :3].sum((1, 2)) / 3, matrix[:, :3, 3].mean(1)
            return x * factor.view(-1, 1, 1, 1) + summand.view(-1, 1, 1, 1)
        with torch.autocast(x.device.type, enabled=False):
            colours = torch.baddbmm(matrix[:, :3, 3:], matrix[:, :3, :3], x[:, :3].flatten(2))
        return torch.cat([colours.view_as(x[:, :3]), x[:, 3:]], dim=1)

    def matrices(self, choice: Choice) -> Float[Tensor, "b 4 4"]:
        """The composed map of each sample; the identity where nothing was chosen."""
        n = choice.draws.normal(f"{choice.stream}.colour", 3)
        u = choice.draws.uniform(f"{choice.stream}.hue", 2)
        b = choice.or_else(0, self.brightness * n[:, 0], 0.0)
        c = choice.or_else(1, 2 ** (self.contrast * n[:, 1]), 1.0)
        flipped = choice.or_else(2, (2 * u[:, 0]).floor(), 0.0)
        angle = choice.or_else(3, math.radians(self.hue) * (2 * u[:, 1] - 1), 0.0)
        s = choice.or_else(4, 2 ** (self.saturation * n[:, 2]), 1.0)
        grey = torch.full((3, 3), 1 / 3, device=b.device)  # the projection on v
        apart = torch.eye(3, device=b.device) - grey
        luma = c * (1 - 2 * flipped)  # of the part along v; the part across is turned and stretched
        across = (c * s)[:, None, None] * (angle.cos()[:, None, None] * apart + angle.sin()[:, None, None] * turn(grey))
        linear = luma[:, None, None] * grey + across
        moved = (luma * b)[:, None, None].expand(-1, 3, 1)  # b (1, 1, 1) lies along v
        last = torch.tensor([0.0, 0.0, 0.0, 1.0], device=b.device).expand(len(b), 1, 4)
        return torch.cat([torch.cat([linear, moved], dim=2), last], dim=1)


def turn(like: Tensor) -> Float[Tensor, "3 3"]:
    """w -> v x w, a quarter turn about v = (1, 1, 1) / sqrt(3) of what is across it (Rodrigues' formula)."""
    return torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]).to(like) / math.sqrt(3)
