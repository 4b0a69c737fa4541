"""A function or a tracker that follows a run: what it gets, and what it may ask for."""

import json
import math
import socket
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]
from typer import Exit
from typer.testing import CliRunner

import ganvas
from ganvas.cli.main import app
from ganvas.cli.processes import train_by_many
from ganvas.recipes import Recipe, override, recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.sessions import trackers
from ganvas.sessions.tracked import flat, recipe_settings, scalars


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


@pytest.mark.parametrize(
    ("name", "package"), [("tensorboard", "tensorboardX"), ("wandb", "wandb"), ("mlflow", "mlflow")]
)
def test_a_missing_package_is_named(name: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"ganvas.sessions.{name}_tracker.find_spec", lambda name: None)
    with pytest.raises(ganvas.MissingExtra, match=package) as error:
        ganvas.train(ring(), track=[name], quiet=True)
    assert error.value.exit_code == 4


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every address of the internet that this process tries to reach; none can be reached."""
    tried: list[object] = []
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            tried.append(address)
            raise OSError("no network")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


def stopped_and_resumed(path: Path, track: str) -> tuple[ganvas.Run, list[dict[str, Any]]]:
    """A run that a function ended after its first sheet, resumed to its end; and all its events."""
    seen: list[dict[str, Any]] = []

    def stop(event: dict[str, Any]) -> Any:
        seen.append(event)
        return "stop" if event["kind"] == "Snapshot" else None

    ganvas.train(ring(), out=path, track=[track], callback=stop, quiet=True)
    return ganvas.resume(path, track=[track], callback=seen.append, quiet=True), seen


def records(file: Path) -> Iterator[Any]:
    """The records of a .wandb file: blocks of 32 KiB, each part with its checksum, length and place."""
    from wandb.proto.wandb_internal_pb2 import Record  # type: ignore[attr-defined]

    data, at, waiting = file.read_bytes(), 7, b""
    while at + 7 <= len(data):
        if 2**15 - at % 2**15 < 7:  # too little for a header: zeros
            at += 2**15 - at % 2**15
            continue
        length, place = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        waiting += data[at + 7 : at + 7 + length]
        at += 7 + length
        if place in (1, 4):  # whole, or the last part
            yield Record.FromString(waiting)
            waiting = b""


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_weights_and_biases_holds_the_run_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: list[object]
) -> None:
    for name in ("WANDB_MODE", "WANDB_PROJECT", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    run, seen = stopped_and_resumed(tmp_path / "run", "wandb")
    files = sorted((run.path / "wandb").glob("offline-run-*/run-*.wandb"), key=lambda each: each.stat().st_mtime)
    assert len(files) == 2
    assert files[0].name == files[1].name, "the same run of W&B: a sync joins them"
    found = [record for file in files for record in records(file)]
    config = {each.key: json.loads(each.value_json) for record in found for each in record.run.config.update}
    assert config["G.optimiser.lr.start"] == 0.002
    rows = [
        {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
        for record in found
        if record.HasField("history")
    ]
    progress = [event for event in seen if event["kind"] == "Progress"]
    name = next(iter(progress[0]["terms"]))
    written = [(row["samples"], row[f"terms/{name}"]) for row in rows if f"terms/{name}" in row]
    assert written == [(event["samples"], event["terms"][name]) for event in progress]
    assert (
        sum(any(key.startswith("sheet") for key in row) for row in rows)
        == sum(event["kind"] == "Snapshot" for event in seen)
        > 1
    )
    assert b"".join(file.read_bytes() for file in files).count(str(Path.home()).encode() + b"/") == 0
    assert no_network == []
    assert ganvas.load(run.path).samples_seen > 0, "the folder is still a run"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_mlflow_holds_the_run_in_a_file_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: list[object]
) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    _, seen = stopped_and_resumed(tmp_path / "run", "mlflow")
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("ganvas")
    assert experiment is not None
    (found,) = client.search_runs([experiment.experiment_id])
    assert (found.info.run_name, found.info.status) == ("run", "FINISHED")
    assert found.data.params["G.optimiser.lr.start"] == "0.002"
    progress = [event for event in seen if event["kind"] == "Progress"]
    name = next(iter(progress[0]["terms"]))
    written = [(each.step, each.value) for each in client.get_metric_history(found.info.run_id, f"terms/{name}")]
    assert sorted(written) == [(event["samples"], event["terms"][name]) for event in progress]
    sheets = [each for each in client.list_artifacts(found.info.run_id, "images") if each.path.endswith(".png")]
    assert len(sheets) == sum(event["kind"] == "Snapshot" for event in seen) > 1
    assert no_network == []


def test_a_tracker_that_cannot_begin_ends_the_run_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", "sometimes")
    with pytest.raises(ganvas.UsageError, match="Weights & Biases cannot begin"):
        ganvas.train(ring(), out=tmp_path / "run", track=["wandb"], quiet=True)


def test_trackers_get_nothing_of_the_data(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    parts = ("source: {kind: Pictures, path: [photos]}", "domain: {kind: Images, categories: [a, b]}", "G: {lr: 0.1}")
    text = "\n".join(("samples: 64", *parts, "scores: [{kind: X, file: /a/b.onnx, n: 5}]"))
    (run / "config.yaml").write_text(text)
    expected = {"samples": 64, "source.kind": "Pictures", "domain.kind": "Images", "G.lr": 0.1}
    assert recipe_settings(run) == {**expected, "scores.0.kind": "X", "scores.0.n": 5}
    assert flat({"a": [], "b": None, "c": {"d": [1, {"e": True}]}}) == {"c.d.0": 1, "c.d.1.e": True}


def test_the_command_resumes_with_a_tracker(tmp_path: Path) -> None:
    run = ganvas.train(ring(), out=tmp_path / "run", callback=lambda event: "stop", quiet=True)
    done = CliRunner().invoke(app, ["resume", str(run.path), "--device", "cpu", "--track", "tensorboard"])
    assert done.exit_code == 0, done.output
    assert list((run.path / "tensorboard").glob("events.*"))


def test_a_lost_process_is_followed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr("sys.argv", ["ganvas", "train", "ring"])
    monkeypatch.setattr("ganvas.sessions.launch.launch", lambda arguments, **options: given.update(options) or 0)
    with pytest.raises(Exit):
        train_by_many(2, 1, path=tmp_path / "run", name="ring", device="cpu", track=["mlflow", "wandb"])
    assert given["again"][-4:] == ["--track", "mlflow", "--track", "wandb"]
