"""Scores of columns against SciPy's numbers and closed forms."""

import numpy as np
import pytest
import torch
from scipy import stats  # type: ignore[import-untyped]

from ganvas.base.errors import DataError, UsageError
from ganvas.base.types import Batch, Spec
from ganvas.metrics.columns import ColumnScores, kolmogorov_smirnov, wasserstein
from ganvas.metrics.contract import Result


def scored(real: np.ndarray, fake: np.ndarray, names: tuple[str, ...] = ()) -> dict[str, Result]:
    batches = {"real": Batch(torch.from_numpy(real)), "fake": Batch(torch.from_numpy(fake))}
    return {result.name: result for result in ColumnScores(names=names).measure(**batches)}


@pytest.mark.parametrize(("n", "m"), [(50, 50), (40, 73), (300, 7)])
@pytest.mark.parametrize("ties", [False, True])
def test_distances_are_those_of_scipy(n: int, m: int, ties: bool) -> None:
    draw = np.random.default_rng(n + m)
    x, y = draw.normal(size=n), 0.3 + 2 * draw.normal(size=m)
    if ties:
        x, y = x.round(), y.round()
    sides = [torch.from_numpy(np.sort(side)) for side in (x, y)]
    assert wasserstein(*sides) == pytest.approx(stats.wasserstein_distance(x, y), rel=1e-12)
    assert kolmogorov_smirnov(*sides) == pytest.approx(stats.ks_2samp(x, y).statistic, rel=1e-12)


def test_units_do_not_matter_and_each_column_is_scored() -> None:
    draw = np.random.default_rng(0)
    real, fake = draw.normal(size=(400, 2)), draw.normal(size=(500, 2)) * [1.0, 3.0] + [2.0, 0.0]
    found = scored(real, fake, names=("income", "rate"))
    scale, shift = np.array([1e6, 1e-4]), np.array([5e6, 3.0])
    for name, result in scored(real * scale + shift, fake * scale + shift, names=("income", "rate")).items():
        assert result.value == pytest.approx(found[name].value, rel=1e-6, abs=1e-8), name
    s = real.std(axis=0, ddof=1)
    for place, name in enumerate(("income", "rate")):
        assert found[f"wasserstein[{name}]"].value == pytest.approx(
            stats.wasserstein_distance(real[:, place], fake[:, place]) / s[place], rel=1e-9
        )
        assert found[f"ks[{name}]"].value == pytest.approx(
            stats.ks_2samp(real[:, place], fake[:, place]).statistic, rel=1e-9
        )
        assert found[f"mean[{name}]"].value == pytest.approx(
            (fake[:, place].mean() - real[:, place].mean()) / s[place], rel=1e-9
        )
        assert found[f"sd[{name}]"].value == pytest.approx(fake[:, place].std(ddof=1) / s[place], rel=1e-9)


def test_errors_are_the_spread_over_fresh_draws() -> None:
    draw = np.random.default_rng(1)
    runs = [scored(draw.exponential(size=(200, 1)), draw.exponential(size=(200, 1))) for _ in range(40)]
    for name in ("mean[1]", "sd[1]"):
        spread = np.std([run[name].value for run in runs])
        told = np.mean([run[name].error for run in runs])
        assert 0.5 < told / spread < 2, name


def test_good_fakes_score_as_reals_do_and_bad_ones_worse() -> None:
    draw = np.random.default_rng(2)
    real, good = draw.normal(size=(2, 600, 3))
    collapsed, twisted = np.repeat(good[:5], 120, axis=0), np.stack([good[:, 0], good[:, 0], good[:, 2]], axis=1)
    of_good, of_collapsed, of_twisted = (scored(real, fake) for fake in (good, collapsed, twisted))
    assert next(iter(of_good)) == "columns_sliced"
    assert of_good["columns_coverage"].value > 0.9
    assert of_collapsed["columns_coverage"].value < 0.2
    assert of_twisted["columns_sliced"].value > 3 * of_good["columns_sliced"].value, "columns alone look right"
    assert of_twisted["wasserstein[2]"].value < 0.2


def test_a_column_of_one_value_among_the_reals_is_no_division_by_zero() -> None:
    real = np.random.default_rng(3).normal(size=(100, 2))
    real[:, 1] = 5
    found = scored(real, real.copy())
    assert found["wasserstein[2]"].value == 0
    assert found["sd[2]"].value == 0
    assert all(np.isfinite(result.value) for result in found.values())


def test_what_cannot_be_scored_is_refused() -> None:
    metric = ColumnScores(names=("a", "b"))
    metric.check_spec(Spec("points", (2,), bounded=False), "samples")
    for spec, makes in (
        (Spec("images", (1, 4, 4), bounded=True), "samples"),
        (Spec("points", (2,), bounded=False), "classes"),
        (Spec("points", (3,), bounded=False), "samples"),
    ):
        with pytest.raises(UsageError, match="ColumnScores"):
            metric.check_spec(spec, makes)
    with pytest.raises(DataError, match="sample 1"):
        scored(np.zeros((5, 1)), np.array([[0.0], [np.nan], [1.0]]))
