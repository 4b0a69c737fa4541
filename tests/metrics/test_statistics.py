"""One pass: the same in any order, in batches of any size, over any number of ranks; and flat in memory."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from clouds import features_like, normals
from ganvas.base.draws import permutation
from ganvas.base.errors import DataError, UsageError
from ganvas.metrics.extractor import Features
from ganvas.metrics.moments import merge_moments, moments, subtract_moments
from ganvas.metrics.statistics import FREE, FeatureStatistics, sampling_ranks

N, D, K = 700, 6, 5
X = features_like(N, D, 1).float()
P = normals(N, K, seed=2, dtype=torch.float32).softmax(1)


def statistics_of(order: Tensor, batch: int, retain: int = 100) -> FeatureStatistics:
    statistics = FeatureStatistics(D, K, seed=3, retain=retain)
    for numbers in order.split(batch):
        statistics.update(Features(X[numbers], P[numbers]), numbers)
    return statistics


def same(one: FeatureStatistics, other: FeatureStatistics) -> None:
    assert torch.equal(one.sample, other.sample)
    for name in ("count", "class_counts"):
        assert torch.equal(getattr(one, name), getattr(other, name)), name
    for name in ("mean", "scatter", "probability_sums", "negentropy"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=1e-11, atol=1e-11, msg=name)


@pytest.mark.parametrize("batch", [7, 37, 700])
def test_neither_order_nor_batch_size_counts(batch: int) -> None:
    same(statistics_of(torch.from_numpy(permutation(("order",), N)), batch), statistics_of(torch.arange(N), 100))


@pytest.mark.parametrize("count", [2, 3, 7])
def test_ranks_merge_to_the_whole_in_any_order(count: int) -> None:
    shares = [statistics_of(torch.arange(rank, N, count), 64) for rank in range(count)]
    there, back = FeatureStatistics(D, K, seed=3, retain=100), FeatureStatistics(D, K, seed=3, retain=100)
    for share in shares:
        there.merge(FeatureStatistics.restore(load(save(share.state()))))
    for share in reversed(shares):
        back.merge(share)
    same(there, statistics_of(torch.arange(N), N))
    same(there, back)


def test_moments_are_those_of_numpy() -> None:
    statistics = statistics_of(torch.arange(N), 50)
    assert statistics.n == statistics.whole.n == N
    np.testing.assert_allclose(statistics.whole.mean.numpy(), X.double().numpy().mean(0), rtol=1e-12)
    np.testing.assert_allclose(statistics.whole.covariance.numpy(), np.cov(X.double().numpy().T), rtol=1e-11)
    for block, found in enumerate(statistics.blocks):
        np.testing.assert_allclose(found.covariance.numpy(), np.cov(X[block::20].double().numpy().T), rtol=1e-10)


def test_moments_far_from_zero_stay_exact() -> None:
    x = (normals(1000, 5) * 0.01 + 100).float()
    np.testing.assert_allclose(moments(x).covariance.numpy(), np.cov(x.double().numpy().T), rtol=1e-12)
    np.testing.assert_allclose(
        FeatureStatistics.of(x).whole.covariance.numpy(), np.cov(x.double().numpy().T), rtol=1e-11
    )


def test_leaving_out_equals_recomputing() -> None:
    x = features_like(300, 6, 3) + 5
    left, wanted = subtract_moments(moments(x), moments(x[40:100])), moments(torch.cat([x[:40], x[100:]]))
    back = merge_moments([left, moments(x[40:100])])
    for found, right in ((left, wanted), (back, moments(x))):
        assert found.n == right.n
        torch.testing.assert_close(found.mean, right.mean, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(found.scatter, right.scatter, rtol=1e-10, atol=1e-10)


def test_class_sums() -> None:
    statistics = statistics_of(torch.arange(N), 64)
    p = P.double()
    torch.testing.assert_close(statistics.probability_sums.sum(0), p.sum(0))
    torch.testing.assert_close(statistics.negentropy.sum(), (p * p.log()).sum())
    assert torch.equal(statistics.class_counts.sum(0), torch.bincount(P.argmax(1), minlength=K))
    assert torch.equal(statistics.class_counts[3], torch.bincount(P[3::20].argmax(1), minlength=K))


def test_the_sample_is_drawn_without_favour() -> None:
    """Each number is kept as often as another: 20,000 of 100,000, in 50 bins of 2,000, chi-squared with 49 degrees of
    freedom.
    """
    kept = sampling_ranks(torch.arange(100_000), seed=0).argsort()[:20_000]
    hits = torch.bincount(kept // 2000, minlength=50).double()
    assert 23 < float(((hits - 400) ** 2 / (400 * 0.8)).sum()) < 86
    assert sampling_ranks(torch.arange(100_000), seed=0).unique().numel() == 100_000
    other = sampling_ranks(torch.arange(100_000), seed=1).argsort()[:20_000]
    assert 0.18 < float(torch.isin(other, kept).double().mean()) < 0.22


def test_the_sample_is_everything_while_it_fits() -> None:
    statistics = statistics_of(torch.arange(N), 64, retain=1000)
    assert torch.equal(statistics.sample, X)
    assert torch.equal(statistics.sample_numbers, torch.arange(N))
    few = statistics_of(torch.arange(N), 64, retain=100)
    assert torch.equal(few.sample, X[few.sample_numbers])
    assert len(few.sample_numbers) == 100
    assert not (few.numbers == FREE).any()


def test_memory_is_flat_in_n() -> None:
    statistics, sizes = FeatureStatistics(8, 3, retain=50), set()
    for start in range(0, 5000, 500):
        statistics.update(
            Features(normals(500, 8, seed=start, dtype=torch.float32), torch.full((500, 3), 1 / 3)),
            range(start, start + 500),
        )
        sizes.add(sum(value.untyped_storage().nbytes() for value in statistics.state().values()))
    assert len(sizes) == 1


def test_what_is_wrong_is_named() -> None:
    statistics = FeatureStatistics(D)
    with pytest.raises(DataError, match="no samples"):
        _ = statistics.whole
    broken = X[:10].clone()
    broken[4, 2] = torch.nan
    with pytest.raises(DataError, match="sample 104 are not finite"):
        statistics.update(Features(broken), range(100, 110))
    statistics.update(Features(X[:10]), range(10))
    with pytest.raises(UsageError, match="sample 9 was given twice"):
        statistics.update(Features(X[:1]), [9])
    with pytest.raises(UsageError, match="can be merged only if"):
        statistics.merge(FeatureStatistics(D, seed=1))
    with pytest.raises(UsageError, match="can be merged only if"):
        statistics.merge(FeatureStatistics(D + 1))


def test_states_are_copies() -> None:
    statistics = statistics_of(torch.arange(N), 64)
    before = statistics.state()
    restored = FeatureStatistics.restore(before)
    restored.update(Features(X[:5], P[:5]), range(N, N + 5))
    statistics.update(Features(X[5:9], P[5:9]), range(N, N + 4))
    assert (statistics.n, restored.n, int(before["count"].sum())) == (N + 4, N + 5, N)


def test_leading_features_are_those_of_a_narrower_extractor() -> None:
    whole = statistics_of(torch.arange(N), 64)
    narrow = FeatureStatistics(2, K, seed=3, retain=100)
    narrow.update(Features(X[:, :2], P), range(N))
    leading = whole.leading_features(2)
    same(leading, narrow)
    leading.update(Features(X[:1, :2], P[:1]), [N])
    assert whole.n == N


@pytest.mark.parametrize("fault", ["features", "probabilities", "number"])
def test_an_update_that_is_refused_changes_nothing(fault: str) -> None:
    statistics = FeatureStatistics(D, K)
    statistics.update(Features(X[:10], P[:10]), range(10))
    before = statistics.state()
    x, p = X[10:20].clone(), P[10:20].clone()
    {"features": x, "probabilities": p, "number": torch.zeros(1, 1)}[fault][0, 0] = torch.nan
    with pytest.raises((DataError, UsageError)):
        statistics.update(Features(x, p), range(9, 19) if fault == "number" else range(10, 20))
    after = statistics.state()
    assert [name for name in before if not torch.equal(before[name], after[name])] == []
