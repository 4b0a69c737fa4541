"""A run that collapses goes back to a sound checkpoint by itself, with other settings; and says so."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import ganvas
from ganvas.data.points import Ring
from ganvas.diagnosis import diagnose_run, doctor
from ganvas.recipes import Recipe, given_up, override, read_recipe, remedied
from ganvas.recipes import recipe as by_name
from ganvas.recipes.remedy_overrides import tree_with
from ganvas.runs import Remedied, Run, SignalsMeasured, checkpoints, read_events
from ganvas.runs.checkpoint_state import AppliedRemedy, CheckpointState, read_state
from ganvas.sessions import session
from ganvas.sessions.session import TrainingSession
from ganvas.training import Rewind, Trainer
from processes import digests
from speaking import ganvas as command

CHANGES: dict[str, Any] = {
    "batch_samples": 8,
    "samples": 800,
    "saves": 4,
    "snapshots": 0,
    "scores": [],
    "precision": "fp32",
    "threads": 1,
    "generator.widths": [16],
    "discriminator.widths": [16],
}
POINT = 3.0  # both coordinates of every sample of a collapsed G: outside the data


def ring(**changes: Any) -> Recipe:
    return override(replace(by_name("ring"), source=Ring(samples=300)), {**CHANGES, **changes})


@contextmanager
def collapsing(after: int, attempts: int = 1, stop: tuple[int, int] | None = None) -> Iterator[None]:
    """G makes one point after so many samples, in the first attempts.

    Args:
        after: samples.
        attempts: in which it happens.
        stop: (attempt, samples) at which the process is killed.
    """
    play = Trainer.round

    def played(trainer: Trainer) -> None:
        play(trainer)
        if not trainer.check_finite:
            return
        if trainer.attempt < attempts and trainer.samples_seen > after:
            collapse(trainer)
        if stop == (trainer.attempt, trainer.samples_seen):
            raise KeyboardInterrupt

    Trainer.round = played  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Trainer.round = play  # type: ignore[method-assign]


def collapse(trainer: Trainer) -> None:
    player = trainer.players["G"]
    for network in (player.network, player.best):
        *_, weight, bias = network.parameters()
        weight.data.zero_()
        bias.data.fill_(POINT)


def applied(run: Run) -> list[Remedied]:
    return [event for event in read_events(run.events) if isinstance(event, Remedied)]


def last_state(run: Run) -> CheckpointState:
    return read_state(checkpoints.newest_path(run.checkpoints))


def findings(run: Run) -> set[str]:
    return {diagnosis.name for diagnosis in diagnose_run(run) if diagnosis.severity == "wrong"}


@pytest.fixture(autouse=True)
def measured_in_short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FEWEST", 1)


@pytest.fixture(scope="module")
def rescued(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that collapses after the checkpoint of 400 samples, once."""
    with collapsing(after=400), pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "FEWEST", 1)
        return ganvas.train(ring(), out=tmp_path_factory.mktemp("rescued") / "run")


def test_a_collapsed_run_goes_back_to_the_last_sound_checkpoint_and_ends_well(rescued: Run) -> None:
    (event,) = applied(rescued)
    assert (event.finding, event.samples) == ("full collapse", 400)
    assert event.found_at > 600, "a checkpoint of the collapsed run was written, and is not used"
    assert rescued.read_json("status.json")["state"] == "finished"
    assert findings(rescued).isdisjoint({"full collapse", "divergence"})
    state = last_state(rescued)
    assert (state.attempt, state.sound) == (1, state.samples_seen)
    assert [(each.samples, each.found_at) for each in state.remedies] == [(400, event.found_at)]


def test_the_samples_that_were_given_up_count(rescued: Run) -> None:
    """So that a run with --minutes ends in its time."""
    (event,) = applied(rescued)
    assert event.total == last_state(rescued).samples_seen == 800 - (event.found_at - 400)
    assert read_recipe(rescued.config).samples == 800, "config.yaml has all samples that D is trained on"


