"""One picture: every format and mode to the right pixels, every fault to one short cause."""

import contextlib
import io
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import painting
from ganvas.ingest import decode as decoding
from ganvas.ingest import fitting
from ganvas.ingest.decode import Header, decode, extent, read_header
from ganvas.ingest.decode_options import DecodeOptions, NeedsExclusiveMemory, UnreadablePicture
from painting import noise

WHITE = (255, 255, 255)


def decode_options(
    height: int = 8, width: int = 8, channels: int = 3, fit: str = "crop", background: tuple[int, int, int] = WHITE
) -> DecodeOptions:
    return DecodeOptions(height, width, channels, fit, background)


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    held = io.BytesIO()
    picture.save(held, kind, **options)
    return held.getvalue()


def decoded(content: bytes, wanted: DecodeOptions | None = None, **options: Any) -> np.ndarray[Any, Any]:
    return decode(io.BytesIO(content), wanted or decode_options(), **options)


def cause(content: bytes, wanted: DecodeOptions | None = None) -> str:
    with pytest.raises(UnreadablePicture) as caught:
        decoded(content, wanted)
    return str(caught.value)


LOSSLESS = [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("WEBP", {"lossless": True})]


@pytest.mark.parametrize(("kind", "options"), LOSSLESS, ids=lambda value: str(value))
def test_lossless_formats_are_exact(kind: str, options: dict[str, Any]) -> None:
    pixels = noise(0)
    np.testing.assert_array_equal(decoded(saved(Image.fromarray(pixels), kind, **options)), pixels)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_lossy_formats_are_near(kind: str) -> None:
    smooth = np.tile(np.linspace(0, 255, 16).astype(np.uint8)[:, None, None], (1, 16, 3))
    assert (
        np.abs(
            decoded(saved(Image.fromarray(smooth), kind, quality=95), decode_options(16, 16)).astype(int) - smooth
        ).max()
        < 8
    )


def test_a_gif_is_its_first_frame() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    found = decoded(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    np.testing.assert_array_equal(found, np.broadcast_to([255, 0, 0], (8, 8, 3)))


OTHERS = {
    "EPS": "an EPS file",
    "PPM": "a PNM file",
    "ICO": "an ICO file",
    "PCX": "not a picture",
    "TGA": "not a picture",
}


@pytest.mark.parametrize(("kind", "said"), OTHERS.items())
def test_other_formats_are_not_read(kind: str, said: str) -> None:
    assert cause(saved(Image.fromarray(noise(0)), kind)) == said


@pytest.mark.parametrize("channels", [1, 3])
def test_grey(channels: int) -> None:
    pixels = noise(0, channels=1)
    found = decoded(saved(painting.picture(pixels)), decode_options(channels=channels))
    np.testing.assert_array_equal(found, np.repeat(pixels, channels, axis=2))


def test_colour_to_grey_is_luma() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], WHITE]], np.uint8).repeat(4, axis=0)
    assert decoded(saved(Image.fromarray(colours)), decode_options(4, 4, 1))[0, :, 0].tolist() == [
        76,
        150,
        29,
        255,
    ]  # ITU-R BT.601


def test_one_bit() -> None:
    pixels = (noise(0, channels=1) > 127).astype(np.uint8) * 255
    np.testing.assert_array_equal(
        decoded(saved(painting.picture(pixels).convert("1")), decode_options(channels=1)), pixels
    )


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(kind: str) -> None:
    values = np.linspace(0, 65_535, 64).astype(np.uint16).reshape(8, 8)
    found = decoded(saved(Image.fromarray(values), kind), decode_options(channels=1))[:, :, 0]
    np.testing.assert_array_equal(found, np.rint(values / 257).astype(np.uint8))


