"""ganvas as a part of a program: signals, threads and random generators belong to the program."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import ganvas
from ganvas.recipes import Recipe, override
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Event, Scored, Started, checkpoints
from ganvas.sessions.dry_run import dry_run
from ganvas.training import Trainer
from processes import state_of

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def ring(**changes: Any) -> Recipe:
    base = by_name("ring")
    return override(
        base,
        {
            **tiny_overrides("ring"),
            "samples": 80,
            "snapshots": 0,
            "saves": 0,
            "scores": [],
            "precision": "fp32",
            "threads": 1,
            **changes,
        },
    )


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    """A program's own number of threads and seed, which must be there afterwards; and its handlers."""
    before, handlers = torch.get_num_threads(), [signal.getsignal(number) for number in SIGNALS]
    torch.set_num_threads(2)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    yield
    threads = torch.get_num_threads()
    torch.set_num_threads(before)
    assert threads == 2
    assert torch.equal(torch.get_rng_state(), state)
    assert [signal.getsignal(number) for number in SIGNALS] == handlers


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of the run."""
    play = Trainer.round

    def pressed(trainer: Trainer) -> None:
        play(trainer)
        if trainer.samples_seen == 40 and trainer.check_finite:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Trainer, "round", pressed)


def test_settings_of_the_program_stay(tmp_path: Path) -> None:
    run = ganvas.train(ring(scores=[{"kind": "ModeCoverage", "n": 100}], scorings=1), out=tmp_path / "run")
    ganvas.resume(run.path)
    ganvas.load(run.path).sample(70)
    assert ganvas.evaluate(run.path, split="val").results
    dry_run(ring())
    with pytest.raises(ganvas.GanvasError):
        ganvas.train(ring(batch_samples=10**6), out=tmp_path / "failed")


@pytest.mark.usefixtures("interrupted")
def test_ctrl_c_ends_the_round_writes_a_checkpoint_and_is_raised(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt) as raised:
        ganvas.train(ring(), out=tmp_path / "run")
    assert str(tmp_path / "run") in str(raised.value)
    assert (state_of(tmp_path / "run")["state"], state_of(tmp_path / "run")["reason"]) == ("interrupted", "SIGINT")
    assert checkpoints.newest_path(tmp_path / "run" / "checkpoints").name == "samples-000000000040"
    ganvas.resume(tmp_path / "run")
    assert state_of(tmp_path / "run")["state"] == "finished"


@pytest.mark.usefixtures("interrupted")
def test_a_program_may_hear_of_the_signal_instead(tmp_path: Path) -> None:
    heard: list[str] = []
    run = ganvas.train(ring(), out=tmp_path / "run", on_signal=heard.append)
    assert heard == ["SIGINT"]
    assert run.read_json("status.json")["state"] == "interrupted"


def test_ctrl_c_during_the_last_scores_is_raised_too(tmp_path: Path) -> None:
    def press(event: Event) -> None:
        if isinstance(event, Scored) and event.split == "val":
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        ganvas.train(
            ring(scores=[{"kind": "ModeCoverage", "n": 100}], scorings=0), out=tmp_path / "run", on_event=press
        )
    assert state_of(tmp_path / "run")["state"] == "finished"


def test_a_programs_own_handler_of_sigterm_is_the_one_that_hears(tmp_path: Path) -> None:
    own: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: own.append(number))

    def end(event: Event) -> None:
        if isinstance(event, Started):
            os.kill(os.getpid(), signal.SIGTERM)

    try:
        run = ganvas.train(ring(), out=tmp_path / "run", on_event=end)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert own == [signal.SIGTERM]
    assert run.read_json("status.json")["state"] == "finished"


def test_it_trains_in_another_thread(tmp_path: Path) -> None:
    thread = threading.Thread(target=lambda: ganvas.train(ring(), out=tmp_path / "run"))
    thread.start()
    thread.join()
    assert state_of(tmp_path / "run")["state"] == "finished"
