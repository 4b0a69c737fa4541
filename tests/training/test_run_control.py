"""Commands for a run in training: what is obeyed, what is passed over, and that a run left alone is not changed."""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import ganvas
from ganvas.base.errors import CheckFailed
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Commanded, Run, Snapshot, read_events
from ganvas.runs.control import COMMANDS, send_command, take_commands
from ganvas.training import RunControl, Save, run_control
from ganvas.training.trainer import Stop


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "run", config="kind: Recipe\n", environment={})


class Still:
    """What the callback reads of a trainer."""

    samples_seen = 64


def test_commands_come_in_order_and_once(run: Run) -> None:
    assert take_commands(run) == []
    for command in COMMANDS:
        send_command(run, command)
    assert take_commands(run) == list(COMMANDS)
    assert take_commands(run) == []


def test_what_is_no_command_is_passed_over(run: Run, tmp_path: Path) -> None:
    folder = run.path / "control"
    folder.mkdir()
    secret = tmp_path / "secret"
    secret.write_text('{"do": "stop"}')
    (folder / "1").symlink_to(secret)
    os.mkfifo(folder / "2")
    (folder / "3").mkdir()
    for name, text in {"4": "[]", "5": "{", "6": '{"do": "rm"}', "7": '{"do": ["stop"]}', "8": "x" * 5000}.items():
        (folder / name).write_text(text)
    (folder / "9").write_text('{"do": "save"}')
    assert take_commands(run) == ["save"]
    assert secret.exists()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "1").write_text('{"do": "stop"}')
    other = Run.create(tmp_path / "other", config="kind: Recipe\n", environment={})
    (other.path / "control").symlink_to(outside)
    assert take_commands(other) == []
    with pytest.raises(CheckFailed):
        send_command(other, "stop")
    assert len(list(outside.iterdir())) == 1


def test_a_pause_lasts_until_it_is_told_to_end(run: Run) -> None:
    made: list[str] = []
    signals = [""]
    control = RunControl(run, {"snapshot": lambda _: made.append("sheet") or ()}, lambda: signals[0])  # type: ignore[func-returns-value]
    trainer: Any = Still()
    assert list(control(trainer, 0)) == [], "the folder is read twice a second at most"
    control.last = 0.0
    send_command(run, "pause")
    threading.Timer(0.3, send_command, (run, "snapshot")).start()
    threading.Timer(0.6, send_command, (run, "save")).start()
    threading.Timer(0.9, send_command, (run, "resume")).start()
    begun = time.monotonic()
    assert list(control(trainer, 0)) == [Save()]
    assert time.monotonic() - begun > 0.8
    assert made == ["sheet"]
    commands = [event.command for event in read_events(run.events) if isinstance(event, Commanded)]
    assert commands == ["pause", "snapshot", "save", "resume"]
    control.last = 0.0
    send_command(run, "pause")
    signals[0] = "SIGINT"
    assert list(control(trainer, 0)) == [], "a signal ends a pause; the trainer's own callback stops the run"
    signals[0] = ""
    control.last = 0.0
    send_command(run, "pause")
    send_command(run, "stop")
    assert list(control(trainer, 0)) == [Save(), Stop("SIGINT")]
    control.last = 0.0
    send_command(run, "score")
    assert list(control(trainer, 0)) == [], "a run without scores has nothing to do"


def test_a_real_run_obeys_and_goes_on_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_control, "SECONDS", 0.01)  # a short run is listened to as well
    changes = {**tiny_overrides("ring"), "precision": "fp32", "threads": 1, "scores": [], "snapshots": 1, "saves": 1}
    changes |= {"samples": 2_400, "batch_samples": 8}
    plain = ganvas.train(override(recipe("ring"), changes), out=tmp_path / "plain")
    path = tmp_path / "watched"

    def resume_soon(event: Any) -> None:
        if isinstance(event, Commanded) and event.command == "pause":
            threading.Timer(0.5, send_command, (Run.open(path), "resume")).start()
        elif type(event).__name__ == "Started":
            for command in ("save", "snapshot", "pause"):
                send_command(Run.open(path), command)

    watched = ganvas.train(override(recipe("ring"), changes), out=path, on_event=resume_soon)
    commands = [event.command for event in read_events(watched.events) if isinstance(event, Commanded)]
    assert commands == ["save", "snapshot", "pause", "resume"]
    sheets = [[event for event in read_events(each.events) if isinstance(event, Snapshot)] for each in (plain, watched)]
    assert len(sheets[1]) > len(sheets[0])
    assert len(list(watched.checkpoints.iterdir())) > 1
    last = [sorted(each.checkpoints.iterdir())[-1] / "players.safetensors" for each in (plain, watched)]
    assert last[0].read_bytes() == last[1].read_bytes()
    assert json.loads((path / "status.json").read_text())["state"] == "finished"
