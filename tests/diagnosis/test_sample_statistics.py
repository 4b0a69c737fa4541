from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from ganvas.data.points import Ring
from ganvas.data.stream import Store, Stream
from ganvas.diagnosis.picture_features import picture_features
from ganvas.diagnosis.sample_statistics import SampleStatistics, even_rows, evenly_spaced, smallest_meaningful
from ganvas.domains.points import Points

N = 256


def stream_of(x: np.ndarray) -> Stream:
    return Stream(Store(x.astype(np.float32), None), Points(), (), seed=0)


TRAIN, HELD = (Ring(sigma=0.1, samples=5000).items(split).x for split in ("train", "val"))
OTHER = torch.from_numpy(Ring(sigma=0.1, samples=5000).items("test").x[:N])


def signals(x: Tensor, train: np.ndarray = TRAIN, held: np.ndarray | None = HELD) -> dict[str, float]:
    return SampleStatistics(stream_of(train), None if held is None else stream_of(held), n=N).update(x)


def test_reals_are_like_reals() -> None:
    found = signals(OTHER)
    for name in ("x.coverage", "x.precision", "x.rank", "data.coverage"):
        assert found[name] == pytest.approx(1, abs=0.1), name
    assert 0.5 < found["x.apart"] < 1.5
    assert found["x.repeated"] < 0.1
    assert found["x.nearer"] == pytest.approx(0.5, abs=0.1)
    assert "x.moved" not in found, "nothing to compare with"


BAD: dict[str, tuple[Callable[[], Tensor], str, Callable[[float], bool]]] = {
    "one point": (lambda: torch.ones(N, 2), "x.coverage", lambda value: value < 0.05),
    "one point, repeated": (lambda: torch.ones(N, 2), "x.repeated", lambda value: value == 1),
    "one mode of eight": (
        lambda: OTHER[(OTHER - torch.tensor([1.0, 0.0])).norm(dim=1) < 0.4].repeat(20, 1)[:N],
        "x.coverage",
        lambda value: value < 0.25,
    ),
    "one mode is precise": (
        lambda: OTHER[(OTHER - torch.tensor([1.0, 0.0])).norm(dim=1) < 0.4].repeat(20, 1)[:N],
        "x.precision",
        lambda value: value > 0.9,
    ),
    "a line": (lambda: OTHER[:, :1].repeat(1, 2), "x.rank", lambda value: value < 0.6),
    "far away": (lambda: OTHER + 50, "x.apart", lambda value: value > 10),
    "training items": (
        lambda: torch.from_numpy(TRAIN[np.linspace(0, len(TRAIN) - 1, 512).astype(int)])[:N],
        "x.nearer",
        lambda value: value > 0.95,
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_unlike_is_told(case: str) -> None:
    make, name, holds = BAD[case]
    assert holds(signals(make())[name])


def test_few_and_copied_training_data_are_told() -> None:
    assert signals(OTHER)["data.items"] == 5000
    few = signals(OTHER, TRAIN[:64])
    assert few["data.items"] == 64
    assert few["data.coverage"] < 0.7
    copied = TRAIN.copy()
    copied[:3000] = copied[np.arange(3000) % 5]
    assert signals(OTHER, copied)["data.repeated"] > 0.5
    assert signals(OTHER)["data.repeated"] < 0.1


def test_without_held_out_data_nothing_is_said_of_copies() -> None:
    found = signals(OTHER, held=None)
    assert "x.nearer" not in found
    assert found["x.coverage"] == pytest.approx(1, abs=0.15)


def test_samples_are_followed_from_look_to_look() -> None:
    likeness = SampleStatistics(stream_of(TRAIN), stream_of(HELD), n=N)
    likeness.update(OTHER)
    assert likeness.update(OTHER)["x.moved"] == 0
    assert likeness.update(OTHER + 1)["x.moved"] > 0.1


def test_pictures_are_seen_by_features() -> None:
    rng = np.random.default_rng(0)
    pictures = (rng.random((300, 1, 12, 12)) * 2 - 1).astype(np.float32)
    likeness = SampleStatistics(stream_of(pictures), None, n=64, features=picture_features("random"))
    assert likeness.held.shape == (300, 256)
    grey = likeness.update(torch.zeros(64, 1, 12, 12))
    assert grey["x.repeated"] == 1
    assert grey["x.coverage"] < 0.1


def test_sorted_data_are_sampled_from_end_to_end() -> None:
    x = evenly_spaced(stream_of(np.arange(1000.0).reshape(-1, 1)), 11).x
    assert x[0, 0] == 0
    assert x[-1, 0] == 999
    assert len(evenly_spaced(stream_of(np.arange(5.0).reshape(-1, 1)), 11).x) == 5
    assert even_rows(torch.arange(9), 3).tolist() == [0, 4, 8]


@pytest.mark.parametrize("held", [None, HELD[:20]])
def test_ratios_stay_sane_where_reals_are_few(held: np.ndarray | None) -> None:
    """Against itself, or of a handful, the distance between reals can be zero."""
    few = signals(OTHER + 1e4, TRAIN[:30], held)
    assert 1 < few["x.apart"] <= 1 / smallest_meaningful(30, 30)["apart"]
    assert few["x.coverage"] == 0
    assert few["x.precision"] == 0


def test_the_least_distance_is_half_of_what_chance_makes() -> None:
    """Two samples of one distribution, 400 times."""
    rng, n, m = np.random.default_rng(0), 20, 50
    squares = []
    for _ in range(400):
        x, y = (torch.from_numpy(rng.normal(size=(count, 8))) for count in (n, m))
        between, among, others = (float(torch.cdist(one, other).mean()) for one, other in ((x, y), (x, x), (y, y)))
        squares.append((2 * between - among - others) / (2 * between))
    assert np.mean(squares) ** 0.5 == pytest.approx(2 * smallest_meaningful(n, m)["apart"], rel=0.05)
