"""A run as one file: what is in it, and that a real browser opens it from the disk."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from browser import FOUND, new_page
from ganvas.base.errors import CheckFailed
from ganvas.lab.export import PAGES, SHEETS, bundle, evenly, exported, film
from ganvas.runs import Run
from serving import HOSTILE, answer, make_run, served, sheet


@pytest.fixture
def run(tmp_path: Path) -> Run:
    found = make_run(tmp_path / "runs" / "one")
    found.status("finished")
    return found


def test_a_file_holds_the_run_and_cannot_be_left(run: Run) -> None:
    text = exported(run, HOSTILE + "</script>")
    assert text.count("</script>") == 1
    assert "<img" not in text
    data = re.search(r"ganvasRun = (\{.*\});\nconst modules", text, re.DOTALL)
    assert data
    found = json.loads(data[1])
    assert found["run"]["name"] == HOSTILE + "</script>"
    assert set(found["sheets"]) == {each["file"] for each in found["run"]["snapshots"]}
    assert "connect-src" not in text
    assert "default-src 'none'" in text
    assert str(run.path.parent) not in text, "no path of this machine"


def test_every_module_is_bundled_once_and_after_what_it_imports() -> None:
    text = bundle("main")
    order = re.findall(r"^modules\.(\w+) = ", text, re.MULTILINE)
    assert sorted(order) == sorted(file.stem for file in PAGES.glob("*.js"))
    for name in order:
        for other in re.findall(r'from "\./(\w+)\.js"', (PAGES / f"{name}.js").read_text()):
            assert order.index(other) < order.index(name)
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)


def test_a_film_has_the_sheets_of_its_part(run: Run) -> None:
    for kind in ("webp", "gif"):
        with Image.open(io.BytesIO(film(run, kind, first=100, last=300, per_second=4))) as picture:
            assert picture.format == kind.upper()
            assert picture.n_frames == 3  # type: ignore[attr-defined]
            picture.seek(1)
            picture.load()
            assert picture.info["duration"] == 250
    with pytest.raises(CheckFailed, match="no sheet"):
        film(run, "webp", first=150, last=160, per_second=4)
    (run.samples / "000000000200.webp").write_bytes(b"no picture")
    with pytest.raises(CheckFailed, match="no picture"):
        film(run, "webp", first=0, last=400, per_second=4)
    assert evenly(range(1000))[:: SHEETS - 1] == [0, 999]


def test_files_are_given_by_the_server(run: Run) -> None:
    with served(run.path.parent) as address:
        (only,) = json.loads(answer(address, "runs")[1])["runs"]
        status, body, headers = answer(address, f"runs/{only['id']}/page.html")
        assert (status, headers["content-disposition"]) == (200, 'attachment; filename="one.html"')
        assert b"ganvasRun" in body
        assert answer(address, f"runs/{only['id']}/film.webp?from=0&to=400&rate=5")[0] == 200
        for wrong in ("film.avi?from=0&to=4", "film.webp", "film.gif?from=0&to=400&rate=0", "film.gif?from=-1&to=4"):
            assert answer(address, f"runs/{only['id']}/{wrong}")[0] == 400, wrong


if FOUND:

    def test_a_file_opens_from_the_disk(run: Run, tmp_path: Path) -> None:
        sheet(run, 500)
        file = tmp_path / "run.html"
        command = [sys.executable, "-P", "-m", "ganvas", "lab", str(run.path), "--export", str(file)]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        assert found.stdout.strip() == str(file)
        with new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=file.as_uri())
            page.until("document.querySelector('.sheet img')?.naturalWidth > 0")
            page.until("document.querySelector('.timeline .at').textContent === '500 samples'")
            for _ in range(4):
                page.press("ArrowLeft")
            page.until("document.querySelector('.timeline .at').textContent === '100 samples'")
            assert page.run("document.querySelector('.legend').innerText").split()[-1] == "1"
            assert page.complaints == []
            assert page.addresses == set()
