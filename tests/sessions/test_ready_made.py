"""Models that come with ganvas: small, whole, with a licence, and usable at once."""

from pathlib import Path

import numpy as np
import pytest

import ganvas
from ganvas.cli import main as command
from ganvas.runs.model_folder import read_facts
from ganvas.sessions.found_model import READY, found_model, ready_made

LARGEST = 2_000_000  # bytes of a folder


def test_there_are_some() -> None:
    assert "mnist-demo" in ready_made()


@pytest.mark.parametrize("name", ready_made())
def test_each_is_small_and_says_its_licence(name: str) -> None:
    folder = READY / name
    assert sum(file.stat().st_size for file in folder.iterdir()) < LARGEST
    facts = read_facts(folder)
    assert (facts.name, facts.licence) == (name, "Apache-2.0")
    assert "Trained on" in facts.data_note
    assert facts.data_note in (folder / "README.md").read_text()


@pytest.mark.parametrize("name", ready_made())
def test_each_makes_what_it_made_when_it_was_written(name: str) -> None:
    """samples.webp is a lossy picture of the samples of the preview's seed."""
    from PIL import Image

    model, facts = ganvas.load(name), read_facts(READY / name)
    assert facts.preview_seed is not None
    made = np.asarray(model.sheet(facts.preview_samples, seed=facts.preview_seed).convert("L"), float)
    stored = np.asarray(Image.open(READY / name / "samples.webp").convert("L"), float)
    assert made.shape == stored.shape
    assert np.abs(made - stored).mean() < 0.1 * np.abs(stored - stored.mean()).mean()


def test_the_first_line_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["ganvas", "-q", "sample", "mnist-demo", "-n", "64", "-o", "grid.png"])
    with pytest.raises(SystemExit) as end:
        command.main()
    assert not end.value.code
    assert ganvas.verify("grid.png", "mnist-demo").holds


def test_a_folder_of_that_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert found_model("mnist-demo") == READY / "mnist-demo"
    (tmp_path / "mnist-demo").mkdir()
    assert found_model("mnist-demo") == Path("mnist-demo")
