"""A view that makes four bands of frequencies stronger or weaker."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.draws import Draws
from ..base.types import NonNegative
from ..ops.wavelets import BANDS, band_filters
from .choice import Choice, only_rows
from .spans import require_pictures

POWER = (10 / 13, 1 / 13, 1 / 13, 1 / 13)  # of the bands of a picture whose power falls as 1 / frequency


@dataclass(frozen=True)
class BandGains:
    """x filtered along both axes; the gain g of each band of frequencies is a product of four normalised vectors.

    Karras et al. 2020, appendix B, "image-space filtering". https://arxiv.org/abs/2006.06676
    For each band i that is chosen: t = (1, 1, 1, 1) but t_i = 2^N(0, spread^2); g <- g t / sqrt(sum_j POWER_j t_j^2),
    so that the power of a picture stays about the same. The bands [0, pi/8], [pi/8, pi/4], [pi/4, pi/2], [pi/2, pi] are
    those of `ops.wavelets.band_filters`. Where the game's strength is p, each band is chosen for each sample with
    probability p. A view of x [b, c, h, w] of any size; outside, it is reflected.

    Args:
        spread: deviation of the gains' binary logarithms, at least 0.

    Raises:
        UsageError: x is not [b, c, h, w].
    """

    spread: NonNegative = 1.0

    def view(self, x: Tensor, draws: Draws, stream: str) -> Float[Tensor, "b c h w"]:
        return self.view_at(x, draws, stream, 1.0)

    def view_at(self, x: Tensor, draws: Draws, stream: str, p: float) -> Float[Tensor, "b c h w"]:
        require_pictures(self, x)
        choice = Choice(draws, stream, (p,) * BANDS)
        rows = choice.rows
        if not len(rows):
            return x
        taken = x[rows].to(torch.promote_types(x.dtype, torch.float32))
        gains = self.gains(choice)[rows].to(taken.dtype)
        with torch.autocast(x.device.type, enabled=False):
            down, across = (torch.einsum("bi,ijk->bjk", gains, band_filters(size, taken)) for size in x.shape[2:])
            return only_rows(x, rows, down[:, None] @ taken @ across[:, None].mT)

    def gains(self, choice: Choice) -> Float[Tensor, "b i"]:
        """g of each sample."""
        n = choice.draws.normal(f"{choice.stream}.gains", BANDS)
        power = torch.tensor(POWER, device=n.device)
        g = torch.ones_like(n)
        for band in range(BANDS):
            t = torch.ones_like(n)
            t[:, band] = choice.or_else(band, 2 ** (self.spread * n[:, band]), 1.0)
            g = g * t / (power * t.square()).sum(1, keepdim=True).sqrt()
        return g