def test_the_new_settings_hold_from_there_on(rescued: Run) -> None:
    (event,) = applied(rescued)
    assert event.overrides == "D.optimiser.lr.start=0.001"
    rates = {each.samples: each.signals for each in read_events(rescued.events) if isinstance(each, SignalsMeasured)}
    for samples, signals in rates.items():
        D, G = signals["D.lr"], signals["G.lr"]
        assert D is not None
        assert G is not None
        assert pytest.approx(G / 2 if samples > 400 else G) == D


def test_it_is_said_in_the_log_by_the_doctor_and_at_the_end(rescued: Run) -> None:
    (event,) = applied(rescued)
    (line,) = [each for each in (rescued.path / "log.txt").read_text().splitlines() if event.overrides in each]
    assert "400 samples" in line
    (diagnosis,) = [each for each in diagnose_run(rescued) if each.name == "remedied"]
    assert event.overrides in diagnosis.message
    assert diagnosis.severity == "watch"
    assert event.overrides in command("doctor", rescued.path).out
    assert event.overrides in command("resume", rescued.path).err, "the last lines of a finished run"


def test_a_finding_after_a_remedy_advises_from_the_settings_of_now(rescued: Run) -> None:
    (event,) = applied(rescued)
    tree = tree_with(rescued.settings(), [event.overrides])
    assert tree["D"]["optimiser"]["lr"]["start"] == 0.001
    assert rescued.settings()["D"]["optimiser"]["lr"]["start"] == 0.002


def test_it_can_be_forbidden(tmp_path: Path) -> None:
    with collapsing(after=200):
        run = ganvas.train(ring(), out=tmp_path / "run", remedies=False)
    assert not applied(run)
    assert {"full collapse", "partial collapse"} & findings(run), "a slow machine measures it fewer times"
    assert last_state(run).samples_seen == 800
    assert read_recipe(run.config).remedies == 0


def test_it_happens_as_often_as_the_recipe_says_at_most(tmp_path: Path) -> None:
    with collapsing(after=400, attempts=99):
        run = ganvas.train(ring(remedies=1, samples=1600), out=tmp_path / "run")
    assert len(applied(run)) == 1
    assert "full collapse" in findings(run)
    assert run.read_json("status.json")["state"] == "finished"


def test_a_collapse_found_at_the_end_ends_the_run_with_the_sound_checkpoint(tmp_path: Path) -> None:
    with collapsing(after=544):
        run = ganvas.train(ring(), out=tmp_path / "run")
    (event,) = applied(run)
    assert (event.samples, event.found_at, event.total) == (400, 800, 400)
    assert last_state(run).samples_seen == 400
    assert run.read_json("status.json")["state"] == "finished"
    assert "full collapse" not in findings(run)


def test_the_flag_of_the_command_forbids_it(tmp_path: Path) -> None:
    changes = ["samples=16", "batch_samples=8", "scores=[]", "snapshots=0", "threads=1", "source.samples=200"]
    assert command("train", "ring", *changes, "--no-remedies", "-o", tmp_path / "run").code == 0
    assert read_recipe(tmp_path / "run" / "config.yaml").remedies == 0


def test_without_a_sound_checkpoint_it_begins_again(tmp_path: Path) -> None:
    with collapsing(after=0):
        run = ganvas.train(ring(), out=tmp_path / "run")
    (event,) = applied(run)
    assert event.samples == 0
    assert event.total == 800 - event.found_at
    assert "full collapse" not in findings(run)


