"""Moving digits obey their law: constant speed, thrown back by the borders, and the centroid moves with them."""

import numpy as np

from ganvas.data import Mnist, MovingDigits
from ganvas.data.moving_digits import DIGIT, paths

SOURCE = MovingDigits(samples=200)


def test_paths_are_straight_and_reflected() -> None:
    found = paths(SOURCE, "train", 200)
    free = SOURCE.side - DIGIT
    assert found.shape == (200, 16, 2)
    assert found.min() >= 0
    assert found.max() <= free
    speed = np.linalg.norm(np.diff(found, axis=1), axis=2)
    straight = np.abs(np.diff(found, 2, axis=1)).max(2) < 1e-9  # no bounce at t and t + 1
    both = straight[:, :-1] & straight[:, 1:]
    assert both.mean() > 0.3
    assert np.allclose(speed[:, 1:-1][both], speed[:, 2:][both])
    assert speed[:, 1:-1][both].min() >= 1
    assert speed[:, 1:-1][both].max() <= 2
    assert speed.max() <= 2 + 1e-9, "no step is longer than the speed: a path that came out at the other side would be"
    assert not straight.all(1).all(), "some are thrown back"


def test_a_digit_moves_as_its_path_and_keeps_its_form() -> None:
    items, path = SOURCE.items("train"), paths(SOURCE, "train", 200)
    light = items.x[..., 0].astype(float)
    total = light.sum((2, 3))
    rows = (light.sum(3) * np.arange(32)).sum(2) / total
    columns = (light.sum(2) * np.arange(32)).sum(2) / total
    offset = np.stack([rows, columns], 2) - path
    assert np.ptp(offset, axis=1).max() < 0.05, "the centroid moves as the corner, but for the rounding to bytes"
    own = Mnist().items("train").x[:200, 4:-4, 4:-4, 0].sum((1, 2))
    assert np.allclose(total, own[:, None], rtol=0.02)


def test_splits_share_no_digit_and_the_seed_counts() -> None:
    one, again, other = (MovingDigits(samples=100, seed=seed).items("train") for seed in (0, 0, 1))
    assert np.array_equal(one.x, again.x)
    assert not np.array_equal(one.x, other.x)
    assert one.classes == tuple("0123456789")
    val = MovingDigits(samples=100).items("val")
    assert val.x.shape == (500, 16, 32, 32, 1)
    assert not np.array_equal(val.x[:100], one.x)
