"""Sheets of averaged and of raw weights, and the classes of their samples."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from browser import FOUND, Page, new_page
from ganvas.base.errors import CheckFailed
from ganvas.lab.export import exported, film
from ganvas.lab.history import history
from ganvas.runs import Run
from serving import answer, make_run, served, sheet

CONFIG = "kind: Recipe\ndomain:\n  kind: Images\ngame:\n  kind: Synthesis\nsamples: 1000\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    found = make_run(tmp_path / "runs" / "one", rounds=2)
    found.config.write_text(CONFIG)
    sheet(found, 500, raw=True, classes=("cat", "dog", "<b>"))
    sheet(found, 600, classes=("cat", "dog", "<b>"))
    sheet(found, 700, raw=True, classes=("cat", "dog", "<b>"))
    found.status("finished")
    return found


def test_a_history_has_both_sheets_and_the_classes(run: Run) -> None:
    found = history(run)
    assert [each["raw"][-9:] for each in found["snapshots"]] == ["", "", "-raw.webp", "", "-raw.webp"]
    assert found["classes"] == ("cat", "dog", "<b>")


def test_the_server_gives_sheets_of_raw_weights(run: Run) -> None:
    with served(run.path.parent) as address:
        (only,) = json.loads(answer(address, "runs")[1])["runs"]
        place = f"runs/{only['id']}/samples"
        assert answer(address, f"{place}/000000000500-raw.webp")[0] == 200
        for wrong in ("000000000600-raw.webp", "000000000500-other.webp", "-raw.webp", "000000000500-raw-raw.webp"):
            assert answer(address, f"{place}/{wrong}")[0] in (404, 422), wrong
        status, body, _ = answer(address, f"runs/{only['id']}/film.webp?from=0&to=700&rate=5&weights=raw")
        assert status == 200
        with Image.open(io.BytesIO(body)) as picture:
            assert picture.n_frames == 2  # type: ignore[attr-defined]
            red, green, _ = picture.convert("RGB").getpixel((0, 0))  # type: ignore[misc]
            assert red > 200 > 100 > green
    with pytest.raises(CheckFailed, match="no sheet"):
        film(run, "webp", first=600, last=600, per_second=5, raw=True)
    assert "-raw.webp" not in exported(run, "one"), "a file has one kind of sheet"


if FOUND:

    def covered(page: Page) -> list[bool]:
        """Whether each sample of the sheet is covered."""
        data = "document.querySelector('.shade canvas').getContext('2d').getImageData(0, 0, 10, 10).data"
        return [each > 0 for each in page.run(f"[...{data}]")[3::4]]

    def test_weights_and_class_are_chosen(run: Run, tmp_path: Path) -> None:
        image = "document.querySelector('.sheet img')"
        with served(run.path.parent) as address, new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=address)
            page.until("document.querySelector('.runs tbody a') !== null")
            page.run("document.querySelector('.runs tbody a').click()")
            page.until(f"{image}?.src.endsWith('000000000700.webp')")
            page.choose("select.weights", "raw")
            page.until(f"{image}.src.endsWith('000000000700-raw.webp')")
            assert page.run("document.querySelector('figcaption').textContent") == "700 samples (raw weights)"
            assert page.run("document.querySelector('.saves a').href").endswith("&weights=raw")
            page.run("document.querySelector('.samples .buttons > button').click()")  # pins the raw one
            page.choose("select.weights", "file")
            page.until(f"{image}.src.endsWith('000000000700.webp')")
            assert (
                page.run("document.querySelector('figcaption').textContent")
                == "left: 700 samples (raw weights), right: 700 samples"
            )
            assert page.run("document.querySelector('.shade').hidden")
            page.choose("select.class", "1")
            page.until("!document.querySelector('.shade').hidden")
            assert covered(page) == [at % 3 != 1 for at in range(100)]
            place = (
                "(box => [box.x, box.y, box.width, box.height])(document.querySelector('{}').getBoundingClientRect())"
            )
            boxes = [page.run(place.format(each)) for each in (".shade canvas", ".sheet img")]
            assert boxes[0] == pytest.approx(boxes[1], abs=1), "the shade lies on the sheet"
            page.drag(".sheet img", [(0.55, 0.55)])  # the sixth of the sixth row
            page.until("!document.querySelector('.film').parentElement.hidden")
            assert page.run("document.querySelector('.samples h3').textContent").endswith("class dog")
            page.choose("select.class", "2")
            assert page.run("document.querySelector('select.class').selectedOptions[0].textContent") == "class <b>"
            assert page.complaints == []

    def test_two_runs_are_laid_over_each_other_and_blink(tmp_path: Path) -> None:
        one, two = (make_run(tmp_path / "runs" / name) for name in ("one", "two"))
        two.reconfigure("kind: Recipe\nsamples: 2000\n")
        sheet(one, 500)
        caption = "document.querySelector('.samples figcaption').textContent"
        with served(tmp_path / "runs") as address, new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=address)
            page.until("document.querySelectorAll('.runs tbody a').length === 2")
            ids = page.run("[...document.querySelectorAll('.runs tbody a')].map(a => a.getAttribute('href').slice(1))")
            page.run(f"location.hash = 'compare={','.join(ids)}'")
            page.until(f"document.querySelector('.lay:not([hidden])') !== null && {caption} === '500 samples'")
            assert page.run("document.querySelector('table.differences').innerText.split(/\\s+/).slice(-3)") == [
                "samples",
                "1000",
                "2000",
            ]
            page.run("document.querySelector('.lay').click()")
            page.until(f"{caption} === 'left: B 400 samples, right: A 500 samples'")
            assert page.run("document.querySelector('.over img').src.includes('000000000400')")
            assert page.run("document.querySelector('.over').style.clipPath") == "inset(0px 50% 0px 0px)"
            page.run("document.querySelector('.blink').click()")
            for words in ("B 400 samples", "A 500 samples", "B 400 samples"):
                page.until(f"{caption} === '{words}'")
            assert page.run("document.querySelector('.samples figure input').hidden"), "no wipe meanwhile"
            page.run("document.querySelector('.lay').click()")
            page.until(f"{caption} === '500 samples' && document.querySelector('.over').hidden")
            assert page.complaints == []

    def test_a_run_of_one_kind_of_sheet_has_no_choice(tmp_path: Path) -> None:
        run = make_run(tmp_path / "runs" / "one")
        with served(run.path) as address, new_page() as page:
            page.call("Page.navigate", url=address)
            page.until("document.querySelector('.sheet img') !== null")
            assert page.run("document.querySelector('select.weights').closest('[hidden]') !== null")
