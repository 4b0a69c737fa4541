"""What Run, Model and Evaluation say of themselves, in a line and in a notebook."""

import base64
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import ganvas as package
from ganvas.evaluation.evaluation import Evaluation
from ganvas.metrics import Result
from ganvas.recipes import parse_overrides
from ganvas.runs import Run
from ganvas.runs.summary import SIDE

MNIST = [
    "generator.width=4",
    "discriminator.width=4",
    "batch_samples=16",
    "samples=160",
    "snapshots=2",
    "saves=1",
    "precision=fp32",
    "threads=1",
    "scores=[]",
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return package.train("mnist", out=tmp_path_factory.mktemp("shown") / "run", changes=parse_overrides(MNIST))


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    """A copy that a test may damage."""
    shutil.copytree(trained.path, tmp_path / "run")
    return Run(tmp_path / "run")


def picture_in(page: str) -> Image.Image:
    found = re.search(r'src="data:image/webp;base64,([^"]+)"', page)
    assert found
    return Image.open(io.BytesIO(base64.b64decode(found[1])))


def size(file: Path) -> tuple[int, int]:
    with Image.open(file) as picture:
        return picture.size


def test_a_run(run: Run) -> None:
    assert repr(run) == f"Run({str(run.path)!r}, finished, 160 samples)"
    page = run._repr_html_()
    assert "finished, 160 samples" in page
    assert picture_in(page).size == size(run.samples / "000000000160.webp")
    large = Image.new("RGB", (3000, 1500), "red")
    large.save(run.samples / "000000000160.webp")
    assert picture_in(run._repr_html_()).size == (SIDE, SIDE // 2)
    large.save(run.samples / "000000000999.webp")  # of a course that was given up
    (run.samples / "000000000160.webp").unlink()
    assert picture_in(run._repr_html_()).size == size(run.samples / "000000000080.webp")


def test_a_run_that_was_stopped(run: Run) -> None:
    (run.path / "status.json").write_text(json.dumps({"state": "training", "time": 0}))
    assert repr(run) == f"Run({str(run.path)!r}, stopped, 160 samples)"
    with run.exclusive_lock():
        assert "training, 160 samples" in repr(run)


LAST = "000000000160.webp"
WRONG = '{"kind": "saved", "version": 1, "samples": "x", "time": 0, "checkpoint": 3}'


def a_link(run: Run) -> None:
    (run.samples / LAST).unlink()
    (run.samples / LAST).symlink_to(run.samples / "000000000080.webp")


def a_folder(run: Run) -> None:
    (run.samples / LAST).unlink()
    (run.samples / LAST).mkdir()


def gone(run: Run) -> None:
    shutil.rmtree(run.path)


def a_file(run: Run) -> None:
    shutil.rmtree(run.path)
    run.path.write_text("x")


def no_events(run: Run) -> None:
    (run.path / "status.json").unlink()
    (run.path / "events.jsonl").unlink()


DAMAGES: dict[str, Callable[[Run], object]] = {
    "all is gone": gone,
    "a file": a_file,
    "no status": lambda run: (run.path / "status.json").unlink(),
    "no JSON": lambda run: (run.path / "status.json").write_text("{"),
    "a list": lambda run: (run.path / "status.json").write_text("[1]"),
    "other types": lambda run: (run.path / "status.json").write_text('{"state": ["x"], "samples": "many"}'),
    "a state of its own": lambda run: (run.path / "status.json").write_text('{"state": "<script>", "samples": -3}'),
    "deep": lambda run: (run.path / "status.json").write_text("[" * 60_000),
    "no text": lambda run: (run.path / "status.json").write_bytes(b"\xff\xfe"),
    "no events": no_events,
    "torn events": lambda run: (run.path / "events.jsonl").write_bytes(b'{"kind": \xff'),
    "events of wrong types": lambda run: (run.path / "events.jsonl").write_text(f"{WRONG}\n"),
    "no samples": lambda run: shutil.rmtree(run.samples),
    "a broken picture": lambda run: (run.samples / "000000000160.webp").write_bytes(b"RIFF0000WEBP"),
    "another format": lambda run: Image.new("RGB", (4, 4)).save(run.samples / "000000000160.webp", "GIF"),
    "a link": a_link,
    "a folder": a_folder,
    "no lock": lambda run: (run.path / ".lock").unlink(),
}


WITHOUT_PICTURE = ("all is gone", "a file", "no samples", "a broken picture", "another format", "a link", "a folder")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_still_has_words(run: Run, damage: str) -> None:
    DAMAGES[damage](run)
    assert repr(run).startswith(f"Run({str(run.path)!r}")
    page = run._repr_html_()
    assert "<script>" not in page
    assert ("<img" in page) is (damage not in WITHOUT_PICTURE)


def test_a_path_is_escaped(tmp_path: Path) -> None:
    assert "<b>" not in Run(tmp_path / "<b>")._repr_html_()


def test_a_model(trained: Run) -> None:
    model = package.load(trained)
    assert repr(model) == "Model(Mnist, images 1 x 28 x 28, classes: 10, trained on 160 samples)"
    page = model._repr_html_()
    assert "trained on 160 samples" in page
    assert max(picture_in(page).size) <= SIDE


def test_an_evaluation() -> None:
    results = tuple(Result(f"score<{number}>", 1.0 + number, 100, None if number else 0.25) for number in range(7))
    found = Evaluation("fakes <b> against reals", results)
    assert (
        repr(found)
        == "Evaluation('fakes <b> against reals', score<0> 1 +- 0.25, score<1> 2, score<2> 3, score<3> 4, 3 more)"
    )
    page = found._repr_html_()
    assert page.count("<tr>") == 8
    assert "<b>" not in page
    assert "score<0" not in page
