"""Two processes are one process that accumulates two micro-batches."""

import json
import signal
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import ganvas
from ganvas.recipes import catalogue, override, to_yaml
from ganvas.recipes import recipe as by_name
from ganvas.runs import Saved, read
from ganvas.runs.events import Progress
from ganvas.training import World
from processes import SPLIT, digests, finish, kill, our_parts, played, rank_child, split_recipes, start, torchrun_child

NAMES = tuple(catalogue())
NEAR = 1e-6  # relative to the largest number of a tensor
# After steps, not of gradients: (a + b) + (c + d) is not ((a + b) + c) + d. Seen where one bias's gradient nearly cancels, as Adam divides it by its own size.
ROUGHER = {
    "two micro-batches on each": 2e-5,
    "two micro-batches on each, batch norm": 5e-5,
}


@pytest.fixture(scope="module")
def ranks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each of two processes ended with, for every case."""
    out = tmp_path_factory.mktemp("ranks")
    children = [start(rank_child, rank, str(out / "store"), str(out), NAMES) for rank in (0, 1)]
    for rank, child in enumerate(children):
        finish(child, out / str(rank))
    return out


@pytest.mark.parametrize("name", [*NAMES, *SPLIT])
def test_two_processes_are_one_that_accumulates(name: str, ranks: Path) -> None:
    place = [*NAMES, *SPLIT].index(name)
    with our_parts():
        recipe = split_recipes(NAMES)[name]
        alone, stats = played(replace(recipe, micro_batches=2 * recipe.micro_batches), World())
        changed, _ = played(replace(recipe, seed=1, micro_batches=2 * recipe.micro_batches), World())
    both = [load_file(ranks / f"{rank}-{place}.safetensors") for rank in (0, 1)]
    assert alone.keys() == both[0].keys() == both[1].keys()
    for tensor, value in alone.items():
        assert torch.equal(both[0][tensor], both[1][tensor]), f"the ranks have parted: {tensor}"
        near = NEAR if tensor.startswith("gradient: ") else ROUGHER.get(name, NEAR)
        assert far(value, both[0][tensor]) <= near, tensor
    assert max(far(value, changed[tensor]) for tensor, value in alone.items()) > 100 * NEAR, "the measure must see a difference"
    for rank in (0, 1):
        told = json.loads((ranks / f"{rank}-{place}.json").read_text())
        assert told == pytest.approx(stats, rel=ROUGHER.get(name, NEAR), abs=1e-9)


def far(a: torch.Tensor, b: torch.Tensor) -> float:
    """The largest difference over the largest number."""
    a, b = a.double(), b.double()
    return float((a - b).abs().max() / a.abs().max().clamp(min=1e-30)) if a.numel() else 0.0


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def together(text: str | None, path: Path) -> list[list[str]]:
    """Train with two processes; the files of the run that each has touched."""
    port = free_port()
    notes = [path.with_name(f"{path.name}.{rank}") for rank in (0, 1)]
    children = [start(torchrun_child, text, str(path), rank, port, str(notes[rank])) for rank in (0, 1)]
    for note, child in zip(notes, children, strict=True):
        finish(child, note)
    return [json.loads(note.read_text()) for note in notes]


def test_only_the_first_process_writes_and_the_run_is_that_of_one(tmp_path: Path) -> None:
    base = by_name("ring")
    changes = {"samples": 160, "saves": 4, "snapshots": 3, "scorings": 2, "scores": [{"kind": "ModeCoverage", "n": 100}], "threads": 1}
    recipe = override(base, {**base.tiny, **changes})
    touched = together(to_yaml(recipe), tmp_path / "two")
    assert touched[1] == []
    assert {Path(name).name for name in touched[0]} >= {"events.jsonl", "metrics.jsonl", "log.txt", "checkpoints", "samples"}
    ganvas.train(replace(recipe, micro_batches=2), out=tmp_path / "one")
    events = [read(tmp_path / name / "events.jsonl") for name in ("two", "one")]
    kinds = [[(type(event).__name__, event.samples) for event in each if not isinstance(event, Progress)] for each in events]
    assert kinds[0] == kinds[1]
    weights = [load_file(tmp_path / name / "checkpoints" / "samples-000000000160" / "players.safetensors") for name in ("two", "one")]
    for name, value in weights[1].items():
        assert far(value, weights[0][name]) <= 2e-5, name


def test_two_processes_killed_and_resumed_are_two_left_alone(tmp_path: Path) -> None:
    base = by_name("ring")
    changes = {"samples": 800, "saves": 40, "snapshots": 0, "scores": [], "threads": 1}
    text = to_yaml(override(base, {**base.tiny, **changes}))
    port = free_port()
    path = tmp_path / "broken"
    children = [start(torchrun_child, text, str(path), rank, port, str(tmp_path / f"killed.{rank}")) for rank in (0, 1)]
    begun = time.monotonic()
    while children[0].is_alive() and time.monotonic() - begun < 60 and not any(isinstance(event, Saved) for event in read(path / "events.jsonl")):
        time.sleep(0.001)
    kill(children[1])
    if children[0].is_alive():  # else it has noticed already that it is alone
        kill(children[0])
    assert children[1].exitcode == -signal.SIGKILL
    assert children[0].exitcode != 0
    together(None, path)
    together(text, tmp_path / "alone")
    assert digests(path) == digests(tmp_path / "alone")
