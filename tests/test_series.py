"""Series from the command line: train, sample, evaluate; and bad files, each one sentence and exit code 3."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas.domains.series import Series
from ganvas.evaluation import series_sides
from ganvas.metrics.series_scores import SeriesScores
from ganvas.sessions.plan import plan
from speaking import ganvas

SMALL = [
    "generator.width=4",
    "generator.widths=[4]",
    "discriminator.widths=[4]",
    "others.A.network.widths=[4]",
    "diagnoses=0",
]
SMALL += ["scorings=1", "snapshots=1", "saves=1", "threads=1", "batch_samples=16", "samples=64"]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,000 rows of two channels with a time."""
    path = tmp_path_factory.mktemp("series") / "sensor.csv"
    t = np.arange(1_000)
    wave = 20 + 5 * np.sin(t / 7) + 0.5 * np.cos(t)
    lines = [f"{row},{value:.2f},{int(100 + row % 50)}" for row, value in zip(t, wave, strict=True)]
    path.write_text("\n".join(["second,heat,load", *lines]) + "\n")
    return path


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 sequences of 4 to 9 steps, with a category each."""
    path = tmp_path_factory.mktemp("series") / "patients.csv"
    lines = [f"p{n},{step},{n % 7 + step / 10:.1f},{'ab'[n % 2]}" for n in range(200) for step in range(4 + n % 6)]
    path.write_text("\n".join(["patient,day,dose,ward", *lines]) + "\n")
    return path


def done(*arguments: Any) -> str:
    said = ganvas(*arguments)
    assert said.code == 0, said
    return said.err + said.out


def test_train_sample_evaluate(recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_sides, "STEPS", 5)
    run, new = tmp_path / "run", tmp_path / "new.csv"
    options = ["--data", recording, "--order", "second", "--window", 12]
    assert "share no rows" in done("train", *options, *SMALL, "-o", run)
    done("sample", run, "-n", 10, "-o", new)
    rows = [line.split(",") for line in new.read_text().splitlines()]
    assert rows[0] == ["sequence", "second", "heat", "load"]
    assert [row[:2] for row in rows[1:]] == [[str(n), str(t)] for n in range(10) for t in range(12)]
    assert all(14 <= float(row[2]) <= 26 and len(row[2].split(".")[1]) == 2 for row in rows[1:])
    assert all(100 <= int(row[3]) <= 149 for row in rows[1:])
    again = tmp_path / "again.csv"
    done("sample", run, "-n", 10, "-o", again)
    assert new.read_bytes() == again.read_bytes()
    found = done("eval", run)
    assert "series_discriminative" in found
    page = (run / "evaluation-val.html").read_text()
    assert all(name in page for name in ("block bootstrap", "autoregression", "real sequences", "Spectrum"))


def test_data_check_says_how_series_are_read(recording: Path, many: Path) -> None:
    said = done("data", "check", recording, "--order", "second", "--window", 12)
    for words in ("heat", "'second' is the time", "share no rows", "Test has 78 sequences of 12 rows."):
        assert words in said, words
    said = done("data", "check", many, "--sequence", "patient", "--order", "day", "--json")
    assert json.loads(said)["sequences"] == {"train": 160, "val": 20, "test": 20}
    assert ganvas("data", "check", many, "--sequence", "patient", "--primary-key", "patient").code == 2
    assert ganvas("data", "check", many, "--sequence", "nurse").code == 2


def test_sequences_of_unequal_lengths(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_sides, "STEPS", 5)
    run, new = tmp_path / "run", tmp_path / "new.csv"
    done("train", "--data", many, "--sequence", "patient", "--order", "day", *SMALL, "scores=[]", "-o", run)
    done("sample", run, "-n", 20, "-o", new)
    rows = [line.split(",") for line in new.read_text().splitlines()]
    assert rows[0] == ["patient", "day", "dose", "ward"]
    by_sequence = {row[0]: {each[3] for each in rows[1:] if each[0] == row[0]} for row in rows[1:]}
    assert len(by_sequence) == 20
    assert all(len(wards) == 1 and wards <= {"a", "b"} for wards in by_sequence.values())
    assert "baselines were not measured" in done("eval", run)


def test_a_recipe_takes_the_series(recording: Path) -> None:
    planned = plan("timegan", data=recording)
    assert isinstance(planned.recipe.domain, Series)
    (metric,) = planned.recipe.scores
    assert isinstance(metric, SeriesScores)
    assert metric.channels == 3


BAD = {
    "short": ["a,b", *(f"{row},{row % 3}" for row in range(20))],
    "gap": ["a,b", *(f"{row},{'' if row == 70 else row % 3}" for row in range(400))],
    "text": ["a,b", *(f"{row},{'many' if row == 70 else row % 3}" for row in range(400))],
    "unsorted": ["time,b", *(f"2024-01-{1 + row * 7 % 28:02d},{row % 3}" for row in range(400))],
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_one_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("\n".join(BAD[name]) + "\n")
    found = ganvas("train", "timegan", "--data", path, "-o", tmp_path / "run")
    assert found.code == 3, found
    assert "Traceback" not in found.err + found.out
    assert not (tmp_path / "run").exists()