@pytest.mark.parametrize(
    ("values", "expected"),
    [(np.linspace(0, 1, 64), np.linspace(0, 255, 64)), (np.linspace(0, 65_535, 64).round(), np.linspace(0, 255, 64))],
)
def test_thirty_two_bits(values: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> None:
    kind = np.float32 if values.max() == 1 else np.int32
    found = decoded(saved(Image.fromarray(values.astype(kind).reshape(8, 8)), "TIFF"), decode_options(channels=1))
    np.testing.assert_allclose(found.ravel(), expected, atol=0.51)


def test_thirty_two_bits_out_of_range() -> None:
    assert "outside 0:1; source.low" in cause(saved(Image.fromarray(np.full((8, 8), 3.5, np.float32)), "TIFF"))


def test_cmyk() -> None:
    ink = Image.fromarray(np.broadcast_to(np.array([0, 255, 255, 0], np.uint8), (8, 8, 4)).copy(), "CMYK")
    for content in (saved(ink, "TIFF"), saved(ink, "JPEG", quality=100)):
        assert np.abs(decoded(content).astype(int) - [255, 0, 0]).max() <= 3


def half_transparent(mode: str) -> Image.Image:
    """Left half opaque red, right half of zero alpha over green."""
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:, :4], pixels[:, 4:] = (255, 0, 0, 255), (0, 255, 0, 0)
    picture = Image.fromarray(pixels)
    if mode == "LA":
        return picture.convert("LA")
    if mode == "P":
        flat = Image.fromarray((pixels[:, :, 3] == 0).astype(np.uint8), "L").convert("P")
        flat.putpalette([255, 0, 0, 0, 255, 0])
        flat.info["transparency"] = 1
        return flat
    return picture


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize("background", [WHITE, (0, 0, 255)])
def test_transparency_lies_on_the_background(mode: str, background: tuple[int, int, int]) -> None:
    picture = half_transparent(mode)
    options: dict[str, Any] = {"transparency": 1} if mode == "P" else {}
    found = decoded(saved(picture, **options), decode_options(background=background))
    np.testing.assert_array_equal(found[:, 4:], np.broadcast_to(background, (8, 4, 3)))
    np.testing.assert_array_equal(found[0, 0], [76] * 3 if mode == "LA" else [255, 0, 0])


def test_a_transparent_colour_of_an_rgb_png() -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:, 4:] = (0, 255, 0)
    found = decoded(saved(Image.fromarray(pixels), transparency=(0, 255, 0)))
    assert found[0, 0].tolist() == [0, 0, 0]
    assert found[0, 7].tolist() == [255, 255, 255]


def test_hidden_colours_do_not_bleed_when_resized() -> None:
    found = decoded(saved(half_transparent("RGBA").resize((64, 64), Image.Resampling.NEAREST)), decode_options(16, 16))
    red = found.reshape(-1, 3).astype(int)
    assert (red[:, 0] >= 250).all()  # a mix of red and white; green under zero alpha would lower red
    np.testing.assert_array_equal(red[:, 1], red[:, 2])


def oriented(orientation: int, picture: Image.Image, kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(picture, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation: int, kind: str) -> None:
    upright = noise(1, 8, 12)
    undone = {1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1], 5: upright.swapaxes(0, 1)}
    turned = (
        np.rot90(upright, 1)
        if orientation == 6
        else np.rot90(upright, -1)
        if orientation == 8
        else undone.get(orientation, upright[::-1, ::-1].swapaxes(0, 1))
    )
    content = oriented(orientation, Image.fromarray(np.ascontiguousarray(turned)), kind)
    np.testing.assert_array_equal(decoded(content, decode_options(8, 12)), upright)
    assert read_header(io.BytesIO(content))[:2] == (12, 8)


@pytest.mark.parametrize("place", ["tag", "XMP"])
def test_a_tiff_is_measured_as_it_is_decoded(place: str) -> None:
    pixels = noise(1, 40, 20)
    lying = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta>'
    info = {0x0112: 6} if place == "tag" else {700: lying}
    content = saved(Image.fromarray(pixels), "TIFF", tiffinfo=info)
    assert read_header(io.BytesIO(content))[:2] == (40, 20)
    np.testing.assert_array_equal(decoded(content, decode_options(20, 40)), np.rot90(pixels, -1))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_an_orientation_that_is_none_does_not_matter(kind: str) -> None:
    pixels = noise(1, 8, 12)
    content = oriented(9, Image.fromarray(pixels), kind)
    np.testing.assert_array_equal(decoded(content, decode_options(8, 12)), pixels)
    assert read_header(io.BytesIO(content))[:2] == (12, 8)


