"""Scores of moving digits: right on real clips, and each one falls for the fault that it is for."""

import numpy as np
import pytest
import torch

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.data import MovingDigits
from ganvas.data.moving_digits import paths
from ganvas.metrics.moving_digit_scores import MovingDigitScores, motion, of_clips

N = 100
SOURCE = MovingDigits(samples=2 * N)


def batch(x: np.ndarray, y: np.ndarray) -> Batch:
    return Batch(2 * torch.from_numpy(x.transpose(0, 4, 1, 2, 3).copy()).float() / 255 - 1, torch.from_numpy(y))


@pytest.fixture(scope="module")
def real() -> tuple[np.ndarray, np.ndarray]:
    items = SOURCE.items("train")
    assert items.y is not None
    return items.x, items.y


def scores(real: tuple[np.ndarray, np.ndarray], x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    found = MovingDigitScores().measure(real=batch(real[0][:N], real[1][:N]), fake=batch(x, y))
    return {each.name: each.value for each in found}


def test_centroids_are_the_paths(real: tuple[np.ndarray, np.ndarray]) -> None:
    found = of_clips(batch(*real).x[:20])[0].numpy()
    offset = found - paths(SOURCE, "train", 2 * N)[:20]
    assert np.ptp(offset, axis=1).max() < 0.1


def test_motion_by_hand() -> None:
    path = torch.zeros(1, 6, 2)
    path[0, :, 1] = torch.tensor([0.0, 1.0, 2.0, 3.0, 2.0, 1.25])
    jerk, bounces = motion(path)  # turns: 0, 0, 2, 0.25
    assert bounces.tolist() == [1]
    assert jerk.tolist() == pytest.approx([0.25 / 3])


def test_each_fault_is_seen(real: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = real[0][N:], real[1][N:]
    good = scores(real, x, y)
    assert good["same_digit"] > 0.93
    assert good["read_as_asked"] > 0.93
    assert good["jerk"] < 0.1
    shuffled = scores(real, x[:, np.random.default_rng(0).permutation(16)], y)
    assert shuffled["bounces"] > 2 * good["bounces"]
    assert shuffled["path_frechet"] > 3 * good["path_frechet"]
    assert shuffled["same_digit"] == good["same_digit"]
    still = scores(real, np.repeat(x[:, :1], 16, axis=1), y)
    assert still["bounces"] == 0
    assert still["path_frechet"] > 3 * good["path_frechet"]
    mixed = x.copy()
    mixed[:, 8:] = np.roll(x, 1, axis=0)[:, 8:]
    assert scores(real, mixed, y)["same_digit"] < 0.7
    other = x.copy()
    other[:, 0] = np.roll(x, 1, axis=0)[:, 0]
    assert scores(real, other, y)["same_digit"] > 0.85, "the digit of most frames counts, not that of the first"
    assert scores(real, x, (y + 1) % 10)["read_as_asked"] < 0.1
    noise = np.random.default_rng(1).integers(0, 256, x.shape, dtype=np.uint8)
    assert scores(real, noise, y)["frame_frechet"] > 10 * good["frame_frechet"]


def test_other_data_are_refused() -> None:
    for spec in (Spec("images", (1, 28, 28), bounded=True), Spec("clips", (3, 16, 32, 32), bounded=True)):
        with pytest.raises(UsageError, match="needs grey clips"):
            MovingDigitScores().check_spec(spec, "samples")
