"""The space of small pictures."""

import torch

from ganvas.metrics.extractor import Extractor
from ganvas.metrics.pixels import Pixels


def test_means_of_patches() -> None:
    x = torch.randint(0, 256, (5, 3, 16, 24), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    seen = Pixels().extract(x).features
    patches = (x.double() / 127.5 - 1).view(5, 3, 8, 2, 8, 3).mean((3, 5)).flatten(1)
    torch.testing.assert_close(seen.double(), patches, rtol=0, atol=1e-6)
    assert isinstance(Pixels(), Extractor)
    assert Pixels().covers((3, 5, 5))
    assert Pixels().extract(x[:, :, :5, :3]).features.shape == (5, 192)
