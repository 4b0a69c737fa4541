"""Crops of one picture: three parts that do not overlap, and clear sentences for pictures that do not do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganvas.base.errors import DataError
from ganvas.data import Texture
from ganvas.data.source import SPLITS
from ganvas.data.texture import drawn_pebbles, part_of


def coordinates(height: int, width: int) -> np.ndarray[Any, Any]:
    """A picture whose colours say where a pixel is."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows, columns, np.zeros_like(rows)], 2).astype(np.uint8)


@pytest.mark.parametrize(("height", "width", "longer"), [(40, 200, 1), (200, 40, 0)])
def test_the_parts_lie_side_by_side(tmp_path: Path, height: int, width: int, longer: int) -> None:
    picture = coordinates(height, width)
    Image.fromarray(picture).save(tmp_path / "t.png")
    source = Texture(str(tmp_path / "t.png"), side=16, samples=100)
    parts = [part_of(source, split) for split in SPLITS]
    assert np.array_equal(np.concatenate(parts, axis=longer), picture)
    assert [part.shape[longer] for part in parts] == [140, 30, 30]
    for split, part in zip(SPLITS, parts, strict=True):
        x = source.items(split).x
        assert x.shape == (100 if split == "train" else 64, 16, 16, 3)
        places = x[:, 0, 0, longer] - int(part[0, 0, longer])
        assert places.min() >= 0
        assert places.max() <= part.shape[longer] - 16
        assert len(np.unique(places)) > 10
        assert (np.diff(x[:, 0, :, 1].astype(int), axis=1) == 1).all(), "a crop has neighbours beside each other"


def test_a_large_picture_is_shrunk(tmp_path: Path) -> None:
    Image.new("L", (900, 300), 77).save(tmp_path / "t.png")
    parts = [part_of(Texture(str(tmp_path / "t.png"), side=32, longest=450), split) for split in ("train", "test")]
    assert [part.shape for part in parts] == [(150, 450 - 2 * 68, 3), (150, 68, 3)]
    assert (parts[0] == 77).all()


def test_pictures_that_do_not_do_are_named(tmp_path: Path) -> None:
    file = tmp_path / "t.png"
    Image.new("RGB", (255, 90)).save(file)
    with pytest.raises(DataError, match="255 x 90 pixels: crops of 64 need 256 x 64") as found:
        Texture(str(file)).items("train")
    assert "side=32" in str(found.value.hint)
    file.write_bytes(b"no picture")
    for path in (file, tmp_path / "missing.png", tmp_path):
        with pytest.raises(DataError, match="cannot read the picture"):
            Texture(str(path)).items("train")


def test_pebbles_join_at_their_borders() -> None:
    picture = drawn_pebbles().astype(float)
    assert picture.std() > 30
    for axis in (0, 1):
        inside = np.abs(np.diff(picture, axis=axis)).mean()
        border = np.abs(np.take(picture, -1, axis=axis) - np.take(picture, 0, axis=axis)).mean()
        assert border < 1.3 * inside
