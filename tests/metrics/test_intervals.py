"""Value +- 1.96 standard errors holds the expectation about 95 times in a hundred: the quick version of
benchmarks/intervals.py.
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from clouds import normals
from ganvas.metrics.classes import inception_score
from ganvas.metrics.diversity import vendi_collision
from ganvas.metrics.frechet import frechet_with_error
from ganvas.metrics.jackknife import Estimate
from ganvas.metrics.kernel import kernel_distance
from ganvas.metrics.sliced import sliced_distance
from ganvas.metrics.statistics import FeatureStatistics

DRAWS = 80


SCORES: dict[str, Callable[[Tensor, Tensor], Estimate]] = {
    "frechet": lambda x, y: frechet_with_error(real=x, fake=y),
    "kernel": lambda x, y: kernel_distance(real=x, fake=y),
    "sliced": lambda x, y: sliced_distance(real=x, fake=y, directions=30),
    "inception_score": lambda x, y: inception_score(FeatureStatistics.of(x, (2 * x).softmax(1))),
    "vendi_collision": lambda x, y: vendi_collision(x + 0.3),
}


@pytest.mark.parametrize("name", SCORES)
def test_95_percent_is_about_95_percent(name: str) -> None:
    scale = torch.linspace(1, 0.2, 6)
    sides = [
        [normals(400, 6, seed=2 * seed + side, dtype=torch.float32) * scale for side in (0, 1)] for seed in range(DRAWS)
    ]
    value, error = np.array([SCORES[name](x, 1.2 * y + 0.2) for x, y in sides]).T
    assert 0.88 <= np.mean(np.abs(value - value.mean()) < 1.96 * error) <= 0.99
    assert not np.mean(np.abs(value - value.mean()) < 0.98 * error) >= 0.88, "half the error would not do"