def test_exif_orientation_of_a_jpeg_with_a_crop() -> None:
    tall = np.zeros((64, 16, 3), np.uint8)
    tall[:32, :, 0], tall[32:, :, 2] = 255, 255  # red above blue
    found = decoded(
        oriented(6, Image.fromarray(tall), "JPEG"), decode_options(8, 32)
    )  # shown turned clockwise: blue left, red right
    assert found.shape == (8, 32, 3)
    assert found[4, 2, 2] > 200 > 50 > found[4, 2, 0]
    assert found[4, 29, 0] > 200 > 50 > found[4, 29, 2]


def test_damaged_exif_does_not_matter() -> None:
    content = saved(Image.fromarray(noise(0)), "PNG", exif=b"Exif\0\0nonsense")
    np.testing.assert_array_equal(decoded(content), noise(0))


def test_crop_keeps_the_middle() -> None:
    wide = np.zeros((8, 24, 3), np.uint8)
    wide[:, 8:16] = 255
    np.testing.assert_array_equal(decoded(saved(Image.fromarray(wide))), np.full((8, 8, 3), 255))
    np.testing.assert_array_equal(decoded(saved(Image.fromarray(wide.swapaxes(0, 1).copy()))), np.full((8, 8, 3), 255))


def test_pad_keeps_everything() -> None:
    wide = noise(2, 8, 16)
    found = decoded(saved(Image.fromarray(wide)), decode_options(16, 16, fit="pad", background=(9, 8, 7)))
    np.testing.assert_array_equal(found[4:12], wide)
    np.testing.assert_array_equal(found[:4], np.broadcast_to([9, 8, 7], (4, 16, 3)))
    np.testing.assert_array_equal(found[12:], np.broadcast_to([9, 8, 7], (4, 16, 3)))


def test_stretch_fills() -> None:
    halves = np.zeros((4, 40, 3), np.uint8)
    halves[:, 20:] = 255
    found = decoded(saved(Image.fromarray(halves)), decode_options(8, 8, fit="stretch"))
    assert found[:, 0].max() == 0
    assert found[:, 7].min() == 255


def test_shrinking_is_antialiased() -> None:
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    for kind in ("PNG", "JPEG"):
        found = decoded(saved(Image.fromarray(stripes), kind), decode_options(16, 16)).astype(int)
        assert np.abs(found - 127).max() <= 3, kind


def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.dstack([noise(3, 61, 50), noise(4, 61, 50, 1)])
    content = saved(Image.fromarray(pixels))
    for wanted in (
        decode_options(),
        decode_options(5, 9, fit="pad"),
        decode_options(20, 24, fit="stretch"),
        decode_options(61, 50),
    ):
        found = []
        for pixels_a_strip in (3049, 350, 1):
            monkeypatch.setattr(fitting, "STRIP", pixels_a_strip)
            found.append(decoded(content, wanted))
        np.testing.assert_array_equal(found[1], found[0])
        np.testing.assert_array_equal(found[2], found[0])


def test_a_large_picture_is_cut_to_nearly_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    smooth = Image.fromarray(noise(3, 6, 30)).resize((1500, 280), Image.Resampling.BICUBIC)
    for fit in ("crop", "pad", "stretch"):
        wanted = decode_options(24, 16, fit=fit)
        whole = decoded(saved(smooth), wanted).astype(int)
        with monkeypatch.context() as patch:
            patch.setattr(fitting, "STRIP", 3000)
            assert np.abs(decoded(saved(smooth), wanted) - whole).max() <= 4, fit


@pytest.mark.parametrize("size", [(4, 5000), (5000, 4), (4, 4), (333, 77)])
@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_any_shape(size: tuple[int, int], fit: str) -> None:
    found = decoded(
        saved(Image.new("RGB", size, (10, 20, 30))), decode_options(16, 8, fit=fit, background=(10, 20, 30))
    )
    np.testing.assert_array_equal(found, np.broadcast_to([10, 20, 30], (16, 8, 3)))


