"""The page of pictures before and after: what is in it, and that a slider works in a real browser."""

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganvas
from browser import FOUND, new_page
from ganvas.applications import translate_outputs
from ganvas.base.errors import GanvasWarning
from translating import Negative, filling_model, model_of

HOSTILE = '"><img src=x onerror=alert(1)>'


def pictures(folder: Path, n: int, size: tuple[int, int] = (60, 40)) -> Path:
    folder.mkdir()
    for number in range(n):
        ramp = np.linspace(0, 255, size[0])[None, :, None] * np.array([1, 0.5, number / max(1, n)])
        Image.fromarray(np.broadcast_to(ramp, (size[1], size[0], 3)).astype(np.uint8)).save(folder / f"{number}.png")
    return folder


def embedded(text: str) -> list[Any]:
    found = re.findall(r"data:image/(?:png|webp);base64,([^\"]+)", text)
    return [Image.open(io.BytesIO(base64.b64decode(each))) for each in found]


def test_the_page_holds_every_pair_and_loads_nothing(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "in", 3)
    Image.new("RGB", (30, 30)).save(folder / f"{HOSTILE[:20]}.png".replace("/", ""))
    (only,) = ganvas.translate(model_of({"G": Negative()}), folder, tmp_path / "page.html")
    text = only.read_text()
    assert text.count("<figure>") == 4
    assert "<img src=x" not in text
    assert not re.search(r"(src|href)=\"(?!data:)", text)
    assert str(tmp_path) not in text
    after, before = embedded(text)[:2]
    assert np.array_equal(np.asarray(after), 255 - np.asarray(before))
    assert '"model": "abab' in after.info["ganvas"]
    assert "ganvas" not in before.info, "a picture that is the user's is not marked as generated"


def test_holes_are_transparent_and_large_pictures_are_reduced(tmp_path: Path) -> None:
    Image.new("RGB", (2000, 500)).save(tmp_path / "x.png")
    mask = np.zeros((500, 2000), np.uint8)
    mask[:, :1000] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    ganvas.translate(filling_model(), tmp_path / "x.png", tmp_path / "page.html", mask=tmp_path / "mask.png", tile=512)
    after, before = embedded((tmp_path / "page.html").read_text())
    assert after.size == before.size == (1280, 320)
    alpha = np.asarray(before.convert("RGBA"))[:, :, 3]
    assert alpha[:, :630].max() == 0
    assert alpha[:, 650:].min() == 255


def test_more_pictures_than_a_page_holds_are_left_out_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translate_outputs, "MOST_PAIRS", 2)
    with pytest.warns(GanvasWarning, match="first 2 of 3"):
        ganvas.translate(model_of({"G": Negative()}), pictures(tmp_path / "in", 3), tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text().count("<figure>") == 2


if FOUND:
    AT = "getComputedStyle(document.querySelector('.pair')).getPropertyValue('--at')"

    def test_the_slider_works_by_mouse_touch_and_keys(tmp_path: Path) -> None:
        (file,) = ganvas.translate(
            model_of({"G": Negative()}), pictures(tmp_path / "in", 4, (480, 320)), tmp_path / "page.html"
        )
        with new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=file.as_uri())
            page.until("[...document.images].length === 8 && [...document.images].every(each => each.naturalWidth)")
            assert page.run(AT) == "50%"
            page.drag(".pair input", [(0.5, 0.5), (0.4, 0.5), (0.25, 0.5)])
            assert page.run(AT) == "25%"
            page.press("ArrowRight")
            assert page.run(AT) == "26%"
            box = page.run(
                "(box => [box.x, box.y, box.width])(document.querySelector('.pair').getBoundingClientRect())"
            )
            for kind, share in (("touchStart", 0.3), ("touchMove", 0.6), ("touchMove", 0.9), ("touchEnd", None)):
                points = [] if share is None else [{"x": box[0] + share * box[2], "y": box[1] + 20}]
                page.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)
            assert page.run(AT) == "90%"
            assert page.run("document.querySelector('.pair input').getAttribute('aria-valuetext')").startswith("90 %")
            page.photograph(tmp_path / "wide.png")
            with Image.open(tmp_path / "wide.png") as shot:
                row = np.asarray(shot.convert("RGB"))[round(box[1] + 60), round(box[0]) : round(box[0] + box[2])]
            assert row[round(0.7 * box[2]), 0] > 120, "before: the ramp rises"
            assert row[round(0.96 * box[2]), 0] < 60, "after: its negative"
            for dark in (False, True):
                page.screen(390, 800, dark=dark)
                assert page.run("document.documentElement.scrollWidth") <= 390
                page.photograph(tmp_path / f"narrow-{dark}.png", whole=True)
                with Image.open(tmp_path / f"narrow-{dark}.png") as shot:
                    assert bool(np.asarray(shot.convert("L"))[2, 2] < 60) is dark
            assert page.complaints == []
            assert page.addresses == set()
