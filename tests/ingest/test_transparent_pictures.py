"""Transparency that is kept: every mode to straight RGBA, and resizing with premultiplied colours."""

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import painting
from ganvas.ingest import decode_pool, npz
from ganvas.ingest.contact_sheet import write_sheet
from ganvas.ingest.decode import decode
from ganvas.ingest.decode_options import BEHIND, DecodeOptions, UnreadablePicture
from ganvas.ingest.decode_worker import comparable
from ganvas.ingest.survey import survey
from ganvas.ingest.transparent_share import transparent_share
from painting import Pixels, save


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_pool, "cores", lambda: 1)


def clear(width: int = 8, height: int = 8, fit: str = "crop") -> DecodeOptions:
    return DecodeOptions(height, width, 4, fit, BEHIND)


def decoded(picture: Image.Image, options: DecodeOptions, form: str = "PNG", **more: Any) -> Pixels:
    held = io.BytesIO()
    picture.save(held, form, **more)
    return decode(io.BytesIO(held.getvalue()), options)


def halves(side: int = 8) -> Pixels:
    """Left half opaque red, right half of zero alpha over green."""
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[:, : side // 2], pixels[:, side // 2 :] = (255, 0, 0, 255), (0, 255, 0, 0)
    return pixels


def sprite(number: int, side: int = 16) -> Pixels:
    """A white or coloured disc on a transparent ground."""
    rng = np.random.default_rng(number)
    rows, columns = np.mgrid[:side, :side]
    inside = (rows - rng.uniform(5, 10)) ** 2 + (columns - rng.uniform(5, 10)) ** 2 < rng.uniform(9, 25)
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[inside] = (*rng.integers(0, 256, 3), 255)
    return pixels


def test_straight_colours_and_no_hidden_ones() -> None:
    pixels = halves()
    pixels[0, 0] = (10, 200, 30, 77)
    found = decoded(Image.fromarray(pixels), clear())
    assert found[0, 0].tolist() == [10, 200, 30, 77]
    assert not found[:, 4:].any()
    assert (found[1:, :4] == (255, 0, 0, 255)).all()


def test_every_mode_becomes_colour_and_alpha() -> None:
    grey = decoded(Image.fromarray(halves()).convert("LA"), clear())
    assert (grey[:, :4] == (76, 76, 76, 255)).all()
    assert not grey[:, 4:].any()
    keyed = decoded(Image.fromarray(halves()[:, :, :3]), clear(), transparency=(0, 255, 0))
    np.testing.assert_array_equal(keyed, decoded(Image.fromarray(halves()), clear()))
    palette = Image.fromarray((halves()[:, :, 3] == 0).astype(np.uint8), "L").convert("P")
    palette.putpalette([255, 0, 0, 0, 255, 0])
    np.testing.assert_array_equal(decoded(palette, clear(), transparency=1), keyed)
    opaque = painting.noise(0)
    found = decoded(Image.fromarray(opaque), clear())
    np.testing.assert_array_equal(found[:, :, :3], opaque)
    assert (found[:, :, 3] == 255).all()


@pytest.mark.parametrize("side", [40, 1100])  # filtered at once; reduced strip by strip before
def test_resizing_is_premultiplied(side: int) -> None:
    """Whatever alpha is, one visible colour stays that colour: straight resizing would mix in the hidden green."""
    rng = np.random.default_rng(0)
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[:] = (0, 255, 0, 0)
    shown = rng.random((side // 10, side // 10)).repeat(10, 0).repeat(10, 1) < 0.5
    pixels[shown] = (200, 100, 50, 255)
    found = decoded(Image.fromarray(pixels), clear(16, 16)).astype(int)
    alpha = found[:, :, 3:]
    assert ((alpha > 0) & (alpha < 255)).any()
    # premultiplied bytes are rounded twice on the way, by half a level each, and divided by alpha
    assert (np.abs(found[:, :, :3] - (200, 100, 50)) * alpha <= 255 * 2 * (alpha > 0)).all()
    assert found[:, :, 3].mean() == pytest.approx(255 * shown.mean(), abs=4)


def test_the_mean_of_a_block() -> None:
    """Red of alpha 1 and blue of alpha 1/3 in a reduction by two: alpha 2/3, colours 3/4 red and 1/4 blue."""
    pixels = np.zeros((8, 2000, 4), np.uint8)
    pixels[:, ::2], pixels[:, 1::2] = (255, 0, 0, 255), (0, 0, 255, 85)
    small = Image.fromarray(pixels).reduce((2, 1))
    np.testing.assert_allclose(np.asarray(small)[0, 0], (191, 0, 64, 170), atol=1.5)


def test_padding_is_transparent() -> None:
    found = decoded(Image.new("RGB", (16, 8), (1, 2, 3)), clear(8, 8, "pad"))
    assert (found[2:6] == (1, 2, 3, 255)).all()
    assert not found[:2].any()
    assert not found[6:].any()


def test_more_than_eight_bits_are_refused() -> None:
    deep = painting.deep_png(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000)
    with pytest.raises(UnreadablePicture, match="8 bits"):
        decode(io.BytesIO(deep), clear())
    with pytest.raises(UnreadablePicture, match="8 bits"):
        npz.convert_row(np.zeros((8, 8, 1), np.uint16), clear())


def test_rows_of_an_array() -> None:
    found = npz.convert_row(halves(), clear())
    assert not found[:, 4:].any()
    assert (npz.convert_row(halves()[:, :, 3:], clear())[:, :, 3] == 255).all()


def test_white_figures_are_no_duplicates_of_each_other() -> None:
    one, other = halves(), halves()[:, ::-1]
    white = [np.where(each[:, :, 3:] > 0, 255, 0).repeat(4, 2).astype(np.uint8) for each in (one, other)]
    contents, pictures = zip(*map(comparable, white), strict=True)
    assert len({hashlib.sha256(each).hexdigest() for each in contents}) == 2
    assert np.asarray(pictures[0])[0].tolist() == [[255] * 3] * 4 + [[128] * 3] * 4
    opaque = np.dstack([one[:, :, :3], np.full((8, 8), 255, np.uint8)])
    assert comparable(opaque)[0] == one[:, :, :3].tobytes()  # the duplicate of a file without alpha


def test_the_share_of_transparent_pictures(tmp_path: Path) -> None:
    for number in range(6):
        save(tmp_path / f"{number}.png", sprite(number))
        save(
            tmp_path / f"{number} opaque.png",
            np.dstack([painting.noise(number, 16, 16), np.full((16, 16), 255, np.uint8)]),
        )
        save(tmp_path / f"{number} plain.png", painting.noise(number, 16, 16))
    found = survey(str(tmp_path))
    assert found.headers.transparent == 12
    assert transparent_share(found) == pytest.approx(1 / 3)


def test_a_contact_sheet_shows_transparency(tmp_path: Path) -> None:
    for number in range(4):
        save(
            tmp_path / "data" / f"{number}.png",
            np.where(sprite(number)[:, :, 3:] > 0, 255, 0).repeat(4, 2).astype(np.uint8),
        )
    assert write_sheet(survey(str(tmp_path / "data")), tmp_path / "sheet.png") == 4
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.mode == "RGB"
        assert {pixel for _, pixel in sheet.getcolors(10**6) or ()} >= {(255,) * 3, (216,) * 3}
