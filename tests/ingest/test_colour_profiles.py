"""Colour profiles: converted to sRGB as published matrices say, left alone where they are sRGB, and harmless where they
are damaged.
"""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

import painting
from ganvas.data.infer_options import infer_options
from ganvas.ingest import colour_profiles
from ganvas.ingest.decode import decode, read_header
from ganvas.ingest.decode_options import DecodeOptions
from ganvas.ingest.survey import survey
from painting import noise, save

Array = np.ndarray[Any, Any]
# Red, green and blue as XYZ under D50, rows. Lindbloom, RGB/XYZ matrices, http://www.brucelindbloom.com
ADOBE = np.array(
    [[0.6097559, 0.3111242, 0.0194811], [0.2052401, 0.6256560, 0.0608902], [0.1492240, 0.0632197, 0.7448387]]
)
SRGB = np.array(
    [[0.4360747, 0.2225045, 0.0139322], [0.3850649, 0.7168786, 0.0971045], [0.1430804, 0.0606169, 0.7141733]]
)
GAMMA = round(2.2 * 256) / 256
ADOBE_PROFILE = painting.matrix_profile(ADOBE, GAMMA)
SWAPPED = painting.matrix_profile(ADOBE[[1, 0, 2]], GAMMA)
OWN = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encoded(linear: Array) -> Array:
    """IEC 61966-2-1: linear light to sRGB's bytes."""
    linear = linear.clip(0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055) * 255


def by_hand(pixels: Array, primaries: Array) -> Array:
    return encoded((pixels / 255) ** GAMMA @ primaries @ np.linalg.inv(SRGB))


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    held = io.BytesIO()
    picture.save(held, kind, **options)
    return held.getvalue()


def decoded(content: bytes, channels: int = 3) -> Array:
    return decode(io.BytesIO(content), DecodeOptions(8, 8, channels, "crop", (255, 255, 255)))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(
    ("profile", "primaries"), [(ADOBE_PROFILE, ADOBE), (SWAPPED, ADOBE[[1, 0, 2]])], ids=["Adobe RGB", "swapped"]
)
def test_colours_are_those_of_the_profile(kind: str, profile: bytes, primaries: Array) -> None:
    pixels = noise(0)
    content = saved(
        Image.fromarray(pixels), kind, icc_profile=profile, **({"lossless": True} if kind == "WEBP" else {})
    )
    assert read_header(io.BytesIO(content)).profile == colour_profiles.OTHER
    assert np.abs(decoded(content) - by_hand(pixels, primaries)).max() <= 2
    assert np.abs(by_hand(pixels, primaries) - pixels).max() > 10


def test_a_known_colour() -> None:
    """Adobe RGB's grey 128 is nearly sRGB's; its green is beyond sRGB's."""
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4], pixels[4:] = 128, (0, 255, 0)
    found = decoded(saved(Image.fromarray(pixels), icc_profile=ADOBE_PROFILE))
    assert np.abs(found[0, 0].astype(int) - 128).max() <= 1
    assert np.abs(found[7, 7].astype(int) - (0, 255, 0)).max() <= 1


def test_a_jpeg_is_converted() -> None:
    flat = Image.new("RGB", (8, 8), (60, 160, 90))
    content = saved(flat, "JPEG", quality=95, icc_profile=SWAPPED)
    assert np.abs(decoded(content)[4, 4] - by_hand(np.array([60, 160, 90]), ADOBE[[1, 0, 2]])).max() <= 5


@pytest.mark.parametrize("profile", [OWN, b"", painting.matrix_profile(SRGB, 2.2)], ids=["sRGB", "none", "gamma 2.2"])
def test_srgb_is_left_alone_bit_for_bit(profile: bytes) -> None:
    pixels = noise(1)
    content = saved(Image.fromarray(pixels), icc_profile=profile)
    exact = profile != painting.matrix_profile(SRGB, 2.2)
    assert read_header(io.BytesIO(content)).profile == (
        "" if exact else colour_profiles.OTHER
    )  # a plain gamma is darker in the shadows
    assert np.array_equal(decoded(content), pixels) == exact


@pytest.mark.parametrize("channels", [1, 3])
def test_grey_with_a_profile(channels: int) -> None:
    pixels = noise(2, channels=1)
    content = saved(painting.picture(pixels), icc_profile=painting.matrix_profile(ADOBE, 1.75, grey=True))
    assert read_header(io.BytesIO(content)).profile == colour_profiles.OTHER
    assert np.abs(decoded(content, channels) - encoded((pixels / 255) ** 1.75)).max() <= 2
    tinted = np.array(ADOBE) * [1, 0.5, 1]  # grey is green in this one, and stays grey in a grey picture
    found = decoded(saved(painting.picture(pixels), icc_profile=painting.matrix_profile(tinted, GAMMA)), 3)
    np.testing.assert_array_equal(found, np.repeat(found[:, :, :1], 3, axis=2))
    same = saved(painting.picture(pixels), icc_profile=OWN)  # of colour, in a grey picture
    np.testing.assert_array_equal(decoded(same, 1), pixels)


