"""`load` and `sample` take the best checkpoint where its planted score is better beyond the errors, and say it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ganvas
from ganvas.metrics import Result
from ganvas.recipes import Recipe, override
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Run, checkpoints
from ganvas.training import Scorer
from speaking import ganvas as spoken_by


def ring() -> Recipe:
    changes = {"scores": [{"kind": "ModeCoverage", "n": 100}], "scorings": 4, "samples": 160, "batch_samples": 40}
    return override(by_name("ring"), {**tiny_overrides("ring"), **changes, "threads": 1, "precision": "fp32"})


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Run]:
    def train(error: float) -> Run:
        values = iter([1.0, 5.0, 3.0, 2.0])

        def scored(scorer: Scorer, networks: Any) -> tuple[Result, ...]:
            scorer.headlines["modes"] = None
            protocol = {"split": scorer.split}
            return (Result("modes", next(values), 100, error=error, lower_is_better=False, protocol=protocol),)

        monkeypatch.setattr(Scorer, "score", scored)
        return ganvas.train(ring(), out=tmp_path / f"run-{error}", quiet=True)

    return train


def test_the_best_is_taken_beyond_its_error_and_said(trained: Callable[[float], Run], tmp_path: Path) -> None:
    run = trained(0.1)
    model = ganvas.load(run.path)
    assert model.checkpoint == checkpoints.checkpoint_name(80)
    assert any("80 samples" in note for note in model.notes)
    assert ganvas.load(run.path, at="newest").checkpoint == checkpoints.checkpoint_name(160)
    said = spoken_by("sample", run.path, "-n", "2", "-o", tmp_path / "x.csv")
    assert said.code == 0
    assert "80 samples" in said.err
    assert "160 samples" in spoken_by("sample", run.path, "--at", "160", "-n", "2", "-o", tmp_path / "y.csv").err
    assert "best" in spoken_by("resume", run.path).err


def test_the_newest_is_taken_within_the_error_and_said(trained: Callable[[float], Run], tmp_path: Path) -> None:
    run = trained(2.0)
    assert ganvas.load(run.path).checkpoint == checkpoints.checkpoint_name(160)
    assert "160 samples" in spoken_by("sample", run.path, "-n", "2", "-o", tmp_path / "x.csv").err


def test_a_damaged_best_gives_way_to_the_newest(trained: Callable[[float], Run]) -> None:
    run = trained(0.1)
    (run.checkpoints / checkpoints.checkpoint_name(80) / "players.safetensors").write_bytes(b"")
    model = ganvas.load(run.path)
    assert model.checkpoint == checkpoints.checkpoint_name(160)
    assert any("newest" in note for note in model.notes)