def test_a_large_jpeg_is_shrunk_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = saved(Image.new("RGB", (800, 800), "red"), "JPEG")
    monkeypatch.setattr(decoding, "MOST_PIXELS", 200 * 200)
    assert np.abs(decoded(content).astype(int) - [254, 0, 0]).max() <= 2
    assert cause(saved(Image.new("RGB", (800, 800), "red"), "JPEG", progressive=True)) == "too many pixels (800 x 800)"
    assert cause(saved(Image.new("RGB", (800, 800), "red"))) == "too many pixels (800 x 800)"


def test_much_memory_is_asked_for() -> None:
    content = saved(Image.new("RGB", (4000, 3000)))
    with pytest.raises(NeedsExclusiveMemory):
        decoded(content, exclusive=False)
    assert decoded(content, exclusive=True).max() == 0
    assert (
        cause(saved(Image.new("RGB", (7000, 7000)), "WEBP", lossless=True))
        == "needs too much memory (7000 x 7000 WEBP)"
    )


JPEG = saved(Image.fromarray(noise(5, 64, 64)), "JPEG")
CAUSES = {
    "empty": (b"", "not a picture"),
    "text": (b"hello, I am a text file", "not a picture"),
    "truncated": (JPEG[: len(JPEG) // 2], "truncated"),
    "truncated png": (saved(Image.fromarray(noise(5, 64, 64)))[:6000], "truncated"),
    "one pixel": (saved(Image.new("RGB", (1, 1))), "too small (1 x 1)"),
    "narrow": (saved(Image.new("RGB", (100, 3))), "too small (100 x 3)"),
}


@pytest.mark.parametrize(("content", "said"), CAUSES.values(), ids=CAUSES)
def test_causes(content: bytes, said: str) -> None:
    assert cause(content) == said


def test_a_png_that_claims_the_impossible() -> None:
    assert cause(painting.png(8, 8, painting.zeros(10))) == "truncated"
    assert "too many pixels" in cause(painting.png(40_000, 40_000, painting.zeros(10)))
    assert cause(struct.pack(">I", 0) + b"\x89PNG") == "not a picture"


def test_header() -> None:
    assert read_header(io.BytesIO(saved(half_transparent("P"), transparency=1))) == Header(8, 8, "PNG", "P", True)
    assert read_header(io.BytesIO(saved(Image.new("CMYK", (9, 8)), "JPEG"))) == Header(9, 8, "JPEG", "CMYK", False)


KINDS: list[tuple[str, dict[str, Any]]] = [
    ("PNG", {}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("WEBP", {}),
    ("BMP", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {}),
    ("GIF", {}),
]
REAL = [saved(painting.picture(noise(6, 12, 10)), kind, **options) for kind, options in KINDS]
DEEP = np.random.default_rng(6).integers(0, 4096, (12, 10, 3)).astype(np.uint16)
REAL += [
    painting.deep_png(DEEP),
    painting.deep_png(DEEP[..., 0]),
    painting.deep_tiff(DEEP),
    painting.deep_tiff(DEEP[..., 0].astype(np.float32), order=">"),
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.sampled_from(REAL)), st.data())
def test_nothing_but_the_one_error(content: bytes, data: st.DataObject) -> None:
    """Cut and flipped files, and noise."""
    changed = bytearray(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content)
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, max(0, len(changed) - 1)), st.integers(0, 255)), max_size=8)
    ):
        if changed:
            changed[place] = value
    deep = decode_options(6, 5, 1)._replace(depth="int16", low=-50, high=900)
    for act in (
        lambda file: decode(file, decode_options(6, 5, 1)),
        lambda file: decode(file, deep),
        read_header,
        extent,
    ):
        with contextlib.suppress(UnreadablePicture):
            found: Any = act(io.BytesIO(bytes(changed)))
            assert found is None or isinstance(found, tuple) or found.shape == (6, 5, 1)
