"""Average precision, region overlap and baselines of detection, against scikit-learn, SciPy and sums by hand."""

import numpy as np
import pytest
import torch
from scipy.ndimage import label  # type: ignore[import-untyped]
from sklearn.decomposition import PCA  # type: ignore[import-untyped]
from sklearn.ensemble import IsolationForest  # type: ignore[import-untyped]
from sklearn.metrics import average_precision_score  # type: ignore[import-untyped]
from sklearn.neighbors import NearestNeighbors  # type: ignore[import-untyped]

from ganvas.base.errors import DataError
from ganvas.metrics.normal_baselines import isolation, neighbour_distance, pca_error
from ganvas.metrics.precision_recall_curve import average_precision
from ganvas.metrics.region_overlap import region_overlap, regions

RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize("steps", [3, 1000])
def test_average_precision_is_that_of_scikit_learn(steps: int) -> None:
    """With many equal scores, and with none."""
    positive = torch.from_numpy(RANDOM.normal(1, 1, 40) * steps).round().double()
    negative = torch.from_numpy(RANDOM.normal(0, 1, 90) * steps).round().double()
    found = average_precision(positive=positive, negative=negative)
    truth = np.r_[np.ones(40), np.zeros(90)]
    assert found.value == pytest.approx(average_precision_score(truth, torch.cat([positive, negative]).numpy()))
    assert found.low < found.value < found.high
    assert found.chance == 40 / 130


def test_average_precision_of_perfect_scores() -> None:
    found = average_precision(positive=torch.tensor([3.0, 4.0]), negative=torch.tensor([1.0, 2.0]))
    assert (found.value, found.low, found.high) == (1, 1, 1)
    with pytest.raises(DataError):
        average_precision(positive=torch.tensor([3.0]), negative=torch.tensor([1.0, 2.0]))


def test_the_interval_covers_nineteen_of_twenty() -> None:
    """Boyd's interval on draws of two normals, whose average precision is measured on many samples."""
    draws = torch.Generator().manual_seed(0)

    def drawn(n: int, m: int) -> dict[str, torch.Tensor]:
        return {"positive": 1 + torch.randn(n, generator=draws), "negative": torch.randn(m, generator=draws)}

    truth = average_precision(**drawn(20_000, 60_000)).value
    found = [average_precision(**drawn(100, 300)) for _ in range(200)]
    assert 0.9 < np.mean([each.low < truth < each.high for each in found]) < 0.99


def test_regions_are_those_of_scipy() -> None:
    masks = RANDOM.random((5, 17, 23)) < 0.3
    labels, count = regions(torch.from_numpy(masks))
    parts = [label(each, structure=np.ones((3, 3))) for each in masks]
    assert count == sum(number for _, number in parts)
    for mine, (theirs, _) in zip(labels.numpy(), parts, strict=True):
        assert ((mine >= 0) == (theirs > 0)).all()
        for number in range(1, theirs.max() + 1):
            assert len(set(mine[theirs == number])) == 1


def test_region_overlap_by_hand() -> None:
    masks = torch.zeros(1, 10, 10, dtype=torch.bool)
    masks[0, 0, :4] = True
    masks[0, 5:9, 5:9] = True
    perfect = masks.float()
    assert region_overlap(perfect, masks).value == pytest.approx(1)
    assert region_overlap(perfect, masks).regions == 2
    small = torch.zeros(1, 10, 10)
    small[0, 0, :4] = 1  # one region of two is found, at every threshold
    assert region_overlap(small, masks).value == pytest.approx(0.5)
    noise = torch.rand(40, 30, 30, generator=torch.Generator().manual_seed(0))
    some = torch.zeros(40, 30, 30, dtype=torch.bool)
    some[:, 4:20, 4:20] = True
    found = region_overlap(noise, some)
    assert found.value == pytest.approx(found.chance, abs=0.01)
    with pytest.raises(DataError):
        region_overlap(noise, torch.zeros_like(some))


@pytest.mark.parametrize("shape", [(60, 12), (20, 40)])
def test_pca_is_that_of_scikit_learn(shape: tuple[int, int]) -> None:
    """With more samples than numbers, and with fewer."""
    train = RANDOM.normal(size=shape) @ RANDOM.normal(size=(shape[1], shape[1]))
    x = RANDOM.normal(size=(7, shape[1]))
    fitted = PCA(0.9, svd_solver="full").fit(train)
    wanted = ((x - fitted.inverse_transform(fitted.transform(x))) ** 2).mean(1)
    found = pca_error(torch.from_numpy(x).double(), train=torch.from_numpy(train).double())
    assert found.numpy() == pytest.approx(wanted, rel=1e-5)


def test_neighbours_and_the_forest_are_those_of_scikit_learn() -> None:
    train, x = RANDOM.normal(size=(50, 6)).astype(np.float32), RANDOM.normal(size=(9, 6)).astype(np.float32)
    wanted = NearestNeighbors(n_neighbors=5).fit(train).kneighbors(x)[0].mean(1)
    assert neighbour_distance(torch.from_numpy(x), train=torch.from_numpy(train)).numpy() == pytest.approx(
        wanted, rel=1e-4
    )
    forest = IsolationForest(n_estimators=200, random_state=0).fit(train)
    found = isolation(torch.from_numpy(x), train=torch.from_numpy(train))
    assert found.numpy() == pytest.approx(-forest.score_samples(x), rel=1e-5)
