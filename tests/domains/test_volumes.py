"""Volumes: values back in their units, the order of axes, planes, and NIfTI files."""

import gzip
import sys
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError, ResourceError, UsageError
from ganvas.data import Items
from ganvas.domains import Volumes
from ganvas.domains.volume_planes import planes
from ganvas.ingest.units import Units

AFFINE = (0.0, 0.8, 0.0, -10.0, 0.9, 0.0, 0.0, -20.0, 0.0, 0.0, 2.5, 5.0)  # W and H run to the front and the right


def volumes(n: int = 3, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, 5, 6, 8, channels), dtype=np.uint8)


def inside(domain: Volumes, items: Items) -> torch.Tensor:
    return domain.to_tensor(torch.from_numpy(np.ascontiguousarray(domain.encode(items))))


def test_bytes_come_back_and_axes_are_where_networks_expect_them() -> None:
    items = Items(x=volumes(channels=2))
    domain = Volumes().fit(items)
    assert domain.spec(items).shape == (2, 5, 6, 8)
    x = inside(domain, items)
    assert float(x[1, 1, 4, 3, 7]) == pytest.approx(2 * int(items.x[1, 4, 3, 7, 1]) / 255 - 1, abs=1e-6)
    assert np.array_equal(domain.decode(x), items.x)
    assert torch.allclose(domain.as_written(x), x, atol=1e-6)
    assert domain.features(x).shape == (3, 2 * 8**3)
    assert domain.fit(items) == domain


@pytest.mark.parametrize("units", [Units("int16", -1000, 1040), Units("uint16", 0, 4095), Units("float32", -1, 3)])
def test_values_keep_their_units(units: Units) -> None:
    whole = np.linspace(units.low, units.high, 5 * 6 * 8 * 2).reshape(2, 5, 6, 8, 1)
    items = Items(x=whole.astype(units.stored), units=units, affine=AFFINE)
    domain = Volumes().fit(items)
    x = inside(domain, items)
    assert (float(x.min()), float(x.max())) == pytest.approx((-1, 1), abs=1e-6)
    back = domain.decode(x)
    assert back.dtype == units.depth
    np.testing.assert_allclose(back, items.x, rtol=0, atol=0 if units.whole else 1e-6)
    assert domain.decode(3 * x).max() == units.high, "the window's border"
    spec = domain.spec(items)
    assert spec.units == units.text
    assert spec.settings["spacing"] == pytest.approx([2.5, 0.8, 0.9])
    assert spec.settings["affine"] == list(AFFINE)


def test_the_affine_is_part_of_the_fingerprint() -> None:
    x = volumes()
    assert Items(x=x).fingerprint != Items(x=x, affine=AFFINE).fingerprint


def test_planes_of_a_volume() -> None:
    volume = np.arange(5 * 6 * 8, dtype=np.uint8).reshape(5, 6, 8)
    above, front, side, largest = planes(volume)
    assert np.array_equal(above, volume[2, ::-1]), "the front, the last row of H, at the top"
    assert np.array_equal(front, volume[::-1, 3])
    assert np.array_equal(side, volume[::-1, :, 4])
    assert np.array_equal(largest, volume[::-1, 5])


def test_a_sheet() -> None:
    x = np.zeros((3, 5, 6, 8, 1), np.uint8)
    x[2] = 255
    domain = Volumes().fit(Items(x=x))
    sheet = np.asarray(domain.render(inside(domain, Items(x=x)), columns=10))
    zoom, step = 5, 9  # 8 voxels become 40 pixels
    assert sheet.shape == (3 * step * zoom, 4 * step * zoom), "1 column: its tiles are small enough"
    assert (sheet[0, 0], sheet[2 * step * zoom, 0]) == (0, 255)
    assert sheet[0, -1] == 96, "a line after the last tile"
    five = domain.render(inside(domain, Items(x=x[[0, 0, 0, 0, 2]])))
    assert five.size == (2 * 4 * step * zoom, 3 * step * zoom)
    assert np.asarray(five)[-1, -1] == 96, "an empty place"


def test_other_data_are_refused() -> None:
    with pytest.raises(DataError, match=r"volumes are uint8 \[N, D, H, W, C\]"):
        Volumes().fit(Items(x=np.zeros((3, 8, 8, 1), np.uint8)))
    with pytest.raises(DataError, match="expects deep 4, the volumes have 5"):
        Volumes(deep=4).fit(Items(x=volumes()))
    with pytest.raises(DataError, match="another affine matrix"):
        Volumes(affine=AFFINE[::-1]).fit(Items(x=volumes(), affine=AFFINE))
    with pytest.raises(DataError, match="expects values int16"):
        Volumes(depth="int16", low=0, high=9).fit(Items(x=volumes()))


def test_files_hold_the_values_and_the_affine(tmp_path: Path) -> None:
    x = np.random.default_rng(1).integers(-1000, 1000, (3, 5, 6, 8, 1)).astype(np.int16)
    items = Items(x=x, units=Units("int16", -1000, 1000), affine=AFFINE)
    domain = Volumes().fit(items)
    domain.write(x, tmp_path / "folder")
    read: Any = nibabel.load(tmp_path / "folder" / "000001.nii.gz")
    assert read.shape == (8, 6, 5)
    assert np.array_equal(np.asanyarray(read.dataobj), x[1, ..., 0].transpose(2, 1, 0))
    assert read.get_data_dtype() == np.int16
    assert read.affine[:3].ravel() == pytest.approx(AFFINE, rel=1e-6)
    assert tuple(map(float, read.header.get_zooms())) == pytest.approx((0.9, 0.8, 2.5))
    domain.write(x, tmp_path / "all.nii.gz")
    domain.write(x, tmp_path / "all.nii")
    assert gzip.decompress((tmp_path / "all.nii.gz").read_bytes()) == (tmp_path / "all.nii").read_bytes()
    whole: Any = nibabel.load(tmp_path / "all.nii")
    assert whole.shape == (8, 6, 5, 3)
    with pytest.raises(UsageError, match=r"not written as \.stl"):
        domain.write(x, tmp_path / "all.stl")


def test_without_nibabel_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(ResourceError, match="need nibabel"):
        Volumes().fit(Items(x=volumes())).write(volumes(), tmp_path / "all.nii")
