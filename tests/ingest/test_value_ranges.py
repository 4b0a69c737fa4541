"""Which range is chosen for values of more than 8 bits, what is said of it, and what a person may say instead."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import painting
from ganvas.base.errors import DataError, UsageError
from ganvas.data.infer_options import infer_options
from ganvas.data.pictures import Pictures
from ganvas.ingest import value_ranges
from ganvas.ingest.picture_options import PictureOptions
from ganvas.ingest.survey import survey
from ganvas.ingest.value_ranges import ValueSample, check_range, choose_range, default_range
from painting import noise, save


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))


def seen(low: float, high: float) -> ValueSample:
    return ValueSample(
        np.array([low, (low + high) / 2]), np.array([(low + high) / 2, high]), np.linspace(low, high, 1001), 2
    )


@pytest.mark.parametrize(
    ("low", "high", "whole", "wanted"),
    [
        (0, 4095, True, (0, 4095)),
        (3, 3900, True, (0, 4095)),
        (0, 4096, True, (0, 8191)),
        (0, 65_535, True, (0, 65_535)),
        (0, 255, True, (0, 255)),
        (0, 80, True, (0, 255)),
        (0, 3, True, (0, 3)),
        (60_000, 65_535, True, (60_000, 65_535)),
        (-1000, 1040, True, (-1000, 1040)),
        (0, 1, False, (0, 1)),
        (0.01, 0.9, False, (0, 1)),
        (0, 0.01, False, (0, 0.01)),
        (-1, 1, False, (-1, 1)),
        (0, 3.5, False, (0, 3.5)),
    ],
)
def test_the_range_that_is_chosen(low: float, high: float, whole: bool, wanted: tuple[float, float]) -> None:
    assert default_range(seen(low, high), whole) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0:100", (0, 100)),
        ("min:max", (-50, 950)),
        ("10%:90%", (50, 850)),
        ("MIN : 99.5%", (-50, 945)),
        ("-20.5:1e3", (-20.5, 1000)),
    ],
)
def test_what_a_person_says(text: str, wanted: tuple[float, float]) -> None:
    check_range(text)
    found = choose_range(seen(-50, 950), {"float32": 2}, text)
    assert found.depth == "float32"
    assert found[1:] == pytest.approx(wanted)


@pytest.mark.parametrize("text", ["", "0", "0:1:2", "0:x", "5:5", "7:5", "nan:5", "0:inf", "-1%:5", "0:101%", ":"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(UsageError, match="--range"):
        check_range(text)


def test_a_range_that_the_values_cannot_have() -> None:
    with pytest.raises(DataError, match="uint16"):
        choose_range(seen(0, 900), {"uint16": 2}, "-5:900")
    with pytest.raises(DataError, match="empty"):
        choose_range(seen(0, 900), {"uint16": 2}, "max:min")
    assert choose_range(seen(7, 7), {"uint16": 2}, "") == ("uint16", 7, 8)


@pytest.mark.parametrize(
    ("depths", "wanted"),
    [
        ({"uint16": 3}, "uint16"),
        ({"uint16": 3, "uint8": 1}, "uint8"),
        ({"uint16": 3, "int16": 1}, "int32"),
        ({"uint16": 3, "float32": 1}, "float32"),
        ({"uint16": 3, "int16": 1, "uint32": 1}, "float32"),
    ],
)
def test_one_type_for_all(depths: dict[str, int], wanted: str) -> None:
    assert value_ranges.common_depth(depths) == wanted


def twelve(seed: int) -> np.ndarray[Any, Any]:
    x = np.random.default_rng(seed).integers(0, 4096, (8, 8)).astype(np.uint16)
    x[0, 0] = 4000
    return x


def deep_folder(root: Path, count: int = 30) -> Path:
    root.mkdir()
    for seed in range(count):
        (root / f"{seed:02}.png").write_bytes(painting.deep_png(twelve(seed)))
    return root


def items(source: Any) -> np.ndarray[Any, Any]:
    return np.concatenate([source.items(split).x for split in ("train", "val", "test")])


def test_twelve_bits_keep_their_values(tmp_path: Path) -> None:
    source, said = infer_options(survey(str(deep_folder(tmp_path / "a"))))
    assert (source.depth, source.low, source.high, source.channels) == ("uint16", 0, 4095, 1)
    assert any("0:4095" in sentence for sentence in said)
    found = items(source)
    assert found.dtype == np.uint16
    assert sorted(map(bytes, found[..., 0].astype("<u2"))) == sorted(
        twelve(seed).astype("<u2").tobytes() for seed in range(30)
    )
    train = source.items("train")
    assert train.units == ("uint16", 0, 4095)
    assert (
        train.fingerprint
        != Pictures(str(tmp_path / "a"), 8, 8, 1, depth="uint16", high=8191).items("train").fingerprint
    )


def test_a_list_in_another_encoding(tmp_path: Path) -> None:
    root = deep_folder(tmp_path / "gr\u00fcn")
    (tmp_path / "list.txt").write_bytes(
        "\n".join(f"gr\u00fcn/{file.name}" for file in root.iterdir()).encode("latin-1")
    )
    assert infer_options(survey(str(tmp_path / "list.txt"), "latin-1"))[0].high == 4095


def test_what_is_clipped_is_counted(tmp_path: Path) -> None:
    source, said = infer_options(survey(str(deep_folder(tmp_path / "a"))), PictureOptions(range="100:3999"))
    assert (source.low, source.high) == (100, 3999)
    assert any("30 of 30 pictures" in sentence and "clipped" in sentence for sentence in said)
    assert (items(source).min(), items(source).max()) == (100, 3999)


def test_bytes_among_deep_pictures(tmp_path: Path) -> None:
    root = deep_folder(tmp_path / "a")
    for seed in range(5):
        save(root / f"bytes{seed}.png", noise(seed, channels=1))
    source, said = infer_options(survey(str(root)))
    assert (source.depth, source.low, source.high) == ("uint8", 0, 4095)
    assert any("8 bits like the other 5" in sentence for sentence in said)
    found = {row.tobytes() for row in items(source)}
    assert {noise(seed, channels=1).tobytes() for seed in range(5)} <= found
    assert {np.rint(twelve(seed) / 4095 * 255).astype(np.uint8).tobytes() for seed in range(30)} <= found


def test_several_types_share_their_units(tmp_path: Path) -> None:
    root = deep_folder(tmp_path / "a")
    for seed in range(5):
        (root / f"signed{seed}.tif").write_bytes(painting.deep_tiff((twelve(90 + seed) - 1000.0).astype(np.int16)))
    source, said = infer_options(survey(str(root)))
    assert (source.depth, source.high) == ("int32", items(source).max())
    assert source.low < 0
    assert any("same units" in sentence for sentence in said)


@pytest.mark.parametrize("kind", ["uint16", "int16", "uint32", "float32", "float64", ">i4"])
@pytest.mark.parametrize("channels", [0, 3])
def test_arrays_keep_their_values(tmp_path: Path, kind: str, channels: int) -> None:
    x = (
        np.random.default_rng(0)
        .integers(0 if "u" in kind else -90, 200, (30, 8, 8, *([channels] if channels else [])))
        .astype(kind)
    )
    np.savez(tmp_path / "a.npz", x=x)
    source, _ = infer_options(survey(str(tmp_path / "a.npz")))
    found = items(source)
    assert source.channels == (channels or 1)
    assert (source.low, source.high) == ((0, 255) if "u" in kind else (x.min(), x.max()))
    rows = sorted(row.tobytes() for row in x.astype(np.float64))
    assert sorted(row.tobytes() for row in found.reshape(x.shape).astype(np.float64)) == rows


def test_a_range_for_bytes_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "a" / "1.png", noise(0))
    with pytest.raises(UsageError, match="--range"):
        infer_options(survey(str(tmp_path / "a")), PictureOptions(range="0:100"))


def test_little_of_the_range_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for seed in range(30):
        x = np.random.default_rng(seed).integers(-100, 100, (64, 64)).astype(np.int16)
        x[5, 5] = 30_000 if seed == 3 else 0
        (tmp_path / "a" / f"{seed}.tif").write_bytes(painting.deep_tiff(x))
    source, said = infer_options(survey(str(tmp_path / "a")))
    assert source.high == 30_000
    assert any("0.1%:99.9%" in sentence for sentence in said)
    source, said = infer_options(survey(str(tmp_path / "a")), PictureOptions(range="0.1%:99.9%"))
    assert (source.low, source.high) == (-100, 99)


@pytest.mark.parametrize(
    "options", [{"depth": "uint16"}, {"depth": "uint16", "low": -5.0, "high": 5.0}, {"low": 9.0, "high": 5.0}]
)
def test_a_source_without_a_sound_range(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"source.low"):
        Pictures(str(deep_folder(tmp_path / "a")), 8, 8, 1, **options).items("train")
