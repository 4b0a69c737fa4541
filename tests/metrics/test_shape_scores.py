"""Scores of solids: right on real ones, and each planted fault is seen by the score that is for it."""

import pytest
import torch
from scipy.stats import wasserstein_distance  # type: ignore[import-untyped]

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.data import SolidShapes
from ganvas.metrics.shape_scores import ShapeScores, difference, overlaps, wasserstein

N = 60
SOURCE = SolidShapes(samples=2 * N)


def half(start: int) -> Batch:
    items = SOURCE.items("train")
    assert items.y is not None
    x = torch.from_numpy(items.x[start : start + N, ..., 0]).float()[:, None] / 127.5 - 1
    return Batch(x, torch.from_numpy(items.y[start : start + N]))


REAL, OTHER = half(0), half(N)


def scores(x: torch.Tensor, y: torch.Tensor | None) -> dict[str, float]:
    return {each.name: each.value for each in ShapeScores().measure(real=REAL, fake=Batch(x, y))}


GOOD = scores(OTHER.x, OTHER.y)


def test_the_reals_themselves_are_perfect() -> None:
    found = scores(REAL.x, REAL.y)
    for name in ("matching_distance", "mirror_error", "occupancy_distance", "betti_distance", "betti_2"):
        assert found[name] == pytest.approx(0, abs=1e-6)
    for name in ("reals_covered", "single_piece", "betti_0", "betti_as_asked"):
        assert found[name] == 1
    assert found["betti_1"] == pytest.approx(1 / 3), "a third are tori"


def test_other_reals() -> None:
    assert GOOD["matching_distance"] < 0.35
    assert GOOD["reals_covered"] > 0.3
    assert (GOOD["single_piece"], GOOD["betti_distance"], GOOD["betti_as_asked"]) == (1, 0, 1)


def test_each_fault_is_seen() -> None:
    assert OTHER.y is not None
    repeated = scores(OTHER.x[:1].repeat(N, 1, 1, 1, 1), OTHER.y)
    assert repeated["reals_covered"] == pytest.approx(1 / N)
    assert repeated["matching_distance"] > 1.5 * GOOD["matching_distance"]
    assert repeated["betti_1"] == 0
    assert repeated["betti_distance"] == pytest.approx(1 / 3)
    cut = OTHER.x.clone()
    cut[..., 7:9] = -1
    halves = scores(cut, OTHER.y)
    assert halves["single_piece"] == 0
    assert halves["betti_0"] >= 2
    assert halves["occupancy_distance"] > GOOD["occupancy_distance"] + 0.005
    one_sided = OTHER.x.clone()
    one_sided[..., 8:] = -1
    assert scores(one_sided, OTHER.y)["mirror_error"] == 1
    noise = scores(torch.randn(OTHER.x.shape, generator=torch.Generator().manual_seed(0)), OTHER.y)
    assert noise["matching_distance"] > 0.7
    assert noise["betti_distance"] == pytest.approx(1)
    assert noise["betti_as_asked"] == 0
    assert scores(OTHER.x, (OTHER.y + 1) % 3)["betti_as_asked"] == pytest.approx(1 / 3)
    holed = OTHER.x.clone()
    holed[2::3, :, 7:9, 7:9, 7:9] = -1  # ellipsoids
    assert scores(holed, OTHER.y)["betti_2"] == pytest.approx(1 / 3)
    assert scores(-torch.ones_like(OTHER.x), None)["single_piece"] == 0, "nothing is no piece"


def test_arithmetic_by_hand() -> None:
    one = torch.tensor([[[[True, True, False]]], [[[False, False, False]]]])
    other = torch.tensor([[[[True, False, True]]]])
    assert overlaps(one, other).tolist() == [[pytest.approx(1 / 3)], [0]]
    assert overlaps(one[1:], one[1:]).tolist() == [[1]]
    assert difference([(1, 0, 0), (1, 1, 0)], [(1, 0, 0), (2, 0, 0)]) == 0.5
    a, b = torch.rand(20, generator=torch.Generator().manual_seed(1)).double(), torch.linspace(0.2, 1, 31).double()
    assert wasserstein(a, b) == pytest.approx(wasserstein_distance(a, b))


def test_other_data_are_refused() -> None:
    for spec in (Spec("images", (1, 16, 16), bounded=True), Spec("volumes", (2, 16, 16, 16), bounded=True)):
        with pytest.raises(UsageError, match="volumes of one channel"):
            ShapeScores().check_spec(spec, "samples")


def test_coverage_counts_reals_by_hand() -> None:
    """Both fakes have the first real nearest, though the second real has another nearest fake than the first one."""

    def solids(*voxels: set[int]) -> Batch:
        filled = torch.tensor([[1.0 if place in each else -1.0 for place in range(8)] for each in voxels])
        return Batch(filled.view(-1, 1, 2, 2, 2), None)

    found = ShapeScores().measure(real=solids({0, 1, 2, 3}, {4, 5, 6, 7}), fake=solids({0, 1, 2, 3}, {0, 1, 2, 3, 4}))
    values = {each.name: each.value for each in found}
    assert values["reals_covered"] == 0.5
    assert values["matching_distance"] == pytest.approx((0 + 7 / 8) / 2)
