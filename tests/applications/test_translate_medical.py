"""`ganvas translate` on DICOM files and NIfTI volumes: values come back in their units."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganvas
from ganvas.base.errors import DataError, UsageError
from translating import Negative, Pairs, model_of

scanning = pytest.importorskip("scanning")


def negative(**options: Any) -> Any:
    """A model that makes low + high - v of v."""
    return model_of({"G": Negative(channels=1)}, Pairs(channels=1, given_channels=1, **options))


def test_hounsfield_units_are_read_and_written(tmp_path: Path) -> None:
    stored = np.random.default_rng(0).integers(1024, 3072, (21, 13)).astype(np.uint16)
    rescale = {"BitsStored": 12, "RescaleSlope": 1, "RescaleIntercept": -1024, "PatientName": "Roe^Jane"}
    file = scanning.save_dicom(tmp_path / "ct" / "a.dcm", stored, **rescale)
    model = negative(depth="int16", high=2047)
    (out,) = ganvas.translate(model, file, tmp_path / "out.tif")
    assert np.array_equal(np.asarray(Image.open(out)), 2047 - (stored.astype(int) - 1024))
    (same,) = ganvas.translate(model, tmp_path / "ct", tmp_path / "folder")
    assert same.name == "a.tif"
    assert same.read_bytes() == out.read_bytes()
    assert b"Jane" not in out.read_bytes()  # headers are not copied


def test_every_slice_of_a_volume_becomes_a_file(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 2048, (12, 9, 3)).astype(np.int16)
    file = scanning.save_volume(tmp_path / "nii" / "x" / "a.nii.gz", values)
    model = negative(depth="int16", high=2047)
    for source, place in ((file, "one"), (tmp_path / "nii", "all")):
        written = ganvas.translate(model, source, tmp_path / place)
        assert [each.name for each in written] == ["a#0000.tif", "a#0001.tif", "a#0002.tif"]
        for number, each in enumerate(written):
            assert np.array_equal(np.asarray(Image.open(each)), 2047 - values[::-1, ::-1, number].T)
    made = np.stack([np.asarray(Image.open(each)) for each in written], axis=2)  # as docs/medical-pictures.md says
    assert np.array_equal(made.transpose(1, 0, 2)[::-1, ::-1], 2047 - values)


def test_what_cannot_be_written_or_read_is_named(tmp_path: Path) -> None:
    model = negative(depth="int16", high=2047)
    file = scanning.save_volume(tmp_path / "a.nii.gz", np.zeros((12, 9, 3), np.int16))
    with pytest.raises(UsageError, match="3 pictures"):
        ganvas.translate(model, file, tmp_path / "out.tif")
    file.write_bytes(b"\x1f\x8bnothing")
    with pytest.raises(DataError, match="truncated"):
        ganvas.translate(model, file, tmp_path / "out")
    stored = np.zeros((9, 8), np.uint16)
    several = scanning.save_dicom(tmp_path / "b.dcm", stored, NumberOfFrames=2)
    with pytest.raises(DataError, match="frames"):
        ganvas.translate(model, several, tmp_path / "out.tif")
