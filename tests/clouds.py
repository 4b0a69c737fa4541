"""Sets of features of which something is known."""

import torch
from torch import Tensor


def normals(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def features_like(n: int, d: int, seed: int, shift: float = 0.0) -> Tensor:
    """Correlated, off centre by `shift` and wider the larger it is."""
    mixing = normals(d, d, seed=99) / d**0.5
    return normals(n, d, seed=seed) @ (mixing + (0.3 + shift) * torch.eye(d, dtype=torch.float64)) + shift


def clusters(which: tuple[int, ...], n: int, seed: int) -> Tensor:
    """Classes ten standard deviations apart, in equal shares."""
    centres = 10 * torch.eye(8, dtype=torch.float64)[list(which)]
    return torch.cat([centre + normals(n // len(which), 8, seed=seed + place) for place, centre in enumerate(centres)])


def hundred_unique(x: Tensor) -> Tensor:
    """As many samples as in x, of which only 100 differ."""
    return x[:100].repeat(-(-len(x) // 100), 1)[: len(x)]


BAD = {  # features of both sides, and what is said of them
    "one sample": (torch.zeros(50, 4), torch.zeros(1, 4), "at least 3 samples are needed on each side, here is 1"),
    "none": (torch.zeros(50, 4), torch.zeros(0, 4), "here are 0"),
    "NaN": (
        torch.zeros(50, 4),
        torch.cat([torch.zeros(7, 4), torch.full((3, 4), torch.nan)]),
        "sample 7 are not finite numbers",
    ),
    "infinite": (torch.full((50, 4), torch.inf), torch.zeros(50, 4), "sample 0 are not finite numbers"),
}
