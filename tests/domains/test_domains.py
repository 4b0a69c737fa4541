"""Domains: there and back again, and what the training split teaches."""

import contextlib
import json
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError
from ganvas.base.types import Spec
from ganvas.data.points import Ring
from ganvas.data.source import Items
from ganvas.data.stream import Store
from ganvas.domains.audio import Audio
from ganvas.domains.clips import Clips
from ganvas.domains.contract import Domain
from ganvas.domains.images import Images
from ganvas.domains.label_maps import LabelMaps
from ganvas.domains.mels import Mels
from ganvas.domains.poems import Poems
from ganvas.domains.points import Points
from ganvas.domains.series import Series
from ganvas.domains.text_pairs import TextPairs
from ganvas.domains.volumes import Volumes
from ganvas.ingest.units import Units
from ganvas.recipes.discover import fits, parts

RANDOM = np.random.default_rng(0)


def pictures(n: int = 6, height: int = 9, width: int = 5, channels: int = 3) -> Items:
    return Items(
        x=RANDOM.integers(0, 256, (n, height, width, channels), dtype=np.uint8), y=np.arange(n) % 2, classes=("a", "b")
    )


def points() -> Items:
    return Items(x=(RANDOM.normal(size=(500, 3)) * (1, 2, 3) + (10, 0, -5)).astype(np.float32))


def label_maps() -> Items:
    maps = RANDOM.integers(0, 3, (6, 9, 5, 1)).astype(np.uint8) * 100
    return Items(x=maps, given={"input": RANDOM.integers(0, 256, (6, 9, 5, 3), dtype=np.uint8)})


def lines() -> Items:
    x = np.empty(5, object)
    x[:] = ["a bird", "b", "birds sing", "ab", "birds"]
    return Items(x=x)


def fitting(domain: type) -> Items:
    """Items of the kind that a discovered domain is for."""
    for items in (label_maps(), pictures(), points(), lines()):
        with contextlib.suppress(DataError):
            domain().fit(items)
            return items
    raise AssertionError(f"no items here fit {domain.__name__}")


SAMPLES: dict[type, Items] = {
    part: fitting(part)
    for part in parts().values()
    if fits(part, Domain) and part not in (Audio, Clips, Mels, Poems, Series, TextPairs, Volumes)
}  # test_audio.py, test_clips.py, test_mels.py, test_poems.py, test_series_domain.py, test_pairs_domain.py, ...


@pytest.mark.parametrize("kind", SAMPLES, ids=lambda kind: kind.__name__)
def test_there_and_back(kind: type) -> None:
    items = SAMPLES[kind]
    domain = kind().fit(items)
    x = domain.to_tensor(torch.from_numpy(domain.encode(items)))
    assert str(x.dtype) == f"torch.{domain.spec(items).dtype}"
    assert tuple(x.shape) == (len(items), *domain.spec(items).shape)
    back = domain.decode(x)
    if items.x.dtype == object:
        assert back.tolist() == items.x.tolist()
    else:
        np.testing.assert_allclose(back, items.x, rtol=0, atol=0 if kind in (Images, LabelMaps) else 1e-5)
    assert domain.fit(items) == domain
    assert domain.render(x).width > 0


@pytest.mark.parametrize("kind", SAMPLES, ids=lambda kind: kind.__name__)
def test_spec_survives_a_file(kind: type) -> None:
    items = SAMPLES[kind]
    spec = kind().fit(items).spec(items)
    back = Spec.from_json(json.loads(json.dumps(vars(spec))))
    assert back == spec
    assert back.sha256 == spec.sha256
    assert spec.classes == items.classes


def test_every_byte_survives() -> None:
    items = Items(x=np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1))
    domain = Images().fit(items)
    x = domain.to_tensor(torch.from_numpy(domain.encode(items)))
    assert (x.min().item(), x.max().item()) == pytest.approx((-1, 1), abs=1e-6)
    assert x.abs().max() <= 1
    assert np.array_equal(domain.decode(x), items.x)
    assert np.array_equal(domain.decode(x * 3)[0, 0, 0], [0])
    assert domain.decode(x * 3).max() == 255


DEEP = [
    Units("uint16", 0, 4095),
    Units("uint16", 0, 65_535),
    Units("int16", -1000, 1040),
    Units("int32", -90_000, 2**23),
    Units("uint32", 0, 255),
]


@pytest.mark.parametrize("units", DEEP, ids=lambda units: units.text)
def test_every_whole_value_survives(units: Units) -> None:
    values = np.unique(np.linspace(units.low, units.high, 65_536).round()).astype(units.stored)
    items = Items(x=values.reshape(-1, 1, 1, 1), units=units)
    domain = Images().fit(items)
    assert (domain.units, domain.spec(items).units) == (units, units.text)
    assert domain.fit(items) == domain
    x = domain.to_tensor(Store(domain.encode(items), None).rows(torch.arange(len(items))))
    assert (x.min().item(), x.max().item()) == pytest.approx((-1, 1), abs=1e-6)
    back = domain.decode(x)
    assert back.dtype == units.depth
    np.testing.assert_array_equal(back, items.x)
    far = domain.decode(torch.tensor([-3.0, 3.0]).view(2, 1, 1, 1))
    assert far.ravel().tolist() == [units.low, units.high]
    assert domain.view(back)[[0, -1]].ravel().tolist() == [0, 255]


def test_floats_keep_their_units() -> None:
    items = Items(x=np.linspace(-2, 3, 64, dtype=np.float32).reshape(1, 8, 8, 1), units=Units("float32", -2, 3))
    domain = Images().fit(items)
    x = domain.to_tensor(torch.from_numpy(domain.encode(items)))
    np.testing.assert_allclose(x.numpy().ravel(), np.linspace(-1, 1, 64), atol=1e-6)
    np.testing.assert_allclose(domain.decode(x), items.x, atol=1e-6)


