"""Some samples begin from codes of real pictures, and G learns to draw those pictures there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Le
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Count, NonNegative, Term
from ..networks.photo_codes import AGAIN, Whitening, photo_summary
from ..penalties.contract import Context, state_of
from ..penalties.energy_distance import distances
from .contract import Draws, Latents, Play, Terms

USUAL = 0.3  # mean absolute difference of pixels in [-1, 1], by which theirs is divided
COARSE = 4  # pixels a side of the cells over which colours are compared too


@dataclass(frozen=True)
class Reconstruction:
    """G: w (sum over features f of D of |f(x) - f(G(c))| / E|f(x) - f(x')| + |x - G(c)| / 0.3, and of 4 x 4 means).

    c = sqrt(1 - b^2) C(x) + b n with n ~ N(0, 1) is a code of the real sample x. The samples of a share of the batch
    begin from such codes in place of z, and D, G's loss and all penalties get them as they get the others; so G learns
    soon to draw everything that is in the data, and D what is still wrong. Samples after training begin from z alone.

    After Larsen et al. 2016, equations 7 and 8 (https://arxiv.org/abs/1512.09300): an encoder, a decoder that is also
    the generator, and the distance of features of D. Here C is not learnt: codes are the first principal components of
    frozen features of photographs, whitened (`Whitening`), so that they have the mean and the covariance of z, without
    a divergence to be minimised. The first 256 real samples get none. b keeps G from learning single pictures by heart.
    D must give features that do not depend on what it learns (`Projected`), and the views change x and G(c) by the same
    random numbers.

    Args:
        weight: w.
        share: of the samples that begin from codes, above 0, at most 1.
        jitter: b, from 0 to 1.
        numbers: of a code, at most 256. They are the first of G's latent; the rest of a longer one is z, and a shorter
            one gets the first numbers of the code.
        side: pixels of the longer side of what C's network gets.
        gaussians: of a mixture that is fitted to the codes; 0: none. A G whose own mixture (of Excited) has as many, of
            as many numbers, gets it: all its samples, also those after training, then begin where codes are.

    Raises:
        UsageError: in training, if D gives no features, or G's latent is no row of numbers.
    """

    uses_labels: ClassVar[bool] = True
    pretrained: ClassVar[tuple[str, ...]] = ("photo",)
    mixes_samples: ClassVar[bool] = True
    weight: NonNegative = 10.0
    share: Annotated[float, Gt(0), Le(1)] = 0.5
    jitter: Annotated[float, Ge(0), Le(1)] = 0.3
    numbers: Annotated[int, Ge(1), Le(AGAIN[0])] = 64
    side: Count = 48
    gaussians: int = 0

    def state(self) -> Whitening:
        return Whitening(self.numbers, self.gaussians)

    def update(self, state: Whitening, recorded: Mapping[str, Tensor]) -> None:
        if "summary" in recorded:
            state.update(recorded["summary"])

    def latents(self, play: Play, draws: Draws, y: Tensor | None) -> Latents | None:
        return None

    def begin(self, play: Play, draws: Draws, x: Tensor, latents: Latents) -> Latents:
        if latents.z is None or latents.z.ndim != 2:
            raise UsageError("codes of real pictures need a G whose latent is a row of numbers", hint="Use Excited.")
        summary = photo_summary(x, self.side)
        play.record("summary", summary)
        whitening = state_of(play, self)
        mixture = whitening.give_mixture(play.G)
        if not whitening.ready:
            return latents
        codes = whitening(summary)
        begun = (codes if mixture is None else mixture.inverse(codes)).to(latents.z.dtype)
        numbers = min(self.numbers, latents.z.shape[1])
        noise = draws.normal("jitter", numbers)
        jittered = (1 - self.jitter**2) ** 0.5 * begun[:, :numbers] + self.jitter * noise
        rest = (latents.z if mixture is None else begun)[:, numbers:]
        z = torch.cat([jittered.to(latents.z.dtype), rest], dim=1)
        return Latents(torch.where(self.chosen(draws)[:, None], z, latents.z), latents.y)

    def chosen(self, draws: Draws) -> Tensor:
        """Which rows begin from codes: bool [B]."""
        return draws.uniform("reconstructed") < self.share

    def discriminator_terms(self, context: Context) -> Terms:
        return {}

    def generator_terms(self, context: Context) -> Terms:
        real, fake = context.real.features, context.fake.features
        if not real or not fake:
            raise UsageError("the reconstruction needs a discriminator that gives its features", hint="Use Projected.")
        counted = self.chosen(context.draws) * context.state_of(self).ready / self.share
        parts = [feature_distance(r.detach(), f) for r, f in zip(real, fake, strict=True)]
        x, drawn = context.x_real, context.x_fake
        parts += [difference(x, drawn), difference(F.avg_pool2d(x, COARSE), F.avg_pool2d(drawn, COARSE))]
        return {"reconstruction": Term(counted * torch.stack(parts).sum(0), self.weight)}


def feature_distance(real: Tensor, fake: Tensor) -> Tensor:
    """|f - f'| of each row [B], in the mean distance between reals."""
    real, fake = real.float().flatten(1), fake.float().flatten(1)
    usual = distances(real, real).mean().clamp(min=1e-6)
    return ((real - fake).square().sum(1) + 1e-8).sqrt() / usual


def difference(real: Tensor, fake: Tensor) -> Tensor:
    """The mean absolute difference of each row [B], in USUAL."""
    return (real - fake).abs().flatten(1).mean(1) / USUAL
