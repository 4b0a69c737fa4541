"""Pictures of more than 8 bits: every type to the right values, known without our code; the range, the background, and
what is refused.
"""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

import painting
from ganvas.ingest import fitting
from ganvas.ingest.decode import decode, extent, read_header
from ganvas.ingest.decode_options import DecodeOptions, NeedsExclusiveMemory, UnreadablePicture

WHITE = (255, 255, 255)
TYPES = ["uint16", "int16", "uint32", "int32", "float32"]


def options(
    depth: Any,
    low: float,
    high: float,
    channels: int = 1,
    background: tuple[int, int, int] = WHITE,
    fit: str = "crop",
    side: int = 8,
) -> DecodeOptions:
    return DecodeOptions(side, side, channels, fit, background, depth, low, high)


def decoded(content: bytes, wanted: DecodeOptions, **options: Any) -> np.ndarray[Any, Any]:
    return decode(io.BytesIO(content), wanted, **options)


def values(kind: str, seed: int = 0) -> np.ndarray[Any, Any]:
    """[8, 8] over all that a type holds, or what float32 knows of it exactly."""
    rng = np.random.default_rng(seed)
    if kind == "float32":
        return rng.normal(0, 100, (8, 8)).astype(np.float32)
    bounds = np.iinfo(kind)
    return rng.integers(max(bounds.min, -(2**24)), min(bounds.max, 2**24), (8, 8)).astype(kind)


READ = [
    (kind, order) for kind in TYPES for order in "<>" if (kind, order) != ("uint32", ">")
]  # Pillow reads all but this one, which is named below


@pytest.mark.parametrize(("kind", "order"), READ)
def test_every_type_keeps_its_values(kind: Any, order: str) -> None:
    x = values(kind)
    content = painting.deep_tiff(x, order=order)
    assert read_header(io.BytesIO(content)).depth == kind
    found = decoded(content, options(kind, float(x.min()), float(x.max())))
    assert found.dtype == {"uint16": np.uint16, "int16": np.int16}.get(kind, np.float32)
    np.testing.assert_array_equal(found[:, :, 0], x)


def test_a_tiff_that_is_not_read_is_named() -> None:
    with pytest.raises(UnreadablePicture, match="TIFF of a kind"):
        decoded(painting.deep_tiff(values("uint32"), order=">"), options("uint32", 0, 255))


def test_values_outside_of_the_range_are_clipped() -> None:
    x = values("int16")
    found = decoded(painting.deep_tiff(x), options("int16", -1000, 1040))
    np.testing.assert_array_equal(found[:, :, 0], np.clip(x, -1000, 1040))


@pytest.mark.parametrize("high", [4095, 65_535])
def test_a_png_of_sixteen_bits(high: int) -> None:
    x = np.random.default_rng(0).integers(0, high + 1, (8, 8)).astype(np.uint16)
    assert read_header(io.BytesIO(painting.deep_png(x))).depth == "uint16"
    np.testing.assert_array_equal(decoded(painting.deep_png(x), options("uint16", 0, high))[:, :, 0], x)


@pytest.mark.parametrize(("kind", "turned"), [("uint8", 255), ("uint16", 65_535)])
def test_the_least_value_is_white_where_the_file_says_so(kind: Any, turned: int) -> None:
    x = np.random.default_rng(0).integers(0, turned + 1, (8, 8)).astype(kind)
    content = painting.deep_tiff(x, photometric=0)
    wanted = options(kind, 0, 0) if kind == "uint8" else options(kind, 0, turned)
    np.testing.assert_array_equal(decoded(content, wanted)[:, :, 0], turned - x)


def test_white_is_turned_for_eight_bits_too() -> None:
    x = np.array([[0, 257, 65_535, 32_896]] * 4, np.uint16)
    assert decoded(painting.deep_tiff(x, photometric=0), DecodeOptions(4, 4, 1, "crop", WHITE))[0, :, 0].tolist() == [
        255,
        254,
        0,
        127,
    ]


@pytest.mark.parametrize(("background", "level"), [(WHITE, 4095), ((0, 0, 0), 0), ((51, 51, 51), 819)])
def test_a_hidden_value_is_put_on_the_background(background: tuple[int, int, int], level: int) -> None:
    x = np.full((8, 8), 1000, np.uint16)
    x[:, 4:] = 4000
    content = painting.deep_png(x, painting.chunk(b"tRNS", struct.pack(">H", 4000)))
    assert read_header(io.BytesIO(content)).transparent
    found = decoded(content, options("uint16", 0, 4095, background=background))
    assert found[0, :, 0].tolist() == [1000] * 4 + [level] * 4
    assert (
        decoded(content, DecodeOptions(8, 8, 1, "crop", background, "uint8", 0, 4095))[0, :, 0].tolist()
        == [62] * 4 + [background[0]] * 4
    )
    assert extent(io.BytesIO(content)) == (1000, 1000, [1000] * 32)  # what is hidden does not count