def test_units_are_part_of_what_must_agree() -> None:
    items = Items(x=np.zeros((2, 4, 4, 1), np.uint16), units=DEEP[0])
    domain = Images().fit(items)
    with pytest.raises(DataError, match="0:4095"):
        domain.fit(Items(x=items.x, units=DEEP[1]))
    specs = [
        domain.spec(items),
        Images().fit(Items(x=items.x, units=DEEP[1])).spec(items),
        Images().fit(pictures(2, 4, 4, 1)).spec(pictures(2, 4, 4, 1)),
    ]
    assert len({spec.sha256 for spec in specs}) == 3
    assert Spec.from_json(json.loads(json.dumps(vars(specs[0])))) == specs[0]


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_stored_without_a_copy(channels: int) -> None:
    items = pictures(6, channels=channels)
    stored = Images().fit(items).encode(items)
    assert np.shares_memory(stored, items.x)
    store = Store(stored, None)
    assert store.x.data_ptr() == items.x.ctypes.data
    rows = store.rows(torch.tensor([4, 0, 4]))
    assert torch.equal(rows, store.x[torch.tensor([4, 0, 4])])
    np.testing.assert_array_equal(rows.numpy(), items.x.transpose(0, 3, 1, 2)[[4, 0, 4]])
    assert rows.is_contiguous(memory_format=torch.channels_last)
    assert rows.is_contiguous() == (channels == 1)


@pytest.mark.parametrize("items", [points(), Items(x=np.zeros((2, 4, 4, 1), np.float32))], ids=["points", "floats"])
def test_images_refuse_what_is_not_a_picture(items: Items) -> None:
    with pytest.raises(DataError, match="uint8"):
        Images().fit(items)


def test_images_refuse_another_size_than_the_recipes() -> None:
    with pytest.raises(DataError, match="height 8"):
        Images(height=8).fit(pictures())


def test_points_refuse_pictures() -> None:
    with pytest.raises(DataError, match="floats"):
        Points().fit(pictures())


def test_points_are_centred_and_of_unit_size() -> None:
    items = points()
    domain = Points().fit(items)
    assert domain.mean == pytest.approx(items.x.mean(0), abs=1e-4)
    stored = domain.encode(items).astype(np.float64)
    np.testing.assert_allclose(stored.mean(0), 0, atol=1e-5)
    assert np.square(stored).mean() == pytest.approx(1, abs=1e-5)
    spread = items.x.std(0) / domain.scale
    np.testing.assert_allclose(stored.std(0), spread, rtol=1e-5)


def test_points_learn_from_what_they_are_shown_alone() -> None:
    ring = Ring(samples=1000)
    assert Points().fit(ring.items("train")) != Points().fit(ring.items("val"))


def test_constant_points_are_not_divided_by_zero() -> None:
    items = Items(x=np.full((10, 2), 3.0, np.float32))
    domain = Points().fit(items)
    assert np.array_equal(domain.encode(items), np.zeros((10, 2), np.float32))
    assert np.array_equal(domain.decode(torch.zeros(1, 2)), [[3, 3]])


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_shows_samples_row_by_row(channels: int) -> None:
    items = pictures(5, 4, 6, channels)
    domain = Images().fit(items)
    sheet = np.asarray(domain.render(domain.to_tensor(torch.from_numpy(domain.encode(items))), columns=2))
    zoom = sheet.shape[1] // 12
    assert sheet.shape[:2] == (12 * zoom, 12 * zoom)
    small: Any = sheet[::zoom, ::zoom].reshape(12, 12, -1)
    np.testing.assert_array_equal(small[4:8, 6:12], items.x[3][:, :, : small.shape[2]])
    assert not small[8:, 6:].any()


def test_a_sheet_of_transparent_pictures_has_a_checkerboard() -> None:
    x = np.zeros((4, 48, 48, 4), np.uint8)
    x[:, 12:36, 12:36] = (200, 10, 20, 255)
    domain = Images().fit(Items(x=x))
    sheet = np.asarray(domain.render(domain.to_tensor(torch.from_numpy(domain.encode(Items(x=x)))), columns=2))
    assert sheet.shape == (96, 96, 3)
    assert (sheet[12:36, 12:36] == (200, 10, 20)).all()
    assert np.unique(sheet[:12].reshape(-1, 3), axis=0).tolist() == [[216] * 3, [255] * 3]


def test_transparent_pictures_are_premultiplied_inside_and_straight_outside() -> None:
    x = np.random.default_rng(0).integers(4, 256, (5, 6, 7, 4), dtype=np.uint8)
    x[:, 0] = 0
    domain = Images().fit(Items(x=x))
    inside = domain.to_tensor(torch.from_numpy(domain.encode(Items(x=x))))
    spec = domain.spec(Items(x=x))
    assert (spec.shape, spec.has_alpha, inside.shape) == ((4, 6, 7), True, (5, 4, 6, 7))
    assert (inside[:, :3] <= inside[:, 3:] + 1e-6).all()
    np.testing.assert_array_equal(domain.decode(inside), x)
    with pytest.raises(DataError, match="alpha"):
        Images().fit(Items(x=x.astype(np.uint16), units=Units("uint16", 0, 255)))


def test_a_scatter_plot_marks_points_where_they_are() -> None:
    picture = np.asarray(Points(mean=(0.0, 0.0)).render(torch.tensor([[1.25, -1.25]] * 3)))
    row, column = np.argwhere(picture < 255).mean(0)
    side = len(picture)
    assert (row, column) == pytest.approx((0.75 * side, 0.75 * side), abs=2)
