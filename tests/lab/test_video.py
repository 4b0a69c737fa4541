"""Films as MP4: with the package that encodes them, and a sentence without it."""

import json
import subprocess
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from browser import FOUND, new_page
from ganvas.applications import video
from ganvas.base.errors import MissingExtra, ResourceError
from ganvas.lab.export import film
from ganvas.runs import Run
from serving import answer, make_run, served

INSTALLED = find_spec("imageio_ffmpeg") is not None


@pytest.fixture
def run(tmp_path: Path) -> Run:
    found = make_run(tmp_path / "runs" / "one")
    found.status("finished")
    return found


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "PACKAGE", "no_such_package_of_films")


@pytest.mark.usefixtures("missing")
def test_without_the_package_the_answer_is_a_sentence(run: Run, tmp_path: Path) -> None:
    with pytest.raises(MissingExtra, match=r"ganvas\[video\]"):
        film(run, "mp4", first=0, last=400, per_second=5)
    with served(run.path.parent) as address:
        (only,) = json.loads(answer(address, "runs")[1])["runs"]
        status, body, _ = answer(address, f"runs/{only['id']}/film.mp4?from=0&to=400&rate=5")
        assert (status, b"ganvas[video]" in body) == (422, True)
        assert not json.loads(answer(address, f"runs/{only['id']}")[1])["video"]
        if FOUND:
            with new_page() as page:
                page.call("Page.navigate", url=f"{address}#{only['id']}")
                page.until("document.querySelector('.sheet img') !== null")
                shown = "[...document.querySelectorAll('.saves a')].filter(each => !each.hidden).length"
                assert page.run(shown) == 2
                assert "ganvas[video]" in page.run("document.querySelector('.saves').innerText")


if INSTALLED:

    def frames_of(data: bytes, folder: Path, size: tuple[int, int]) -> tuple[str, list[Image.Image]]:
        """What ffmpeg says of a film, and its frames."""
        (folder / "film.mp4").write_bytes(data)
        command = [import_module("imageio_ffmpeg").get_ffmpeg_exe(), "-i", str(folder / "film.mp4")]
        found = subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
        length = 3 * size[0] * size[1]
        assert len(found.stdout) % length == 0
        parts = [found.stdout[start : start + length] for start in range(0, len(found.stdout), length)]
        return found.stderr.decode(), [Image.frombytes("RGB", size, part) for part in parts]

    def test_a_film_has_its_sheets_in_order(run: Run, tmp_path: Path) -> None:
        facts, frames = frames_of(film(run, "mp4", first=100, last=300, per_second=4), tmp_path, (320, 320))
        for fact in ("h264", "yuv420p", "320x320", "4 fps"):
            assert fact in facts
        assert len(frames) == 3
        for frame, samples in zip(frames, (100, 200, 300), strict=True):
            for place in (40, 160, 280):
                assert frame.convert("L").getpixel((place, place)) == pytest.approx(samples % 256, abs=6)

    def test_sides_are_made_even_and_sizes_equal(tmp_path: Path) -> None:
        pictures = [Image.new("RGB", (33, 35), "white"), Image.new("RGB", (64, 64), "white")]
        facts, frames = frames_of(video.mp4(pictures, 2.5), tmp_path, (34, 36))
        assert "34x36" in facts
        assert "2.50 fps" in facts
        assert len(frames) == 2

    def test_what_ffmpeg_refuses_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(video, "ENCODING", ("-c:v", "no_such_codec"))
        with pytest.raises(ResourceError, match="no_such_codec"):
            video.mp4([Image.new("RGB", (64, 64))] * 3, 5)

    def test_the_server_gives_a_film(run: Run) -> None:
        with served(run.path.parent) as address:
            (only,) = json.loads(answer(address, "runs")[1])["runs"]
            status, body, headers = answer(address, f"runs/{only['id']}/film.mp4?from=0&to=400&rate=5")
            assert (status, headers["content-type"], body[4:8]) == (200, "video/mp4", b"ftyp")
            assert headers["content-disposition"] == 'attachment; filename="one.mp4"'
            assert json.loads(answer(address, f"runs/{only['id']}")[1])["video"]
