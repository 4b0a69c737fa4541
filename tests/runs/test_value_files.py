"""Files of more than 8 bits: Pillow reads the same values, and the mark is found."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganvas.ingest.decode import decode
from ganvas.ingest.decode_options import DecodeOptions
from ganvas.runs import mark_of, read_mark, save_values, value_suffix

MARK = mark_of('run "<&>" \u00fc', 7)


def made(kind: Any, channels: int) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(0)
    return (
        rng.normal(0, 900, (7, 9, channels))
        if kind == "float32"
        else rng.integers(0 if kind[0] == "u" else -900, 30_000, (7, 9, channels))
    ).astype(kind)


@pytest.mark.parametrize("kind", ["uint16", "int16", "int32", "uint32", "float32"])
def test_pillow_reads_the_same_values(kind: Any, tmp_path: Path) -> None:
    values = made(kind, 1)
    path = tmp_path / f"a{value_suffix(values.dtype)}"
    assert path.suffix == (".png" if kind == "uint16" else ".tif")
    save_values(values, path, MARK)
    with Image.open(path) as picture:
        np.testing.assert_array_equal(np.asarray(picture).astype(values.dtype), values[:, :, 0])
    assert read_mark(path) == MARK


def test_colour_of_sixteen_bits_survives(tmp_path: Path) -> None:
    values = made("uint16", 3)
    save_values(values, tmp_path / "a.png", MARK)
    with (tmp_path / "a.png").open("rb") as file:
        np.testing.assert_array_equal(
            decode(file, DecodeOptions(7, 9, 3, "crop", (0, 0, 0), "uint16", 0, 65_535)), values
        )
    with Image.open(tmp_path / "a.png") as picture:  # the upper bytes, read by another
        np.testing.assert_array_equal(np.asarray(picture), values >> 8)


@pytest.mark.parametrize("kind", ["uint16", "float32"])
def test_no_mark_where_none_is_wanted_and_the_same_bytes_twice(kind: Any, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a", "b")]
    for path in paths:
        save_values(made(kind, 1), path, None)
    assert read_mark(paths[0]) is None
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert b"ganvas" not in paths[0].read_bytes()


def test_a_damaged_tiff_has_no_mark(tmp_path: Path) -> None:
    save_values(made("int16", 1), tmp_path / "a.tif", MARK)
    content = (tmp_path / "a.tif").read_bytes()
    for damage in (content[: len(content) // 2], content[:4] + b"\xff" * 4 + content[8:], content[:-60]):
        (tmp_path / "b.tif").write_bytes(damage)
        assert read_mark(tmp_path / "b.tif") is None
