"""Memorisation: literal formulas, honest data that pass, copies that do not."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats  # type: ignore[import-untyped]
from scipy.spatial.distance import cdist  # type: ignore[import-untyped]
from torch import Tensor

from ganvas.base.errors import DataError
from ganvas.metrics import nearest_training as module
from ganvas.metrics.memorization import closest_pairs, distance_histogram, memorization
from ganvas.metrics.nearest_training import NearestTraining, nearest_training
from ganvas.metrics.three_sample_test import k_means, mann_whitney, three_sample_test


def normals(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def three(n: int = 1500, h: int = 700, m: int = 500, d: int = 6, seed: int = 0) -> dict[str, Any]:
    return {
        name: normals(count, d, seed=3 * seed + place)
        for place, (name, count) in enumerate({"train": n, "held": h, "fake": m}.items())
    }


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ELEMENTS", 5000)


def test_neighbours_are_those_of_scipy(small_blocks: None) -> None:
    x, train = normals(70, 5) + 30, normals(900, 5, seed=1) + 30
    table = cdist(x.numpy(), train.numpy())
    found = nearest_training(x, train=train)
    np.testing.assert_array_equal(found.train, table.argmin(1))
    np.testing.assert_allclose(found.distance, table.min(1), rtol=1e-6)
    own = nearest_training(train[40:95], train=train, itself=torch.arange(40, 95))
    among = cdist(train[40:95].numpy(), train.numpy())
    among[np.arange(55), np.arange(40, 95)] = np.inf
    np.testing.assert_array_equal(own.train, among.argmin(1))


def test_authenticity_written_out(small_blocks: None) -> None:
    sides = three(300, 120, 90)
    train = sides["train"].numpy()
    among = cdist(train, train) + np.diag(np.full(300, np.inf))

    def authentic(x: Tensor) -> float:
        to_train = cdist(x.numpy(), train)
        star = to_train.argmin(1)
        return float(np.mean([to_train[j, t] > among[t].min() for j, t in enumerate(star)]))

    found = memorization(**sides)
    assert found.authentic_fake == pytest.approx(authentic(sides["fake"]))
    assert found.authentic_held == pytest.approx(authentic(sides["held"]))
    assert found.gap == pytest.approx(authentic(sides["fake"]) - authentic(sides["held"]))


def test_honest_data_get_a_clean_bill() -> None:
    """Nominal 95 % statements hold about 95 % of the time over fresh draws."""
    found = [
        (memorization(**three(400, 300, 250, seed=k)), three_sample_test(**three(400, 300, 250, seed=k), cells=3))
        for k in range(100)
    ]
    assert 0.90 <= np.mean([abs(m.gap) < 1.96 * m.gap_error for m, _ in found]) <= 0.99
    assert 0.90 <= np.mean([m.ratio_low <= 1 <= m.ratio_high for m, _ in found]) <= 0.99
    assert np.mean([m.copied for m, _ in found]) == pytest.approx(found[0][0].expected, rel=0.2)
    assert np.mean([(m.copied - m.expected) ** 2 for m, _ in found]) ** 0.5 == pytest.approx(
        found[0][0].copied_error, rel=0.25
    )
    assert 0.90 <= np.mean([abs(c.effect.value) < 1.96 * c.effect.error for _, c in found]) <= 0.99
    assert abs(np.mean([c.z for _, c in found])) < 0.2
    assert np.std([c.z for _, c in found]) == pytest.approx(np.mean([c.z_error for _, c in found]), rel=0.2)
    assert found[0][1].z_error < 0.7, "a mean over cells spreads less than a z-score does"


def test_the_error_of_a_share_of_copies_holds_few_held_out_samples() -> None:
    """With many fakes and few held-out samples it is the threshold that varies, which a binomial error forgets."""
    found = [memorization(**three(300, 120, 3000, seed=k)) for k in range(80)]
    spread = np.mean([(m.copied - m.expected) ** 2 for m in found]) ** 0.5
    assert found[0].copied_error == pytest.approx(spread, rel=0.25)
    assert spread > 3 * (found[0].expected * (1 - found[0].expected) / 3000) ** 0.5


@pytest.mark.parametrize(("apart", "d"), [(1e3, 8), (1e4, 8), (1e5, 8), (1e4, 32)])
def test_copies_are_found_where_features_spread_wide(apart: float, d: int) -> None:
    """In float32, with clusters far apart, products alone take another sample for the copied one."""
    train = normals(3000, d)
    train[:, 0] += apart * (torch.arange(3000) % 2)
    held = normals(500, d, seed=1)
    held[:, 0] += apart * (torch.arange(500) % 2)
    fake = nearest_training(train[:400], train=train)
    assert fake.distance.max() == 0
    wanted = cdist(held.double(), train.double())
    found = nearest_training(held, train=train)
    assert torch.equal(found.train, torch.from_numpy(wanted.argmin(1)))
    assert memorization(train=train, held=held, fake=train[:400]).copied == 1


def test_copies_are_caught_whole_and_in_part() -> None:
    sides = three(2000, 1000, 1000)
    honest = memorization(**sides)
    all_copies = memorization(**{**sides, "fake": sides["train"][:1000]})
    assert all_copies.ratio == all_copies.ratio_low == 0
    assert 0 <= all_copies.ratio_high < 1e-6
    assert (all_copies.copied, all_copies.authentic_fake) == (1, 0)
    assert all_copies.gap < -0.5
    blurred = {**sides, "fake": sides["train"][:1000] + 0.02 * normals(1000, 6, seed=9)}
    assert memorization(**blurred).ratio_high < 0.2
    assert three_sample_test(**blurred).z < -15
    assert three_sample_test(**blurred).effect.value < -0.4
    part = {**sides, "fake": torch.cat([sides["train"][:60], sides["fake"][60:]])}
    found = memorization(**part)
    assert found.copied > found.expected + 8 * found.copied_error
    assert found.ratio_low > 0.9, "the median does not see six copies in a hundred"
    assert abs(honest.copied - honest.expected) < 4 * honest.copied_error


def test_fakes_far_from_all_data_are_told_from_copies() -> None:
    sides = three()
    far = {**sides, "fake": 1.6 * sides["fake"]}
    assert three_sample_test(**far).effect.value > 0.05
    assert memorization(**far).ratio_low > 1.1


def test_the_test_of_three_samples_written_out() -> None:
    sides = three(600, 400, 300)
    centres = k_means(sides["train"], 4, seed=2)
    where = {name: cdist(x.numpy(), centres.numpy()).argmin(1) for name, x in sides.items()}
    total, weight = 0.0, 0.0
    for cell in range(4):
        train, held, fake = (sides[name].numpy()[where[name] == cell] for name in ("train", "held", "fake"))
        to_train = [cdist(x, train).min(1) for x in (fake, held)]
        u = stats.mannwhitneyu(*to_train, alternative="two-sided").statistic
        n, m = len(held), len(fake)
        if m >= 20:
            total += n / 400 * (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
            weight += n / 400
    found = three_sample_test(**sides, cells=4, seed=2)
    assert found.z == pytest.approx(total / weight, rel=1e-9)
    assert found.share == pytest.approx(weight)


def test_ties_are_corrected_as_scipy_does() -> None:
    x, y = normals(80).round(decimals=1).double(), (normals(60, seed=1) + 0.3).round(decimals=1).double()
    wanted = stats.mannwhitneyu(
        x.numpy(), y.numpy(), alternative="two-sided", method="asymptotic", use_continuity=False
    )
    z, _, _ = mann_whitney(x, y)
    assert 2 * stats.norm.sf(abs(z)) == pytest.approx(wanted.pvalue, rel=1e-9)


def clustered(n: int, seed: int, clusters: int = 3) -> Tensor:
    return normals(n, 2, seed=seed) * 0.1 + 10 * torch.eye(4)[torch.arange(n) % clusters, :2] * torch.tensor(
        [1.0, -1.0]
    )


def test_cells_without_held_out_samples_do_not_break_the_test() -> None:
    train, fake = clustered(600, 1), clustered(300, 2)
    held = clustered(600, 3)[2::3]  # of one cluster alone
    found = three_sample_test(train=train, held=held, fake=fake, cells=3)
    assert (found.cells, found.share) == (1, 1)
    assert math.isfinite(found.z)
    nowhere = three_sample_test(train=train, held=held, fake=clustered(300, 4)[0::3], cells=3)  # no cell holds both
    assert nowhere.cells == 1
    assert math.isfinite(nowhere.z)
    assert three_sample_test(train=train, held=held[:2], fake=fake[:5], cells=3).cells == 1


def test_cells_are_seeded_and_good() -> None:
    x = clustered(900, 5)
    centres = k_means(x, 3, seed=0)
    assert torch.equal(centres, k_means(x, 3, seed=0))
    wanted = torch.stack([x[place::3].mean(0) for place in range(3)])
    assert cdist(centres, wanted).min(1).max() < 0.05
    assert len(k_means(torch.ones(50, 4), 5, seed=0)) == 1


def test_the_numbers_do_not_depend_on_order_or_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = three()
    found = memorization(**sides)
    monkeypatch.setattr(module, "ELEMENTS", 4000)
    mixed = memorization(
        **{name: x[torch.randperm(len(x), generator=torch.Generator().manual_seed(1))] for name, x in sides.items()}
    )
    assert mixed[:10] == pytest.approx(found[:10], rel=1e-5)


def test_the_plots_data() -> None:
    found = memorization(**three())
    drawn = distance_histogram(found, bins=20)
    assert drawn.edges.shape == (21,)
    for side, near in ((drawn.fake, found.fake), (drawn.held, found.held)):
        assert float(side.sum()) == pytest.approx(1)
        counted, _ = np.histogram(near.distance, drawn.edges)
        np.testing.assert_allclose(side[:-1] * len(near.distance), counted[:-1], atol=1.01)
    near = NearestTraining(torch.tensor([3.0, 1.0, 2.0, 0.5]).double(), torch.tensor([7, 9, 8, 9]))
    pairs = closest_pairs(near, 2)
    assert pairs.fake.tolist() == [3, 2]
    assert pairs.train.tolist() == [9, 8]
    assert pairs.distance.tolist() == [0.5, 2.0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fake": normals(1, 6)}, "1 fakes"),
        ({"train": normals(0, 6)}, "0 of train"),
        ({"held": normals(30, 5)}, "5 features"),
        ({"fake": torch.full((30, 6), math.nan)}, "not finite"),
        ({"train": torch.full((30, 6), math.inf)}, "not finite"),
    ],
    ids=["one fake", "no train", "other features", "nan", "inf"],
)
def test_bad_features_are_refused_in_a_sentence(change: dict[str, Any], said: str) -> None:
    sides = {**three(60, 50, 40), **change}
    for judge in (memorization, three_sample_test):
        with pytest.raises(DataError, match=said):
            judge(**sides)


def test_features_of_unlike_types() -> None:
    sides = three(200, 100, 100)
    wanted = memorization(**sides)
    assert memorization(**{**sides, "held": sides["held"].double()}).ratio == pytest.approx(wanted.ratio, rel=1e-6)


def test_zero_variance() -> None:
    sides: dict[str, Any] = {name: torch.ones(30, 4) for name in ("train", "held", "fake")}
    with pytest.raises(DataError, match="copies of training samples"):
        memorization(**sides)
    assert (three_sample_test(**sides).z, three_sample_test(**sides).effect) == (0.0, (0.0, 0.0))
    collapsed = memorization(**{**three(60, 50, 40), "fake": torch.zeros(40, 6)})
    assert all(math.isfinite(value) for value in collapsed[:10])
