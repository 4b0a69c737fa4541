"""A function or a tracker that follows a run: what it gets, and what it may ask for."""

import math
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]

import ganvas
from ganvas.recipes import Recipe, override, recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.sessions import trackers
from ganvas.sessions.tensorboard_tracker import scalars


def ring(**changes: Any) -> Recipe:
    base = {
        **tiny_overrides("ring"),
        "precision": "fp32",
        "threads": 1,
        "scores": [],
        "samples": 640,
        "snapshots": 4,
        "saves": 1,
    }
    return override(recipe("ring"), {**base, **changes})


def test_a_function_gets_every_event_and_may_ask_for_a_checkpoint(tmp_path: Path) -> None:
    kinds: list[str] = []

    def follow(event: dict[str, Any]) -> Any:
        kinds.append(event["kind"])
        return "save" if kinds.count("Snapshot") == 1 and event["kind"] == "Snapshot" else None

    run = ganvas.train(ring(), out=tmp_path / "run", callback=follow, quiet=True)
    assert (kinds[0], kinds[-1]) == ("Started", "Stopped")
    assert kinds.count("Saved") == 2, "the one that was asked for, and the last"
    assert run.state() == "finished"


def test_a_function_may_end_the_run_which_can_be_resumed(tmp_path: Path) -> None:
    whole = ganvas.train(ring(), out=tmp_path / "whole", quiet=True)

    def stop(event: dict[str, Any]) -> Any:
        return "stop" if event["kind"] == "Snapshot" else None

    run = ganvas.train(ring(), out=tmp_path / "run", callback=stop, quiet=True)
    status = run.read_json("status.json")
    assert (run.state(), status["reason"]) == ("interrupted", "callback")
    assert 0 < status["samples"] < whole.read_json("status.json")["samples"]
    ganvas.resume(run.path, quiet=True)
    assert ganvas.load(run.path).sha256 == ganvas.load(whole.path).sha256, "the same bits"


def test_another_answer_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ganvas.UsageError, match="answered"):
        ganvas.train(ring(), out=tmp_path / "run", callback=lambda event: "end", quiet=True)  # type: ignore[arg-type,return-value]


def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []
    run = ganvas.train(ring(), out=tmp_path / "run", track=["tensorboard"], callback=seen.append, quiet=True)
    found = EventAccumulator(str(run.path / "tensorboard"))
    found.Reload()
    progress = [event for event in seen if event["kind"] == "Progress"]
    tags = set(found.Tags()["scalars"])
    assert {f"terms/{name}" for name in progress[0]["terms"]} | {"speed/samples_per_second"} <= tags
    name = next(iter(progress[0]["terms"]))
    read = [(each.step, each.value) for each in found.Scalars(f"terms/{name}")]
    wanted = [(event["samples"], event["terms"][name]) for event in progress]
    assert [step for step, _ in read] == [step for step, _ in wanted]
    assert all(math.isclose(a, b, rel_tol=1e-6) for (_, a), (_, b) in zip(read, wanted, strict=True))
    assert found.Tags()["images"] == ["samples"]
    assert ganvas.load(run.path).samples_seen > 0, "the folder is still a run"


def test_scores_and_signals_have_names() -> None:
    scored = {"kind": "Scored", "split": "val", "scores": {"frechet": 2.0}}
    assert scalars(scored) == {"val/frechet": 2.0}
    assert scalars({"kind": "SignalsMeasured", "signals": {"D.ahead": 0.5, "x": None}}) == {"signals/D.ahead": 0.5}
    assert scalars({"kind": "Saved"}) == {}


class Noted:
    """A tracker of another package."""

    calls: ClassVar[list[str]] = []

    def begin(self, run: Path) -> None:
        self.calls.append("begin")

    def follow(self, event: dict[str, Any]) -> None:
        self.calls.append(event["kind"])

    def close(self) -> None:
        self.calls.append("close")


def test_trackers_of_other_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [EntryPoint("noted", f"{__name__}:Noted", trackers.ENTRY_POINT)]
    entries.append(EntryPoint("broken", f"{__name__}:Missing", trackers.ENTRY_POINT))
    monkeypatch.setattr(trackers, "entry_points", lambda group: entries)
    Noted.calls.clear()
    with pytest.raises(ganvas.UsageError, match="answered"):
        ganvas.train(ring(), out=tmp_path / "run", track=["noted"], callback=lambda event: 1, quiet=True)  # type: ignore[arg-type,return-value]
    assert (Noted.calls[0], Noted.calls[1], Noted.calls[-1]) == ("begin", "Started", "close"), "closed after an error"
    with pytest.raises(ganvas.UsageError, match="broken"):
        trackers.tracker("broken")
    with pytest.raises(ganvas.UsageError, match="tensorbord") as error:
        trackers.tracker("tensorbord")
    assert "'tensorboard'" in str(error.value)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganvas.sessions.tensorboard_tracker.find_spec", lambda name: None)
    with pytest.raises(ganvas.MissingExtra, match="tensorboardX") as error:
        ganvas.train(ring(), track=["tensorboard"], quiet=True)
    assert error.value.exit_code == 4