def test_transparent_and_palette_pictures() -> None:
    pixels = np.dstack([noise(3), np.full((8, 8), 255, np.uint8)])
    pixels[:, 4:, 3] = 0
    found = decoded(saved(Image.fromarray(pixels), icc_profile=SWAPPED))
    assert np.abs(found[:, :4] - by_hand(pixels[:, :4, :3], ADOBE[[1, 0, 2]])).max() <= 2
    assert found[:, 4:].min() == 255
    palette = Image.fromarray(pixels[..., :3]).quantize(16)
    wanted = by_hand(np.asarray(palette.convert("RGB")), ADOBE[[1, 0, 2]])
    assert np.abs(decoded(saved(palette, icc_profile=SWAPPED)) - wanted).max() <= 2


def cmyk_profile() -> bytes:
    """Ink to Lab by a table of two steps a channel: all paper is white, black ink black, cyan alone L 50, a 0, b -50;
    mixtures are black. ICC.1, lut8Type.
    """
    ramp = bytes(range(256))
    table = b""
    for place in range(16):
        cyan, magenta, yellow, black = (place >> shift & 1 for shift in (3, 2, 1, 0))
        lightness = 255 if not place else 128 if cyan and not (magenta or yellow or black) else 0
        table += bytes([lightness, 128, 78 if lightness == 128 else 128])
    matrix = struct.pack(">9i", *(65_536 if place % 4 == 0 else 0 for place in range(9)))
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + table + ramp * 3
    return painting.icc(
        b"CMYK",
        b"Lab ",
        {b"A2B0": lut, b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63_190, 65_536, 54_061)},
        kind=b"prtr",
    )


def test_inks_with_a_profile() -> None:
    inks = np.zeros((8, 8, 4), np.uint8)
    inks[2:4, :, 0], inks[4:, :, 3] = 255, 255
    picture = Image.frombytes("CMYK", (8, 8), inks.tobytes())
    content = saved(picture, "TIFF", icc_profile=cmyk_profile())
    assert read_header(io.BytesIO(content)).profile == colour_profiles.OTHER
    found = decoded(content).astype(int)
    assert found[0, 0].min() >= 253
    assert found[7, 7].max() <= 3
    lab = np.array([(50 + 16) / 116, (50 + 16) / 116, (50 + 16) / 116 + 50 / 200])  # CIE 1976: f of X, Y, Z
    xyz = lab**3 * [0.9642, 1.0, 0.8249]
    assert np.abs(found[3, 3] - encoded(xyz @ np.linalg.inv(SRGB))).max() <= 4


BAD = {
    "noise": bytes(range(256)) * 4,
    "cut": ADOBE_PROFILE[:200],
    "of inks": cmyk_profile(),
    "of grey": painting.matrix_profile(ADOBE, 2.2, grey=True),
    "empty": painting.icc(b"RGB ", b"XYZ ", {}),
}


@pytest.mark.parametrize("profile", BAD.values(), ids=BAD)
def test_a_profile_that_cannot_be_used_does_not_matter(profile: bytes) -> None:
    pixels = noise(4)
    content = saved(Image.fromarray(pixels), icc_profile=profile)
    assert read_header(io.BytesIO(content)).profile == colour_profiles.UNUSABLE
    np.testing.assert_array_equal(decoded(content), pixels)


def test_a_profile_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colour_profiles, "MOST_BYTES", 100)
    pixels = noise(4)
    content = saved(Image.fromarray(pixels), icc_profile=ADOBE_PROFILE)
    assert read_header(io.BytesIO(content)).profile == colour_profiles.UNUSABLE
    np.testing.assert_array_equal(decoded(content), pixels)


def test_it_is_said(tmp_path: Path) -> None:
    for number, profile in enumerate([ADOBE_PROFILE, ADOBE_PROFILE, BAD["cut"], OWN, b""]):
        save(tmp_path / f"{number}.png", noise(number), icc_profile=profile)
    said = " ".join(infer_options(survey(str(tmp_path)))[1])
    assert "2 pictures with a colour profile other than sRGB" in said
    assert "1 picture with a colour profile that cannot be used" in said
