"""Sources: MNIST is MNIST, toy data are what they say, CSV files are read or refused, and the order of samples is
derived.
"""

import hashlib
import struct
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from ganvas.base.errors import DataError, UsageError
from ganvas.data.csv import Csv
from ganvas.data.mnist import Mnist
from ganvas.data.points import Clusters, Grid, Line, Mixture, Moons, Ring, Sketch, Spiral
from ganvas.data.source import SPLITS, Items, Source, Split
from ganvas.data.stream import Sampler
from ganvas.recipes.discover import fits, parts

TOYS: list[Any] = [Ring(samples=20_000), Grid(samples=50_000), Moons(samples=20_000), Spiral(samples=20_000)]
each_toy = pytest.mark.parametrize("source", TOYS, ids=lambda source: type(source).__name__)
PUBLISHED = {  # of the unpacked idx files
    "train images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "test images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "test labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def idx(array: np.ndarray[Any, Any]) -> bytes:
    """The idx format: 0 0 8 (uint8), rank, sizes, bytes."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def test_mnist_is_the_published_one() -> None:
    splits = {split: Mnist().items(split) for split in SPLITS}
    parts_of: dict[str, tuple[Split, ...]] = {"train": ("train", "val"), "test": ("test",)}
    for published, ours in parts_of.items():
        images = np.concatenate([splits[split].x[..., 0] for split in ours])
        labels = np.concatenate([np.asarray(splits[split].y) for split in ours]).astype(np.uint8)
        assert hashlib.sha256(idx(images)).hexdigest() == PUBLISHED[f"{published} images"]
        assert hashlib.sha256(idx(labels)).hexdigest() == PUBLISHED[f"{published} labels"]
    assert [len(splits[split]) for split in SPLITS] == [50_000, 10_000, 10_000]
    assert len(set(np.concatenate([splits[split].id for split in SPLITS]).tolist())) == 70_000


SOURCES = [part for part in parts().values() if fits(part, Source)]
AT_ONCE = [
    part for part in SOURCES if all(f.default is not MISSING or f.default_factory is not MISSING for f in fields(part))
]


@pytest.mark.parametrize("kind", AT_ONCE, ids=lambda kind: kind.__name__)
def test_every_source_has_three_splits_that_stay_the_same(kind: Any) -> None:
    splits = [kind().items(split) for split in SPLITS]
    assert all(len(split) for split in splits)
    assert len({split.fingerprint for split in splits}) == 3
    assert [kind().items(split).fingerprint for split in SPLITS] == [split.fingerprint for split in splits]
    assert all(split.y is None or split.y.max() < len(split.classes) for split in splits)


@each_toy
def test_toy_splits(source: Any) -> None:
    train, val, test = (source.items(split) for split in SPLITS)
    assert len(train) == source.samples
    assert len(val) == len(test) >= 2500
    rows = [set(map(bytes, split.x)) for split in (train, val, test)]
    assert not rows[0] & rows[1] | rows[0] & rows[2] | rows[1] & rows[2]
    assert train.x.dtype == np.float32
    assert train.fingerprint == source.items("train").fingerprint
    assert train.fingerprint != type(source)(samples=source.samples, seed=1).items("train").fingerprint


@pytest.mark.parametrize(
    "source", [toy for toy in TOYS if isinstance(toy, Mixture)], ids=lambda source: type(source).__name__
)
def test_mixtures_are_equal_gaussians_at_their_centres(source: Any) -> None:
    items = source.items("train")
    modes = len(source.centres())
    assert len(items.classes) == modes
    assert stats.chisquare(np.bincount(items.y, minlength=modes)).pvalue > 1e-3
    noise = (items.x - source.centres()[items.y]) / source.sigma
    for column in noise.T:
        assert stats.kstest(column, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(noise.T)[0, 1]) < 5 / np.sqrt(len(noise))


def test_centres() -> None:
    ring = Ring(modes=8, radius=2.0).centres()
    np.testing.assert_allclose(np.hypot(*ring.T), 2.0)
    np.testing.assert_allclose(ring[0], [2, 0])
    np.testing.assert_allclose(ring.sum(0), 0, atol=1e-12)
    grid = Grid(side=5, spacing=2.0).centres()
    assert {tuple(centre) for centre in grid} == {(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)}


def test_moons_are_half_circles() -> None:
    items = Moons(sigma=0.0, samples=5000).items("train")
    for label, centre, upward in ((0, (0.0, 0.0), 1), (1, (1.0, 0.5), -1)):
        offset = (items.x[items.y == label] - centre) * (1, upward)
        np.testing.assert_allclose(np.hypot(*offset.T), 1, atol=1e-6)
        assert offset[:, 1].min() > -1e-6
        assert stats.kstest(np.arctan2(offset[:, 1], offset[:, 0]) / np.pi, "uniform").pvalue > 1e-3
    assert stats.binomtest(int(np.sum(np.asarray(items.y))), 5000).pvalue > 1e-3
    blurred = Moons(sigma=0.1, samples=5000).items("train")
    offset = blurred.x[blurred.y == 0]
    assert (np.hypot(*offset.T) - 1).std() == pytest.approx(0.1, rel=0.1)


def test_spiral_is_evenly_covered() -> None:
    x = Spiral(turns=2.0, sigma=0.0, samples=5000).items("train").x.astype(np.float64)
    radius = np.hypot(*x.T)
    assert stats.kstest(radius**2, "uniform").pvalue > 1e-3
    np.testing.assert_allclose(np.exp(1j * 2 * np.pi * 2.0 * radius), (x[:, 0] + 1j * x[:, 1]) / radius, atol=1e-3)


def test_clusters_have_their_centres() -> None:
    items = Clusters(sigma=0.1, samples=6000).items("train")
    for mode, centre in enumerate(Clusters().centres()):
        points = items.x[items.y == mode]
        assert len(points) == pytest.approx(2000, abs=150)
        np.testing.assert_allclose(points.mean(0), centre, atol=0.02)
        np.testing.assert_allclose(points.std(0), 0.1, rtol=0.1)


def test_a_line_is_evenly_covered() -> None:
    x = Line(sigma=0.0, samples=5000).items("train").x.astype(np.float64)
    np.testing.assert_array_equal(x[:, 0], x[:, 1])
    assert stats.kstest((x[:, 0] + 1) / 2, "uniform").pvalue > 1e-3


def test_a_sketch_draws_its_points_equally_often() -> None:
    places = ((0.0, 1.0), (2.0, -1.0), (5.0, 5.0))
    x = Sketch(points=places, sigma=0.0, samples=3000).items("train").x
    found, counts = np.unique(x, axis=0, return_counts=True)
    assert [tuple(each) for each in found.tolist()] == list(places)
    assert stats.chisquare(counts).pvalue > 1e-3
    blurred = Sketch(points=places, sigma=0.5, samples=3000).items("train").x
    nearest = np.abs(blurred[:, None] - np.array(places)[None]).sum(2).argmin(1)
    assert (blurred - np.array(places)[nearest]).std() == pytest.approx(0.5, rel=0.1)
    other = Sketch(points=places[:2], sigma=0.0).items("train")
    assert other.fingerprint != Sketch(points=places[1:], sigma=0.0).items("train").fingerprint
    for few in ((), places[:1]):
        with pytest.raises(UsageError):
            Sketch(points=few).items("train")


ROWS = [f"{row},{row / 7:.3f}" for row in range(100)]


def written(folder: Path, text: str | bytes) -> Csv:
    path = folder / "data.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Csv(str(path))


@pytest.mark.parametrize("header", ["", "a,b\n"], ids=["bare", "header"])
def test_csv_splits(tmp_path: Path, header: str) -> None:
    source = written(tmp_path, header + "\n".join(ROWS) + "\n")
    splits = [source.items(split) for split in SPLITS]
    assert [len(split) for split in splits] == [80, 10, 10]
    assert sorted(np.concatenate([split.x[:, 0] for split in splits]).tolist()) == list(range(100))
    for split in splits:
        np.testing.assert_array_equal(split.x[:, 0], split.id)
        np.testing.assert_allclose(split.x[:, 1], split.id / 7, atol=1e-3)
    assert not np.array_equal(Csv(source.path, seed=1).items("train").id, splits[0].id)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n".join([*ROWS[:30], "3,x", *ROWS[30:]]), "line 31 column 2: 'x'"),
        ("a,b\n" + "\n".join([*ROWS[:30], "3", *ROWS[30:]]), "line 32 "),
        ("a,b\n" + "\n".join([*ROWS[:30], "", "3,4,5", *ROWS[30:]]), "line 33 "),
        ("\n".join([*ROWS, "1,"]), "line 101 "),
        ("\n".join([*ROWS, "1,nan"]), "line 101 "),
        ("\n".join([*ROWS, "inf,1"]), "line 101 "),
        ("\n".join([*ROWS, "1e39,1"]), "line 101 "),
        ("\n".join(ROWS[:19]), "19 rows .*too few"),
        ("a,b\n", "0 rows"),
        ("", "0 rows"),
        (b"\xff\xfe\x00", "cannot read"),
    ],
)
def test_bad_csv_is_refused_with_its_place(tmp_path: Path, text: str | bytes, said: str) -> None:
    source = written(tmp_path, text)
    with pytest.raises(DataError, match=said) as caught:
        source.items("train")
    assert source.path in str(caught.value)


def test_csv_of_a_spreadsheet_keeps_its_first_row(tmp_path: Path) -> None:
    source = written(tmp_path, b"\xef\xbb\xbf" + "\r\n".join(ROWS).encode())
    assert sum(len(source.items(split)) for split in SPLITS) == 100


@pytest.mark.parametrize("path", ["missing.csv", "."])
def test_csv_that_is_not_there(tmp_path: Path, path: str) -> None:
    with pytest.raises(DataError, match="cannot read"):
        Csv(str(tmp_path / path)).items("train")


def test_each_pass_is_a_fresh_permutation() -> None:
    sampler = Sampler(50, seed=3, name="data")
    passes = [sampler.at(50 * number, 50) for number in range(3)]
    for number, (index, numbers) in enumerate(passes):
        assert sorted(index) == list(range(50))
        assert set(numbers) == {number}
    assert not np.array_equal(passes[0][0], passes[1][0])


@pytest.mark.parametrize("batch", [1, 7, 64, 130])
def test_order_is_a_function_of_position_alone(batch: int) -> None:
    whole = Sampler(50, seed=3, name="data").at(0, 260)
    asked = Sampler(50, seed=3, name="data")
    dealt = [asked.at(start, batch) for start in range(0, 260 - batch + 1, batch)]
    for part in (0, 1):
        together = np.concatenate([each[part] for each in dealt])
        assert np.array_equal(together, whole[part][: len(together)])
    late = Sampler(50, seed=3, name="data").at(201, 9)
    assert np.array_equal(late[0], whole[0][201:210])


def test_order_depends_on_seed_and_name() -> None:
    orders = [
        Sampler(50, seed=seed, name=name).at(0, 50)[0].tolist()
        for seed, name in ((3, "data"), (4, "data"), (3, "other"))
    ]
    assert orders[0] != orders[1] != orders[2] != orders[0]


def test_fingerprint_tells_data_apart() -> None:
    x, y = np.arange(12, dtype=np.float32).reshape(6, 2), np.arange(6)
    base = Items(x=x, y=y)
    assert base.fingerprint == Items(x=x.copy(), y=y.astype(np.int32)).fingerprint
    moved = x.copy()
    moved[3, 1] += 1
    others = [
        Items(x=moved, y=y),
        Items(x=x, y=y[::-1]),
        Items(x=x),
        Items(x=x.reshape(2, 6), y=y),
        Items(x=x.astype(np.float64), y=y),
    ]
    assert len({base.fingerprint, *(other.fingerprint for other in others)}) == 6
