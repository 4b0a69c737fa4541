"""Neighbours against the published package, simulation and each other."""

import numpy as np
import pytest
import torch
from prdc import compute_prdc  # type: ignore[import-untyped]
from scipy.stats import betabinom  # type: ignore[import-untyped]

from clouds import BAD, clusters, features_like, hundred_unique, normals
from ganvas.base.draws import permutation
from ganvas.base.errors import DataError
from ganvas.metrics.prdc import (
    Prdc,
    ball_counts,
    clipped_at_one,
    expected_coverage,
    kth_neighbour_distance,
    prdc,
    prdc_of_columns,
    prdc_with_errors,
)


@pytest.mark.parametrize("k", [3, 5])
@pytest.mark.parametrize(("n", "m"), [(300, 300), (1500, 700)])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_against_the_published_package(
    k: int, n: int, m: int, dtype: torch.dtype, capsys: pytest.CaptureFixture[str]
) -> None:
    real, fake = features_like(n, 16, 1).to(dtype), features_like(m, 16, 2, shift=0.25).to(dtype)
    theirs = compute_prdc(real.numpy(), fake.numpy(), nearest_k=k)
    ours = prdc(real=real, fake=fake, k=k)._asdict()
    assert {name: ours[name] for name in theirs} == pytest.approx(theirs, abs=1e-6)
    assert 0.05 < theirs["precision"] < 0.95


@pytest.mark.parametrize(("n", "m", "d"), [(800, 800, 8), (1200, 600, 4), (600, 1200, 16)])
@pytest.mark.parametrize("good", [0.0, 0.1, 0.4, 0.7, 1.0])
def test_clipped_scores_are_the_share_of_good_fakes(n: int, m: int, d: int, good: float) -> None:
    real, fake = normals(n, d, seed=1), normals(m, d, seed=2)
    fake[int(good * m) :] += 1000 * normals(m - int(good * m), d, seed=3)
    found = prdc(real=real, fake=fake)
    assert found.clipped_density == pytest.approx(good, abs=0.07)
    assert found.clipped_coverage == pytest.approx(good, abs=0.1)


def test_what_coverage_is_expected_to_be() -> None:
    """Against SciPy's distribution; coverage itself (no clipping at k) counts balls with any fake: 1 - P(none)."""
    for m, n, k in ((100, 80, 5), (7, 1000, 3), (3, 50, 5)):
        counts = np.arange(m + 1)
        wanted = (np.minimum(counts / k, 1) * betabinom(m, k, n - k).pmf(counts)).sum()
        assert expected_coverage(m, n, k) == pytest.approx(wanted, rel=1e-9)
    rising = [expected_coverage(good, 1000, 5) for good in (0, 1, 2, 10, 300, 10_000)]
    assert rising == sorted(rising)
    assert rising[0] == pytest.approx(0, abs=1e-12)
    assert 0.9 < rising[-1] < 1


def test_clipped_density_shrugs_off_far_reals() -> None:
    """One real in ten far out, with a huge ball: fakes scattered there are good to density and to precision, not to
    clipped density.
    """
    real, fake = normals(1000, 8, seed=1), normals(1000, 8, seed=2)
    real[900:] *= 30
    fake[500:] *= 20
    found = prdc(real=real, fake=fake)
    assert found.precision > 0.7
    assert found.clipped_density < 0.62


def test_a_lost_class_costs_recall_and_coverage() -> None:
    real = clusters((0, 1, 2), 900, 10)
    whole, lost = (
        prdc(real=real, fake=clusters((0, 1, 2), 900, 20)),
        prdc(real=real, fake=clusters((0, 1), 900, 20)),
    )
    assert lost.recall < whole.recall - 0.2
    assert lost.coverage < whole.coverage - 0.2
    assert lost.clipped_coverage < whole.clipped_coverage - 0.2
    assert lost.precision == pytest.approx(whole.precision, abs=0.1)
    assert lost.clipped_density == pytest.approx(whole.clipped_density, abs=0.1)
    invented = prdc(real=clusters((0, 1), 900, 20), fake=real)
    assert (invented.precision, invented.recall) == pytest.approx((lost.recall, lost.precision), abs=1e-9)
    assert invented.precision < whole.precision - 0.2


def test_a_set_covers_itself() -> None:
    x = features_like(1200, 4, 1)
    same = prdc(real=x, fake=x.clone())
    assert (same.precision, same.recall, same.coverage) == (1, 1, 1)
    assert prdc(real=x, fake=x + 1000) == Prdc(0, 0, 0, 0, 0, 0)


