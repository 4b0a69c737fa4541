"""A short code for a picture, without training: principal components of frozen features of photographs, whitened."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from .latent_mixture import LatentMixture
from .layers import full_precision
from .projected import CHANNELS, DEVIATIONS, photo_maps, resized, scaled_size

GRIDS = (2, 2, 2, 1)  # pixels a side, to which the four maps are averaged
PIXELS = 4  # the same of the picture itself
NUMBERS = sum(channels * grid**2 for channels, grid in zip(CHANNELS, GRIDS, strict=True)) + 3 * PIXELS**2
AGAIN = (256, 1024, 4096)  # pictures, after which the components are computed
LEAST = 1e-6  # of the largest variance: a smaller one counts as this


def photo_summary(x: Float[Tensor, "b c h w"], side: int) -> Float[Tensor, "b d"]:
    """Means of EfficientNet-Lite0's maps over coarse grids, and the picture of 4 x 4 pixels; no gradient.

    Args:
        x: pictures in [-1, 1]; grey ones are read as three equal channels, and of four the first three.
        side: pixels of the longer side of what the network gets.
    """
    height, width = x.shape[2:]
    with torch.no_grad(), full_precision(x):
        small = resized(x[:, :3], scaled_size(height, width, side))
        parts = [
            F.adaptive_avg_pool2d(each.float(), grid).flatten(1) / (grid * deviation * channels**0.5)
            for each, grid, deviation, channels in zip(photo_maps(small), GRIDS, DEVIATIONS, CHANNELS, strict=True)
        ]
        return torch.cat([*parts, F.adaptive_avg_pool2d(small, PIXELS).flatten(1) / (PIXELS * 3**0.5)], dim=1)


class Whitening(nn.Module):
    """summary [B, d] -> its first k principal components, each divided by its standard deviation: mean 0, variance 1.

    Pearson 1901. https://doi.org/10.1080/14786440109462720
    The components are those of the summaries counted so far. They are computed after 256, 1,024 and 4,096 pictures, and
    stay the same in between, so that a picture keeps its code; with them, the mixture of Gaussians that the codes have
    come from.

    Args:
        numbers: k.
        gaussians: of the mixture, at most; 0: no mixture.
        summary: d.
    """

    count: Tensor
    summaries: Tensor
    mean: Tensor
    components: Tensor

    def __init__(self, numbers: int, gaussians: int = 0, summary: int = NUMBERS) -> None:
        super().__init__()
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))
        self.register_buffer("summaries", torch.zeros(AGAIN[-1], summary, dtype=torch.float16))
        self.register_buffer("mean", torch.zeros(summary))
        self.register_buffer("components", torch.zeros(summary, numbers))  # zeros: not computed yet
        self.mixture = LatentMixture(numbers, gaussians) if gaussians else None

    @property
    def ready(self) -> bool:
        """Whether enough pictures were counted for a first code."""
        return int(self.count) >= AGAIN[0]

    def forward(self, summary: Tensor) -> Tensor:
        with full_precision(summary):
            return (summary.float() - self.mean) @ self.components

    def give_mixture(self, G: object) -> LatentMixture | None:
        """Copy the mixture into G's own, and return it; None if there is none, or G has none of this size."""
        ours, theirs = self.mixture, getattr(G, "mixture", None)
        if ours is None or theirs is None or ours.means.shape != theirs.means.shape:
            return None
        if not torch.equal(ours.means, theirs.means):
            theirs.load_state_dict(ours.state_dict())
        return ours

    def update(self, summary: Tensor) -> None:
        """Count the summaries of a batch [B, d], and compute the components where it is time."""
        before = int(self.count)
        if before >= AGAIN[-1]:
            return
        rows = summary[: AGAIN[-1] - before].half()
        self.summaries[before : before + len(rows)] = rows
        self.count += len(rows)
        if any(before < number <= int(self.count) for number in AGAIN):
            self._compute()

    def _compute(self) -> None:
        """The components, the largest first; the largest number of each is positive, so that they are unique."""
        counted = self.summaries[: int(self.count)]
        with full_precision(counted):
            summaries = counted.double()
            self.mean.copy_(summaries.mean(0))
            values, vectors = torch.linalg.eigh(torch.cov(summaries.T, correction=0))
            numbers = self.components.shape[1]
            values, vectors = values.flip(0)[:numbers], vectors.flip(1)[:, :numbers]
            signs = vectors.gather(0, vectors.abs().argmax(0, keepdim=True)).sign()
            self.components.copy_(vectors * signs / values.clamp(min=LEAST * float(values[0])).sqrt())
        if self.mixture is not None:
            self.mixture.fit(self(counted))
        if len(counted) == AGAIN[-1]:
            self.summaries.zero_()  # not needed any more
