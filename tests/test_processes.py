"""Several processes: started by one command, stopped by one signal, one lost and started again, one silent, one that
parts from the others.
"""

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
import torch

from ganvas.base.errors import GanvasError, UsageError
from ganvas.base.processes import timeout_seconds
from ganvas.cli import main as command
from ganvas.metrics.modes import ModeCoverage
from ganvas.recipes import from_yaml, live_trainer, override, prepare
from ganvas.runs import checkpoints
from ganvas.runs.events import Started, read_all_events
from ganvas.training import ProcessGroup, Scorer, checkpoint, cores
from processes import PATIENCE, digests, kill, start, state_of
from ranks import (
    CPU,
    Group,
    children_of,
    commanded,
    deals,
    fails_alone,
    measures,
    pokes,
    ring,
    saves,
    trains,
    trains_somewhere,
    wait_for,
)

LONG = ring(samples=1_600, saves=20)


@pytest.fixture(scope="module")
def recipe_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "long.yaml"
    path.write_text(LONG)
    return path


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What two processes end with that nobody disturbs."""
    path = tmp_path_factory.mktemp("alone") / "run"
    Group(2, trains, LONG, str(path), notes=path).said()
    return digests(path)


def test_signals_and_a_killed_process_change_nothing(
    recipe_file: Path, tmp_path: Path, left_alone: dict[str, str]
) -> None:
    """Through the launcher: SIGTERM to one process, SIGINT to the launcher, SIGKILL to one process; each at a random
    moment after a first checkpoint.
    """
    random, run = Random(0), tmp_path / "run"
    words = ["train", str(recipe_file), "--processes", "2", "-o", str(run)]
    for numbers in ((signal.SIGTERM,), (signal.SIGKILL, signal.SIGINT)):
        launcher = start(commanded, words, str(tmp_path))
        assert launcher.pid is not None
        for number in numbers:
            before = saves(run)
            wait_for(lambda: saves(run) > before + random.randint(0, 3), launcher)  # noqa: B023
            os.kill(launcher.pid if number == signal.SIGINT else random.choice(children_of(launcher.pid)), number)
        launcher.join(PATIENCE)
        said = (tmp_path / "err.txt").read_text()
        assert launcher.exitcode == 128 + numbers[-1], said
        assert "Traceback" not in said
        assert "torch" not in said
        assert state_of(run)["reason"] == numbers[-1].name
        assert checkpoints.newest_path(run / "checkpoints").name == f"samples-{state_of(run)['samples']:012d}"
        words = ["resume", str(run)]  # in as many processes as before
    assert "Starting again (1 of 3)" in said
    Group(2, trains, None, str(run), notes=tmp_path / "rest").said()
    assert [event.resumed for event in read_all_events(run / "events.jsonl") if isinstance(event, Started)] == [
        False,
        True,
        True,
        True,
    ]
    assert digests(run) == left_alone


@pytest.mark.slow  # the launcher of ours does the same in the test before
def test_torchrun_starts_a_killed_process_again(recipe_file: Path, tmp_path: Path, left_alone: dict[str, str]) -> None:
    """--max-restarts, and nobody said where: the run goes on where it was."""
    words = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node",
        "2",
        "--max-restarts",
        "1",
        "--standalone",
    ]
    command = [*words, "-m", "ganvas", "train", str(recipe_file)]
    with (tmp_path / "err").open("w") as err:
        launcher = subprocess.Popen(
            command, cwd=tmp_path, stdout=err, stderr=err, env={**os.environ, "GLOO_SOCKET_IFNAME": "lo"}
        )
    wait_for(lambda: any(saves(run) > 1 for run in (tmp_path / "runs").glob("*")))
    os.kill(children_of(launcher.pid)[1], signal.SIGKILL)
    assert launcher.wait(PATIENCE) == 0, (tmp_path / "err").read_text()
    (run,) = (tmp_path / "runs").iterdir()
    assert [event.resumed for event in read_all_events(run / "events.jsonl") if isinstance(event, Started)] == [
        False,
        True,
    ]
    assert digests(run) == left_alone


def test_an_error_is_one_sentence_and_its_code(tmp_path: Path) -> None:
    launcher = start(commanded, ["train", "ring", "batch_samples=9", "--processes", "2"], str(tmp_path))
    launcher.join(PATIENCE)
    assert launcher.exitcode == 2
    words = "ganvas: batch_samples=9 cannot be split into 2 equal micro-batches. Make it a multiple."
    said = " ".join((tmp_path / "err.txt").read_text().split())
    assert said.endswith(words)
    assert said.count("ganvas:") == 1, "once for both processes"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train", "ring", "--processes", "0"], "--processes 0 is out of range"),
        (["train", "ring", "--processes", "2", "--restarts", "-1"], "--restarts -1"),
        (["train", "ring", "--processes", "2", "--dry-run"], "--dry-run measures one process"),
    ],
)
def test_wrong_numbers(
    words: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["ganvas", *words])
    with pytest.raises(SystemExit) as end:
        command.main()
    assert end.value.code == 2
    assert sentence in capsys.readouterr().err


def test_processes_within_processes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["ganvas", "train", "ring", "--processes", "2"])
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(SystemExit):
        command.main()
    assert "Leave --processes out" in capsys.readouterr().err


def test_patience_is_a_number_of_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert timeout_seconds() == 300
    for wrong in ("soon", "-1", "nan"):
        monkeypatch.setenv("GANVAS_TIMEOUT_SECONDS", wrong)
        with pytest.raises(UsageError):
            timeout_seconds()


def test_a_silent_process_is_given_up(tmp_path: Path) -> None:
    """Stopped, not killed: its connections stay open. The other notices, writes its stacks down and ends."""
    run = tmp_path / "run"
    group = Group(2, trains, LONG, str(run), notes=run, environment={"GANVAS_TIMEOUT_SECONDS": "4"})
    wait_for(lambda: saves(run) > 0, *group.children)
    pid = group.children[1].pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    group.children[0].join(PATIENCE)
    kill(group.children[1])
    assert "Lost: another of the 2 processes has not answered for 4 s" in group.error(0)
    assert "in round" in (run / "stacks-rank-0.txt").read_text()
    assert state_of(run)["state"] == "failed"


def test_a_failure_ends_the_others_at_once(tmp_path: Path) -> None:
    assert Group(2, fails_alone, notes=tmp_path / "first").said() == [
        "failed",
        "the first process has ended. Its own error message says why.",
    ]


def test_scores_may_take_longer_than_the_patience(tmp_path: Path) -> None:
    """And they are those of one process, exactly."""
    slow = {"kind": "Slow", "seconds": 2.0}  # measured twice: real against real too
    modes = {"kind": "ModeCoverage", "n": 100}
    run = tmp_path / "run"
    text = ring(samples=160, saves=2, scorings=1).replace("scores: []", f"scores: {json.dumps([slow, modes])}")
    Group(2, trains, text, str(run), notes=run, environment={"GANVAS_TIMEOUT_SECONDS": "3"}).said()
    assert not list(run.glob("stacks*"))
    told = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [each["name"] for each in told] == ["slow", "modes", "quality", "kl"]
    experiment = prepare(override(from_yaml(ring(samples=160)), {"micro_batches": 2}))
    trainer = live_trainer(experiment, CPU, ProcessGroup())
    checkpoint.load_checkpoint(trainer, checkpoints.newest_path(run / "checkpoints"))
    stream, game = experiment.stream, trainer.phases[-1].game
    scorer = Scorer(
        (ModeCoverage(n=100),), game, experiment.spec, reals=stream("val"), split="val", train=stream("train")
    )
    alone = scorer.score({name: player.best for name, player in trainer.players.items()})
    assert [result.value for result in alone] == [
        math.inf if each["value"] is None else each["value"] for each in told[-3:]
    ]


@pytest.mark.parametrize("tensor", ["G.ema.layers.0.bias", "D.network.layers.0.weight", "G.ema.layers.0.bias!"])
def test_players_that_part_stop_the_run(tensor: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    name = next(each for each in weights() if each.startswith(tensor.rpartition(".layers")[0]))
    at, saves = (
        (232, 7) if tensor.endswith("!") else (416, 1)
    )  # a checkpoint between two of the fifty comparisons; and no checkpoint
    group = Group(2, pokes, ring(samples=1600, saves=saves), str(run), name + "!" * tensor.endswith("!"), notes=run)
    assert group.codes() == [1, 1]
    player, _, rest = name.partition(".")
    for rank in (0, 1):
        error = group.error(rank)
        assert "CheckFailed: weights differ between processes" in error
        assert f"after {at} samples: {player}'s {rest} in process 1" in error
    assert not checkpoints.newest_first(run / "checkpoints")


def weights() -> list[str]:
    trainer = live_trainer(prepare(from_yaml(ring())), CPU, ProcessGroup())
    return [
        f"{name}.{key}"
        for name, player in trainer.players.items()
        for key, value in player.weights().items()
        if value.dtype == torch.float32
    ]


def test_the_samples_of_a_round_are_the_same_in_one_two_and_three_processes(tmp_path: Path) -> None:
    text = ring(batch_samples=12, samples=480)
    orders: list[list[list[int]]] = []
    for size in (1, 2, 3):
        parts = Group(size, deals, text, notes=tmp_path / str(size)).said()
        orders.append([[sample for part in turn for sample in part] for turn in zip(*parts, strict=True)])
    assert orders[0] == orders[1] == orders[2]
    assert len({tuple(turn) for turn in orders[0]}) == 20  # G's turn looks at D's batch once more


def test_minutes_threads_and_precision_are_settled_together(tmp_path: Path) -> None:
    run = tmp_path / "run"
    Group(2, measures, ring(threads=0, precision="auto", samples=8_000_000), str(run), notes=run).said()
    settled = from_yaml((run / "config.yaml").read_text())
    assert settled.threads == max(1, cores() // 2)
    assert settled.precision in ("fp32", "bf16")
    assert settled.samples < 8_000_000, "what fits into a second"
    assert state_of(run)["samples"] == settled.samples
    assert json.loads((run / "environment.json").read_text())["processes"] == 2


def test_all_processes_agree_where_the_run_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    group = Group(2, somewhere, str(tmp_path), ring(), notes=tmp_path / "agreed")
    first, second = group.said()
    assert first == second
    assert state_of(tmp_path / first)["state"] == "finished"


def somewhere(folder: str, text: str) -> str:
    os.chdir(folder)
    return trains_somewhere(text)


def test_errors_keep_their_kind() -> None:
    from ganvas.sessions.launch import error_of

    for kind in GanvasError.__subclasses__():
        if kind.exit_code == GanvasError.exit_code:
            continue  # what it is cannot be read from the code
        assert type(error_of({"exit_code": kind.exit_code, "message": "so it was."})) is kind
    assert str(error_of({"exit_code": 1, "message": "so it was."})) == "so it was."
