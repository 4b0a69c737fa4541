import math
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import ganvas
from ganvas.base.errors import Diverged
from ganvas.recipes import Recipe, override
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Run, Scored, Snapshot, Stopped, read_events
from ganvas.runs.events import Progress, Saved
from ganvas.training import callbacks
from ganvas.training.callbacks import crossed
from processes import digests, our_parts

QUICK: dict[str, Any] = {"batch_samples": 8, "samples": 160, "precision": "fp32", "threads": 1}


@given(st.integers(1, 5000), st.integers(1, 300), st.integers(1, 60))
def test_a_run_passes_each_mark_once_and_the_last_at_its_end(total: int, step: int, times: int) -> None:
    """`times` marks; a run of fewer rounds passes one in each round."""
    rounds = math.ceil(total / step)
    passed = [crossed(place * step, (place + 1) * step, times, total) for place in range(rounds)]
    assert sum(passed) == min(times, rounds)
    assert passed[-1]


@given(st.integers(1, 5000), st.integers(1, 300), st.integers(1, 60), st.data())
def test_where_a_run_is_cut_does_not_move_its_marks(total: int, step: int, times: int, data: st.DataObject) -> None:
    """Marks lie within a step of even spacing, whatever happened before."""
    place = data.draw(st.integers(0, math.ceil(total / step) - 1))
    before, seen = place * step, (place + 1) * step
    assert crossed(before, seen, times, total) == any(
        before < total * mark / times <= seen for mark in range(1, times + 1)
    )


def test_never_is_never() -> None:
    assert not crossed(0, 100, 0, 100)


@pytest.fixture
def parts() -> Iterator[None]:
    with our_parts():
        yield


def looked_at(name: str, scores: list[Any]) -> Recipe:
    base = by_name(name)
    source = {"kind": "Ring", "samples": 200} if "Ring" in str(base.source) else {"kind": "Blobs"}
    return override(
        base,
        {
            **tiny_overrides(name),
            **QUICK,
            "source": source,
            "scores": scores,
            "snapshots": 7,
            "scorings": 4,
            "saves": 3,
        },
    )


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize(
    ("name", "scores"),
    [("ring", [{"kind": "ModeCoverage", "n": 100}]), ("dcgan", []), ("inpaint-mnist", []), ("digits", ["Accuracy"])],
)
def test_looking_on_changes_nothing(name: str, scores: list[Any], tmp_path: Path) -> None:
    recipe = looked_at(name, scores)
    ganvas.train(recipe, out=tmp_path / "seen")
    torch.manual_seed(5)  # whatever torch's generator was before
    ganvas.train(override(recipe, {"snapshots": 0, "scores": [], "saves": 0}), out=tmp_path / "unseen")
    seen, unseen = (digests(tmp_path / name) for name in ("seen", "unseen"))
    if scores:  # the best one so far stands there
        del seen["state.json"], unseen["state.json"]
    assert seen == unseen


@pytest.mark.usefixtures("parts")
def test_everyone_looks_as_often_as_the_recipe_says(tmp_path: Path) -> None:
    run = ganvas.train(looked_at("ring", [{"kind": "ModeCoverage", "n": 100}]), out=tmp_path / "run")
    told = read_events(run.events)
    seen = {kind: [event.samples for event in told if isinstance(event, kind)] for kind in (Snapshot, Saved)}
    assert len(seen[Snapshot]) == 7
    assert len(seen[Saved]) in (3, 4), "at its marks, and once more for the best score"
    assert {files[-1] for files in seen.values()} == {160}
    assert [event.split for event in told if isinstance(event, Scored)] == ["val"] * 4
    sheets = [event for event in told if isinstance(event, Snapshot)]
    assert [event.file for event in sheets] == [f"{samples:012d}.webp" for samples in seen[Snapshot]]
    files = {name for event in sheets for name in (event.file, event.raw) if name}
    assert {path.name for path in run.samples.iterdir()} == files
    assert [event.samples for event in told if isinstance(event, Progress)][-1:] == [160], (
        "the last round is always reported"
    )
    assert isinstance(told[-1], Stopped)


def averages(name: str) -> bool:
    generator = by_name(name).G
    return generator is not None and generator.ema is not None


