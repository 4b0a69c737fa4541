"""Training from shards: killed and resumed it is the run left alone, and so it is on two processes; a fault ends the
command with one sentence.
"""

import os
import sys
import threading
from pathlib import Path
from random import Random

import pytest
import torch
from safetensors.torch import load_file

import ganvas
from ganvas.base.errors import DataError
from ganvas.cli import main as command
from ganvas.data.shards import Shards
from ganvas.data.streaming_store import StreamingStore
from ganvas.ingest import decode_pool
from ganvas.recipes import Recipe, live_trainer, override, prepare, to_yaml
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training import ProcessGroup
from packing_tars import shards
from processes import digests, finish, state_of, train_and_kill, train_apart
from test_distributed import together

CHANGES = {
    "batch_samples": 16,
    "samples": 960,
    "saves": 8,
    "snapshots": 2,
    "scores": [],
    "precision": "fp32",
    "threads": 1,
    "domain": None,
}


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """A small DCGAN, sixty rounds over 150 pictures in four shards, two of which are shuffled together."""
    base = by_name("dcgan")
    pattern = shards(tmp_path_factory.mktemp("shards"), (80, 60, 30, 80), side=28)
    small = override(
        base,
        {
            **{key: value for key, value in tiny_overrides("dcgan").items() if not key.startswith("source")},
            **CHANGES,
            "source": {"kind": "Mnist"},
        },
    )
    source = Shards(pattern, 28, 28, channels=1, window=2)
    return override(small, {"source": {"kind": "Shards", **vars(source)}})


def test_killed_and_resumed_it_is_the_run_left_alone(recipe: Recipe, tmp_path: Path) -> None:
    alone, broken = tmp_path / "alone", tmp_path / "broken"
    child = train_apart(recipe, alone)
    landed = train_and_kill(recipe, broken, kills=2, random=Random(1))
    finish(child, alone)
    assert all(each.rounds > 0 for each in landed)
    assert digests(broken) == digests(alone)
    assert state_of(broken)["state"] == "finished"


def test_two_processes_are_dealt_the_same(recipe: Recipe, tmp_path: Path) -> None:
    """They end where one process ends that accumulates, to the bit: a + b is b + a."""
    few = override(recipe, {"samples": 48, "saves": 0})
    together(to_yaml(few), tmp_path / "two")
    ganvas.train(override(few, {"micro_batches": 2}), out=tmp_path / "one")
    ends = [tmp_path / name / "checkpoints" / "samples-000000000048" / "players.safetensors" for name in ("two", "one")]
    two, one = map(load_file, ends)
    for name, value in one.items():
        assert torch.equal(two[name], value), name


def test_the_data_are_never_read_whole(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    kept = decode_pool.PersistentPool.ask
    monkeypatch.setattr(
        decode_pool.PersistentPool,
        "ask",
        lambda self, places: asked.append(len(places)) or kept(self, places),  # type: ignore[func-returns-value]
    )
    experiment = prepare(recipe)
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())
    assert isinstance(experiment.stream("train", training=True).store, StreamingStore)
    trainer.round()
    assert sum(asked) <= 2 + 16 * (2 + 4 + 1), "two to see what they are, two batches, and what is read ahead"


def test_the_doctor_and_the_scores_share_the_decoders_of_training(recipe: Recipe) -> None:
    before = set(decoders())
    experiment = prepare(recipe)
    trained = experiment.stream("train", training=True).batch(0, 16)
    seen = experiment.stream("train").batch(0, 16)
    assert trained.index is not None
    assert seen.index is not None
    assert torch.equal(trained.index, seen.index)
    assert 0 < len(set(decoders()) - before) <= decode_pool.cores()


def decoders() -> list[threading.Thread]:
    """The threads that each keep a worker."""
    return [thread for thread in threading.enumerate() if thread.name.startswith(decode_pool.THREADS)]


def test_another_window_is_another_order_and_is_not_resumed(recipe: Recipe, tmp_path: Path) -> None:
    run = ganvas.train(override(recipe, {"samples": 32, "saves": 1}), out=tmp_path / "run")
    config = Path(run.path) / "config.yaml"
    text = config.read_text()
    assert "window: 2" in text
    config.write_text(text.replace("window: 2", "window: 1"))
    with pytest.raises(DataError, match="the data are not those that the run was trained on"):
        ganvas.resume(run.path)


def test_a_fault_is_one_sentence_and_exit_code_3(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    pattern = shards(tmp_path / "cut", (30, 30))
    os.truncate(tmp_path / "cut" / "s-001.tar", 5_000)
    for words in (["--data", pattern], ["--data", "cut"], ["--data", "cut/s-{000..002}.tar"]):
        monkeypatch.setattr(sys, "argv", ["ganvas", "train", *words])
        with pytest.raises(SystemExit) as end:
            command.main()
        said = capsys.readouterr().err.strip().splitlines()
        assert end.value.code == 3
        assert len([line for line in said if line.startswith("ganvas: ")]) == 1
        assert "s-001.tar" in said[-1] or "s-002.tar" in said[-1]
