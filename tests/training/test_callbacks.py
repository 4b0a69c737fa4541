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
    assert sorted(path.name for path in run.samples.iterdir()) == [f"{samples:012d}.webp" for samples in seen[Snapshot]]
    assert [event.samples for event in told if isinstance(event, Progress)][-1:] == [160], (
        "the last round is always reported"
    )
    assert isinstance(told[-1], Stopped)


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