def test_a_hundred_samples_over_and_over() -> None:
    real, fake = normals(2000, 6, seed=1), normals(2000, 6, seed=2)
    fresh, repeated = prdc(real=real, fake=fake), prdc(real=real, fake=hundred_unique(fake))
    assert repeated.precision == pytest.approx(fresh.precision, abs=0.06), "precision does not see it"
    assert repeated.recall < 0.1
    assert repeated.coverage < fresh.coverage / 2
    assert repeated.clipped_coverage < fresh.clipped_coverage / 2


def test_samples_all_alike() -> None:
    """Of zero variance: a ball of no radius holds nothing, not even its like."""
    x, one = normals(200, 4, seed=1), torch.full((200, 4), 0.1)
    assert prdc(real=one, fake=one) == Prdc(0, 0, 0, 0, 0, 0)
    collapsed = prdc(real=x, fake=one)
    assert collapsed.recall == 0
    assert collapsed.coverage < 0.5
    assert all(0 <= value < float("inf") for value in (*collapsed, *prdc(real=one, fake=x)))
    assert torch.equal(kth_neighbour_distance(one, 5), torch.zeros(200, dtype=torch.float64))


def test_noise_and_order() -> None:
    x, y = features_like(500, 8, 1), features_like(500, 8, 2)
    noisy = [prdc(real=x, fake=y + size * normals(500, 8, seed=3)) for size in (0.0, 0.5, 1.0, 2.0)]
    for name in ("precision", "coverage", "clipped_density", "clipped_coverage"):
        falling = [getattr(found, name) for found in noisy]
        assert falling == sorted(falling, reverse=True), name
        assert falling[-1] < falling[0] / 2, name
    shuffled = prdc(real=x[torch.from_numpy(permutation((1,), 500))], fake=y[torch.from_numpy(permutation((2,), 500))])
    assert shuffled == pytest.approx(noisy[0], abs=1e-9)


@pytest.mark.parametrize(("n", "wider"), [(250, 1.2), (250, 1.0), (500, 0.8)])
def test_errors_are_the_spread_over_fresh_draws(n: int, wider: float) -> None:
    """1.96 of them hold the mean over draws nine times in ten or more, and are not twice as wide as they should be;
    also where scores are cut at 1.
    """
    found, told = [], []
    for seed in range(40):
        x, y = normals(n, 24, seed=2 * seed), wider * normals(n, 24, seed=2 * seed + 1)
        value, errors = prdc_with_errors(real=x, fake=y)
        assert errors is not None
        assert value == prdc(real=x, fake=y)
        found.append(value)
        told.append(errors)
    values, sizes = np.array(found), np.array(told)
    held = (np.abs(values - values.mean(0)) <= 1.96 * sizes).mean(0)
    assert held.min() >= 0.85, held
    assert (sizes.mean(0)[:4] < 2 * values.std(0)[:4] + 0.002).all(), (sizes.mean(0), values.std(0))
    assert prdc_with_errors(real=x[:99], fake=y)[1] is None


@pytest.mark.parametrize("wider", [1.1, 0.2, 4.0, 0.0])
def test_leaving_a_block_out_is_what_is_counted(wider: float) -> None:
    """The column of a block against the scores of the samples that are left, one block after another; also where nearly
    all pairs are within reach.
    """
    real, fake = features_like(163, 6, 1), wider * features_like(140, 6, 2)
    whole, *left_out = prdc_of_columns(ball_counts(real=real, fake=fake, k=5, blocks=20), 5)
    assert clipped_at_one(whole) == prdc(real=real, fake=fake)
    for block, found in enumerate(left_out):
        stay = [torch.arange(len(side)) % 20 != block for side in (real, fake)]
        wanted = prdc(real=real[stay[0]], fake=fake[stay[1]])
        assert clipped_at_one(found) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(case: str) -> None:
    real, fake, sentence = BAD[case]
    with pytest.raises(DataError, match=sentence):
        prdc(real=real, fake=fake)


def test_too_few_for_neighbours() -> None:
    with pytest.raises(DataError, match="0-th neighbour"):
        prdc(real=normals(50, 2), fake=normals(50, 2), k=0)
    with pytest.raises(DataError, match="5 samples have no 5 nearest neighbours each"):
        prdc(real=normals(50, 2), fake=normals(5, 2))