def with_raw_sheets(name: str, out: Path, share: float, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A tiny run, with sheets of raw weights at every snapshot (a share of inf) or at none (0)."""
    monkeypatch.setattr(callbacks, "RAW_SHARE", share)
    changes = {**tiny_overrides(name), "samples": 96, "batch_samples": 8, "snapshots": 6, "saves": 1, "scores": []}
    base = by_name(name)
    changes |= {"G.ema.ramp": 1.0, "G.optimiser.lr": 0.02} if averages(name) else {}
    small = {"source": {"kind": "Blobs"}} if "Mnist" in str(base.source) else {}
    return ganvas.train(override(base, {**changes, "precision": "fp32", "threads": 1} | small), out=out)


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize("name", ["mnist", "sngan", "cgan", "ring"])
def test_sheets_of_raw_weights_change_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batch norm, spectral norm, classes, points: the run with them is the run without them, bit for bit."""
    without = with_raw_sheets(name, tmp_path / "without", 0.0, monkeypatch)
    run = with_raw_sheets(name, tmp_path / "with", math.inf, monkeypatch)
    assert digests(run.path) == digests(without.path)
    sheets = [event for event in read_events(run.events) if isinstance(event, Snapshot)]
    assert len(sheets) == 6
    for sheet in sheets:
        averaged = (run.samples / sheet.file).read_bytes()
        assert averaged == (without.samples / sheet.file).read_bytes()
    assert [bool(sheet.raw) for sheet in sheets] == [averages(name)] * 6
    if averages(name):
        assert (run.samples / sheets[-1].raw).read_bytes() != averaged, "the average lags behind"
    plain = [event for event in read_events(without.events) if isinstance(event, Snapshot)]
    assert [sheet.raw for sheet in plain] == [""] * 6
    assert len(sheets[0].classes) == (10 if name in ("mnist", "cgan") else 0), (
        "the classes are of samples that depend on them"
    )


def test_a_run_without_an_average_has_one_kind_of_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "RAW_SHARE", math.inf)
    changes = {**tiny_overrides("ring"), **QUICK, "scores": [], "G.ema": None, "D.ema": None}
    run = ganvas.train(override(by_name("ring"), changes), out=tmp_path / "run")
    assert {event.raw for event in read_events(run.events) if isinstance(event, Snapshot)} == {""}


def test_raw_sheets_stay_within_their_share_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("ganvas.training.callbacks.time.monotonic", lambda: now[0])
    run = Run.create(tmp_path / "run", config="kind: Recipe\n", environment={})

    def draw(_: Any) -> Image.Image:
        now[0] += 0.5
        return Image.new("L", (2, 2))

    writer = callbacks.SnapshotWriter(run, 1, draw, "model", 0, draw_raw=draw)
    trainer: Any = SimpleNamespace(samples_seen=0)
    spent = []
    for samples in range(1, 60):
        trainer.samples_seen = samples
        now[0] += 10.0
        writer.write(trainer)
        spent.append(writer.raw_seconds / now[0])
    assert max(spent) <= callbacks.RAW_SHARE
    raw = [event.samples for event in read_events(run.events) if isinstance(event, Snapshot) and event.raw]
    assert raw[0] == 5, "the first one when half a second is a hundredth of the time"
    assert 10 <= len(raw) <= 13
    assert not (run.samples / "000000000001-raw.webp").exists()
    assert (run.samples / "000000000005-raw.webp").exists()


def test_a_term_that_is_not_a_number_stops_the_run(tmp_path: Path) -> None:
    base = by_name("ring")
    recipe = override(
        base, {**tiny_overrides("ring"), **QUICK, "scores": [], "snapshots": 0, "saves": 0, "D.optimiser.lr": 1e30}
    )
    with pytest.raises(Diverged, match=r"generator\.adversarial is not finite") as raised:
        ganvas.train(recipe, out=tmp_path / "run")
    assert raised.value.exit_code == 6
    last = read_events(tmp_path / "run" / "events.jsonl")[-1]
    assert isinstance(last, Stopped)
    assert last.reason == "failed"


def test_scoring_stays_within_its_share_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten marks, a second of training before each: quick scores come at every one, slow ones are put off, and the last
    comes anyway.
    """

    def scored(cost: float) -> list[int]:
        clock, when = [0.0], []

        def score(trainer: Any) -> tuple[()]:
            when.append(trainer.samples_seen)
            clock[0] += cost
            return ()

        monkeypatch.setattr(time, "monotonic", lambda: clock[0])
        observer = callbacks.ScoreLogger(Run(tmp_path), 10, score, "val", lambda *_: False)
        for mark in range(10):
            clock[0] += 10.0
            observer(SimpleNamespace(samples_seen=mark + 1, total=10), mark)  # type: ignore[arg-type]
        return when

    assert scored(1.0) == list(range(1, 11))
    assert scored(6.0) == [1, 4, 7, 10]
    assert scored(1000.0) == [1, 10]
