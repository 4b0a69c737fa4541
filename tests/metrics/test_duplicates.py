"""When two fakes count as one: by the median of the reals' distances, whatever the farthest reals are."""

import torch
from torch import Tensor

from ganvas.metrics.duplicates import NEAR, duplicate_share


def pairs(distance: float, count: int) -> Tensor:
    """Rows in pairs at this distance, pairs 10 apart."""
    return torch.tensor([[10.0 * pair + place * distance] for pair in range(count) for place in (0, 1)])


def test_reals_far_from_all_others_do_not_move_the_bound() -> None:
    """Eight of ten reals have another at distance 1, two have none within 500: the median is 1, the mean above 100."""
    real = torch.cat([pairs(1.0, 4), torch.tensor([[1000.0], [-2000.0]])])
    assert duplicate_share(real, pairs(0.9 * NEAR, 5)) == 1
    assert duplicate_share(real, pairs(1.1 * NEAR, 5)) == 0
    half = torch.cat([pairs(0.9 * NEAR, 2), 500 + pairs(1.1 * NEAR, 2)])
    assert duplicate_share(real, half) == 0.5