def test_a_run_killed_before_the_event_is_written_has_it_after_all(
    rescued: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with collapsing(after=400):
        with monkeypatch.context() as patch:
            patch.setattr(session, "record_remedies", killed)
            with pytest.raises(KeyboardInterrupt):
                ganvas.train(ring(), out=tmp_path / "run")
        assert not applied(Run.open(tmp_path / "run"))
        run = ganvas.resume(tmp_path / "run")
    assert [replace(event, time=0.0) for event in applied(run)] == [
        replace(event, time=0.0) for event in applied(rescued)
    ]


@pytest.mark.parametrize("stop", [(0, 608), (1, 448)])
def test_a_run_killed_before_or_after_it_ends_as_the_run_left_alone(
    stop: tuple[int, int], rescued: Run, tmp_path: Path
) -> None:
    with collapsing(after=400, stop=stop), pytest.raises(KeyboardInterrupt):
        ganvas.train(ring(), out=tmp_path / "run")
    with collapsing(after=400):
        run = ganvas.resume(tmp_path / "run")
    assert digests(run.path) == digests(rescued.path)
    assert [replace(event, time=0.0) for event in applied(run)] == [
        replace(event, time=0.0) for event in applied(rescued)
    ]


def test_a_run_killed_while_it_goes_back_goes_back_again(
    rescued: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later checkpoints are deleted by then, and the one with the remedy is not written yet."""

    def killed(played: TrainingSession, request: Rewind) -> None:
        monkeypatch.setattr(played, "save", lambda request: (_ for _ in ()).throw(KeyboardInterrupt))
        rewind(played, request)

    rewind = TrainingSession.rewind
    with collapsing(after=400):
        with monkeypatch.context() as patch:
            patch.setattr(TrainingSession, "rewind", killed)
            with pytest.raises(KeyboardInterrupt):
                ganvas.train(ring(), out=tmp_path / "run")
        assert checkpoints.newest_path(tmp_path / "run" / "checkpoints").name == checkpoints.checkpoint_name(400)
        run = ganvas.resume(tmp_path / "run")
    assert digests(run.path) == digests(rescued.path)
    assert len(applied(run)) == 1


def test_a_signal_in_the_round_of_the_finding_does_not_prevent_it(
    rescued: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (event,) = applied(rescued)
    with collapsing(after=400):
        play = Trainer.round

        def stopped(trainer: Trainer) -> None:
            play(trainer)
            if (trainer.attempt, trainer.samples_seen) == (0, event.found_at) and trainer.check_finite:
                os.kill(os.getpid(), signal.SIGINT)

        with monkeypatch.context() as patch:
            patch.setattr(Trainer, "round", stopped)
            run = ganvas.train(ring(), out=tmp_path / "run", on_signal=lambda name: None)
        assert last_state(run).attempt == 1
        ganvas.resume(run.path)
    assert digests(run.path) == digests(rescued.path)


def test_a_longer_run_gets_the_total_that_was_given(rescued: Run, tmp_path: Path) -> None:
    shutil.copytree(rescued.path, tmp_path / "run")
    run = ganvas.resume(tmp_path / "run", samples=600)
    assert last_state(run).samples_seen == 600
    assert read_recipe(run.config).samples == 600 + given_up(last_state(run).remedies)


def test_healthy_runs_are_left_alone_bitwise(tmp_path: Path) -> None:
    runs = [ganvas.train(ring(remedies=n, samples=200), out=tmp_path / str(n)) for n in (0, 2)]
    assert not applied(runs[1])
    weights = [{name: each for name, each in digests(run.path).items() if ":" in name} for run in runs]
    assert weights[0] == weights[1]


def test_the_recipe_after_two_remedies() -> None:
    two = (
        AppliedRemedy("full collapse", "", 400, 672, "D.optimiser.lr.start=0.001"),
        AppliedRemedy("divergence", "", 400, 500, "G.optimiser.lr.start=0.0005 D.optimiser.lr.start=0.0003"),
    )
    now = remedied(ring(), two)
    assert now.samples == 800 - 272 - 100
    assert now.G is not None
    assert now.D is not None
    assert [vars(each.optimiser)["lr"].start for each in (now.G, now.D)] == [0.0005, 0.0003]
    assert remedied(ring(), ()) == ring()


def test_a_remedy_does_not_go_forward() -> None:
    with pytest.raises(ValueError, match="900"):
        AppliedRemedy("full collapse", "", samples=900, found_at=800, overrides="")


def test_the_collapse_of_these_tests_is_one() -> None:
    assert torch.tensor([POINT, POINT]).norm() > 1.5, "the data are on a circle of radius 1"
