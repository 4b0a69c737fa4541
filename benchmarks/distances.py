"""Seconds of the Frechet distance at d = 2048 against SciPy's matrix root, and of each further score.

OMP_NUM_THREADS=1 python benchmarks/distances.py [rounds]

Features are like those of a network's last layer: non-negative, correlated, of falling variances. Both sides are timed
in turn, three rounds, medians, with 5,000 samples (n > d) and with 1,000 (n < d). `apart` is the relative difference of
the two values: about 1e-14 for n > d, about 1e-7 for n < d, where SciPy takes the root of a singular matrix. One thread
each, which SciPy takes from OMP_NUM_THREADS alone, and seconds of the processor: other work on the machine counts
little.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from scipy import linalg  # type: ignore[import-untyped]
from torch import Tensor

from ganvas.metrics.diversity import vendi_collision
from ganvas.metrics.frechet import extrapolate, frechet, frechet_distance, frechet_of_features
from ganvas.metrics.kernel import kernel_distance
from ganvas.metrics.moments import Moments, moments
from ganvas.metrics.prdc import prdc, prdc_with_errors
from ganvas.metrics.sliced import sliced_distance
from ganvas.metrics.statistics import FeatureStatistics
from rows import append_row

D, N, FEW = 2048, 5000, 1000


def features(n: int, d: int, seed: int) -> Tensor:
    """Like those of a network's last layer."""
    generator = torch.Generator().manual_seed(seed)
    mixing = (
        torch.randn(d, d, generator=torch.Generator().manual_seed(0)) * torch.logspace(0, -1.5, d)[:, None] / d**0.5 * 8
    )
    return (torch.randn(n, d, generator=generator) @ mixing + 0.2).relu()


def by_scipy(*, real: Moments, fake: Moments) -> float:
    """As every tool of the last eight years computes it."""
    root = linalg.sqrtm(real.covariance.numpy() @ fake.covariance.numpy())
    return float(
        (real.mean - fake.mean).square().sum()
        + real.covariance.trace()
        + fake.covariance.trace()
        - 2 * np.trace(root).real
    )


def timed(task: Callable[[], object]) -> tuple[object, float]:
    """What it gives, and the processor's seconds."""
    begun = time.process_time()
    result = task()
    return result, time.process_time() - begun


def race(rounds: int, n: int) -> None:
    """One row: both sides on the same moments, in turn."""
    x, y = features(n, D, 1), features(n, D, 2) * 1.05
    real, fake = moments(x), moments(y)
    ours, theirs, values = [], [], (0.0, 0.0)
    for _ in range(rounds):
        mine, seconds = timed(
            lambda: frechet_of_features(real=x, fake=y) if n <= D else frechet_distance(real=real, fake=fake)
        )
        ours.append(seconds)
        scipys, seconds = timed(lambda: by_scipy(real=real, fake=fake))
        theirs.append(seconds)
        assert isinstance(mine, float)
        assert isinstance(scipys, float)
        values = mine, scipys
    ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
    apart = abs(values[0] - values[1]) / values[1]
    protocol = f"distance at d = {D}, n = {n}, against scipy.linalg.sqrtm"
    append_row(
        benchmark="distances",
        protocol=protocol,
        seconds=statistics.median(ours),
        scipy_seconds=statistics.median(theirs),
        ratio=ratio,
        apart=apart,
    )


def costs(n: int, d: int) -> None:
    """One row: seconds of each score of n samples a side."""
    x, y = features(n, d, 1), features(n, d, 2) * 1.05
    (real, gathering), fake = timed(lambda: FeatureStatistics.of(x)), FeatureStatistics.of(y)
    assert isinstance(real, FeatureStatistics)
    tasks: dict[str, Callable[[], object]] = {
        "frechet": lambda: frechet(real=real, fake=fake),
        "extrapolate": lambda: extrapolate(real=real, fake=fake),
        "kernel": lambda: kernel_distance(real=x, fake=y),
        "prdc": lambda: prdc(real=x, fake=y),
        "prdc_with_errors": lambda: prdc_with_errors(real=x, fake=y),
        "sliced": lambda: sliced_distance(real=x, fake=y),
        "vendi_collision": lambda: vendi_collision(y),
    }
    seconds = {name: timed(task)[1] for name, task in tasks.items()}
    append_row(benchmark="distances", protocol=f"seconds of each score, n = {n}, d = {d}", gather=gathering, **seconds)


if __name__ == "__main__":
    if os.environ.get("OMP_NUM_THREADS") != "1":
        sys.exit("set OMP_NUM_THREADS=1, so that both sides have one thread")
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    race(wanted, N)
    race(wanted, FEW)
    costs(N, 128)
    costs(N, D)
