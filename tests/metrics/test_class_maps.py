"""Agreement of maps of classes, against scikit-learn."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import accuracy_score, jaccard_score  # type: ignore[import-untyped]
from torch import Tensor

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.metrics.class_maps import MapAgreement

N, K, SIDE = 30, 4, 12
RANDOM = np.random.default_rng(0)


def as_maps(classes: np.ndarray) -> Tensor:
    return 2 * F.one_hot(torch.from_numpy(classes), K).permute(0, 3, 1, 2).float() - 1


def test_values_are_those_of_scikit_learn() -> None:
    true = RANDOM.integers(0, K - 1, (N, SIDE, SIDE))  # the last class is only made
    made = np.where(RANDOM.random(true.shape) < 0.7, true, RANDOM.integers(0, K, true.shape))
    real, unknown = as_maps(true), RANDOM.random(true.shape) < 0.1
    real.permute(0, 2, 3, 1)[torch.from_numpy(unknown)] = -1.0
    iou, accuracy = MapAgreement().measure(real=Batch(x=real), fake=Batch(x=as_maps(made)))
    known = ~unknown
    assert iou.value == pytest.approx(jaccard_score(true[known], made[known], average="macro"))
    assert accuracy.value == pytest.approx(accuracy_score(true[known], made[known]))
    assert (iou.n, iou.lower_is_better) == (N, False)


def test_the_error_is_that_of_fresh_pictures() -> None:
    def draw(seed: int) -> tuple[float, float]:
        random = np.random.default_rng(seed)
        true = random.integers(0, K, (40, SIDE, SIDE))
        right = random.random((40, 1, 1)) * np.ones(true.shape)  # some pictures are hard
        made = np.where(random.random(true.shape) < right, true, random.integers(0, K, true.shape))
        result = MapAgreement().measure(real=Batch(x=as_maps(true)), fake=Batch(x=as_maps(made)))[0]
        assert result.error is not None
        return result.value, result.error

    values, errors = np.array([draw(seed) for seed in range(60)]).T
    assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.3)


def test_only_maps_are_scored() -> None:
    with pytest.raises(UsageError, match="maps of classes"):
        MapAgreement().check_spec(Spec("images", (3, 8, 8), bounded=True), "samples")