def test_a_hidden_value_on_a_colour() -> None:
    x = np.full((8, 8), 4000, np.uint16)
    content = painting.deep_png(x, painting.chunk(b"tRNS", struct.pack(">H", 4000)))
    assert decoded(content, options("uint16", 0, 255, channels=3, background=(1, 2, 3)))[0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("form", ["PNG", "TIFF <", "TIFF >"])
def test_colour_keeps_its_sixteen_bits(form: str) -> None:
    x = np.random.default_rng(0).integers(0, 4096, (8, 8, 3)).astype(np.uint16)
    content = painting.deep_png(x) if form == "PNG" else painting.deep_tiff(x, order=form[-1])
    assert read_header(io.BytesIO(content))[3:7] == ("RGB", False, "uint16", False)
    np.testing.assert_array_equal(decoded(content, options("uint16", 0, 4095, channels=3)), x)
    grey = decoded(content, options("uint16", 0, 4095, channels=1))[:, :, 0]
    np.testing.assert_allclose(grey, x @ [0.299, 0.587, 0.114], atol=0.51)


def test_transparent_colour_of_sixteen_bits() -> None:
    x = np.full((8, 8, 4), 4000, np.uint16)
    x[:, :4, 3], x[:, 4:, 3] = 65_535, 0
    found = decoded(painting.deep_png(x), options("uint16", 0, 4080, channels=3, background=(0, 255, 51)))
    assert found[0, 0].tolist() == [4000, 4000, 4000]
    assert found[0, 7].tolist() == [0, 4080, 816]


def test_resizing_keeps_the_units() -> None:
    x = np.full((32, 64), -500, np.int16)
    x[:, 32:] = 900
    found = decoded(painting.deep_tiff(x), options("int16", -1000, 1000, fit="stretch"))
    assert found.shape == (8, 8, 1)
    assert found[:, 0, 0] == pytest.approx(-500, abs=40)
    assert found[:, 7, 0] == pytest.approx(900, abs=40)
    padded = decoded(painting.deep_tiff(x), options("int16", -1000, 1000, fit="pad", background=(0, 0, 0)))
    assert padded[0, :, 0].tolist() == [-1000] * 8
    assert padded[3, 0, 0] == pytest.approx(-500, abs=40)


def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).integers(0, 4096, (61, 50)).astype(np.uint16)
    content = painting.deep_png(x)
    found = []
    for pixels_a_strip in (4000, 350, 1):
        monkeypatch.setattr(fitting, "STRIP", pixels_a_strip)
        found.append(decoded(content, options("uint16", 0, 4095, side=20)))
    np.testing.assert_array_equal(found[1], found[0])
    np.testing.assert_array_equal(found[2], found[0])


def test_bytes_from_a_range() -> None:
    x = np.array([[-1000, -490, 20, 1040]] * 4, np.int16)
    found = decoded(painting.deep_tiff(x), DecodeOptions(4, 4, 1, "crop", WHITE, "uint8", -1000, 1040))
    assert found.dtype == np.uint8
    assert found[0, :, 0].tolist() == [0, 64, 128, 255]
    own = decoded(painting.deep_tiff(x), DecodeOptions(4, 4, 3, "crop", WHITE, low=None, high=None))
    np.testing.assert_array_equal(own, np.repeat(found, 3, axis=2))


FLOATS = values("float32")
FAULTS = {
    "no number": (painting.deep_tiff(np.where(FLOATS > 100, np.nan, FLOATS)), options("float32", -1, 1), "not finite"),
    "without end": (
        painting.deep_tiff(np.where(FLOATS > 100, np.inf, FLOATS)),
        DecodeOptions(8, 8, 1, "crop", WHITE),
        "not finite",
    ),
    "no range": (painting.deep_tiff(FLOATS), DecodeOptions(8, 8, 1, "crop", WHITE), "source.low"),
    "signed without a range": (
        painting.deep_tiff(values("int16")),
        DecodeOptions(8, 8, 1, "crop", WHITE),
        "source.low",
    ),
    "bytes among values": (painting.deep_tiff(np.zeros((8, 8), np.uint8)), options("uint16", 0, 4095), "8 bits"),
}


@pytest.mark.parametrize(("content", "wanted", "said"), FAULTS.values(), ids=FAULTS)
def test_faults(content: bytes, wanted: DecodeOptions, said: str) -> None:
    with pytest.raises(UnreadablePicture, match=said):
        decoded(content, wanted)


def test_an_extent_is_of_all_values() -> None:
    x = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    found = extent(io.BytesIO(painting.deep_png(x)))
    assert found is not None
    assert (found.low, found.high) == (0, 4095)
    assert 200 <= len(found.drawn) <= 256
    assert len({int(value) % 64 for value in found.drawn}) > 32  # not from one column
    assert extent(io.BytesIO(painting.deep_tiff(np.zeros((8, 8), np.uint8)))) is None


def test_large_unsigned_values_are_not_negative() -> None:
    x = np.full((8, 8), 3 * 2**30, np.uint32)
    assert extent(io.BytesIO(painting.deep_tiff(x)))[:2] == (3 * 2**30, 3 * 2**30)  # type: ignore[index]


def test_memory_is_asked_for() -> None:
    held = io.BytesIO()
    Image.new("F", (3500, 3000)).save(held, "TIFF")
    with pytest.raises(NeedsExclusiveMemory):
        extent(held, exclusive=False)
    with pytest.raises(NeedsExclusiveMemory):
        decode(held, options("float32", 0, 1), exclusive=False)
