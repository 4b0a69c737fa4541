"""Directions in the latent space: those along which pictures change most, a random plane, and the way between two."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from ..base.draws import normal_rows

SAMPLES, CELLS, COUNT = 256, 8, 6  # pictures that are read, at so many cells a side; directions


class Directions(NamedTuple):
    """Unit vectors in the latent space, the most telling first.

    Args:
        vectors: [k, latent].
        shares: of the linear change of pictures that each explains.
    """

    vectors: Float[Tensor, "k d"]
    shares: tuple[float, ...]


def find_directions(generate: Callable[[Tensor], Tensor], size: int) -> Directions:
    """The left singular vectors of B in f(G(z)) ~ z B, by least squares; f: a picture averaged over 8 x 8 cells.

    For z ~ N(0, 1) and many samples B is the mean slope of f(G(z)) (Stein 1981, lemma 1,
    https://doi.org/10.1214/aos/1176345632), so that these are the directions in which pictures change most on average.

    Args:
        generate: latents [n, size] to pictures [n, C, H, W].
        size: numbers of a latent.
    """
    n = max(SAMPLES, 3 * size)
    z = torch.from_numpy(normal_rows(("directions",), range(n), size)).float()
    pictures = torch.cat([generate(part) for part in z.split(64)])
    features = F.adaptive_avg_pool2d(pictures, CELLS).flatten(1).double()
    centred = (z - z.mean(0)).double()
    slope = torch.linalg.lstsq(centred, features - features.mean(0)).solution
    vectors, strengths, _ = torch.linalg.svd(slope, full_matrices=False)
    shares = strengths.square() / strengths.square().sum().clamp(min=1e-30)
    count = min(COUNT, size)
    return Directions(vectors.T[:count].float(), tuple(shares[:count].tolist()))


def plane(size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Two random unit vectors that are orthogonal, if there are two numbers at least."""
    random = torch.from_numpy(normal_rows(("plane", seed), range(2), size))
    vectors, _ = torch.linalg.qr(random.T)
    first = vectors[:, 0].float()
    return first, vectors[:, 1].float() if size > 1 else torch.zeros(size)


def between(start: Float[Tensor, "1 d"], end: Float[Tensor, "1 d"], count: int) -> Float[Tensor, "n d"]:
    """Points on the great circle between two latents; their lengths change evenly (White 2016, section 2.1).

    https://arxiv.org/abs/1609.04468
    """
    t = torch.linspace(0, 1, count)[:, None]
    lengths = (1 - t) * start.norm() + t * end.norm()
    a, b = F.normalize(start, dim=1), F.normalize(end, dim=1)
    angle = torch.arccos((a * b).sum().clamp(-1, 1))
    if float(torch.sin(angle)) < 1e-4:  # the same direction
        return (1 - t) * start + t * end
    return lengths * (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)
