"""Two processes are one process that accumulates two micro-batches."""

import json
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import ganvas
from ganvas.base.errors import UsageError
from ganvas.recipes import override, recipe_functions, to_yaml
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import read_events
from ganvas.runs.events import Progress
from ganvas.training import ProcessGroup
from processes import (
    SPLIT,
    digests,
    finish,
    in_float64,
    kill,
    our_parts,
    played,
    rank_child,
    rounds_of,
    split_recipes,
    start,
    torchrun_child,
)
from ranks import saves

ALL = tuple(recipe_functions())
# Sums of the same numbers in another order differ by rounding: a few times 1e-16 in float64, 1e-7 in float32, relative
# to the largest summand. Steps are compared in float64 alone. There Adam divides a gradient that is rounding alone by
# its epsilon, 1e-8, and takes no step along it; in float32 such a gradient is as large as epsilon and becomes a full
# step in either direction, on one processor and not on another.
NEAR, NEAR_SINGLE = 1e-9, 1e-6


def kinds_of(part: Any) -> set[str]:
    """The kinds of all parts within a part."""
    if isinstance(part, Mapping):
        part = tuple(part.values())
    if isinstance(part, (tuple, list)):
        return set().union(*map(kinds_of, part))
    if not is_dataclass(part):
        return set()
    return {type(part).__name__}.union(*(kinds_of(getattr(part, field.name)) for field in fields(part)))


def played_parts(name: str) -> set[str]:
    """What a recipe may do in a round: its parts except data and scores, its second streams, a change of phases."""
    recipe = replace(by_name(name), scores=(), transforms=())
    source, streams = kinds_of(recipe.source), kinds_of(recipe.streams)
    return (kinds_of(recipe) - source - streams) | set(recipe.streams) | {f"{len(recipe.phases)} phases"}


def covering(names: tuple[str, ...]) -> tuple[str, ...]:
    """Few recipes that have together all parts that any recipe has."""
    parts = {name: played_parts(name) for name in names}
    left, found = set().union(*parts.values()), set()
    while left:
        found.add(most := max(names, key=lambda name: len(parts[name] & left)))
        left -= parts[most]
    return tuple(name for name in names if name in found)


NAMES = covering(ALL)
REST = tuple(name for name in ALL if name not in NAMES)  # no part of theirs is their own: `make weekly` plays them


@pytest.fixture(scope="module")
def ranks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each of two processes ended with, for every case."""
    return of_two_ranks(tmp_path_factory.mktemp("ranks"), NAMES)


@pytest.fixture(scope="module")
def more_ranks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of the recipes that the gate leaves out."""
    return of_two_ranks(tmp_path_factory.mktemp("more"), REST)


def of_two_ranks(out: Path, names: tuple[str, ...]) -> Path:
    children = [start(rank_child, rank, str(out / "store"), str(out), names) for rank in (0, 1)]
    for rank, child in enumerate(children):
        finish(child, out / str(rank), len(names))
    return out


def test_every_part_is_in_a_recipe_that_the_gate_plays() -> None:
    assert set().union(*map(played_parts, NAMES)) == set().union(*map(played_parts, ALL))
    assert {"dcgan", "acgan", "cgan.concat"} & set(NAMES)
    assert 10 < len(NAMES) < len(ALL)


@pytest.mark.slow
@pytest.mark.parametrize("name", REST)
def test_two_processes_are_one_with_every_recipe(name: str, more_ranks: Path) -> None:
    compare(name, [*REST, *SPLIT].index(name), more_ranks)


@pytest.mark.parametrize("name", [*NAMES, *SPLIT])
def test_two_processes_are_one_that_accumulates(name: str, ranks: Path) -> None:
    compare(name, [*NAMES, *SPLIT].index(name), ranks)


def compare(name: str, place: int, ranks: Path) -> None:
    """What two ranks have against one process of twice the micro-batches"""
    with our_parts(), in_float64():
        recipe = split_recipes((name,))[name]
        recipe = replace(recipe, micro_batches=2 * recipe.micro_batches)
        alone, stats = played(recipe, ProcessGroup(), rounds_of(name))
    both = [load_file(ranks / f"{rank}-{place}.safetensors") for rank in (0, 1)]
    assert alone.keys() == {tensor for tensor in both[0] if not tensor.startswith("single ")}
    assert both[0].keys() == both[1].keys()
    scale = sizes(alone)
    for tensor, value in alone.items():
        assert torch.equal(both[0][tensor], both[1][tensor]), f"the ranks have parted: {tensor}"
        near = 0.0 if recipe.micro_batches == 2 else NEAR  # a + b is b + a, to the bit
        assert far(value, both[0][tensor], scale[kind_of(tensor)]) <= near, tensor
    for rank in (0, 1):
        told = json.loads((ranks / f"{rank}-{place}.json").read_text())
        assert told == pytest.approx(stats, rel=NEAR, abs=NEAR)


@pytest.mark.parametrize("name", ["dcgan", "ring"])
def test_the_measure_sees_a_difference(name: str) -> None:
    with our_parts(), in_float64():
        recipe = split_recipes((name,))[name]
        alone, changed = (played(replace(recipe, seed=seed), ProcessGroup(), rounds_of(name))[0] for seed in (0, 1))
    scale = sizes(alone)
    assert max(far(value, changed[tensor], scale[kind_of(tensor)]) for tensor, value in alone.items()) > 1e6 * NEAR


@pytest.mark.parametrize("name", SPLIT)
def test_in_single_precision_the_gradients_of_two_processes_are_those_of_one(name: str, ranks: Path) -> None:
    both = load_file(ranks / f"0-{[*NAMES, *SPLIT].index(name)}.safetensors")
    with our_parts():
        recipe = split_recipes((name,))[name]
        alone, _ = played(replace(recipe, micro_batches=2 * recipe.micro_batches), ProcessGroup(), 1)
    gradients = [tensor for tensor in alone if tensor.startswith("gradient: ")]
    assert gradients
    for tensor in gradients:
        value = both[f"single {tensor}"]
        assert value.dtype == torch.float32
        assert far(alone[tensor], value, float(value.abs().max())) <= NEAR_SINGLE, tensor


def kind_of(tensor: str) -> str:
    """Tensors of one kind: "optimisers: G.exp_avg.layers.0.weight" is one of "optimisers: G.exp_avg"."""
    return ".".join(tensor.split(".")[:2])


def sizes(tensors: dict[str, torch.Tensor]) -> dict[str, float]:
    """The largest number of each kind: what is rounding is rounding of these, also where it is all that is left of a
    bias before batch norm.
    """
    found: dict[str, float] = {}
    for name, value in tensors.items():
        found[kind_of(name)] = max(
            found.get(kind_of(name), 1e-300), float(value.double().abs().max()) if value.numel() else 0.0
        )
    return found


def far(a: torch.Tensor, b: torch.Tensor, scale: float) -> float:
    """The largest difference relative to `scale`."""
    return float((a.double() - b.double()).abs().max()) / scale if a.numel() else 0.0


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
    changes = {
        "samples": 160,
        "saves": 4,
        "snapshots": 3,
        "scorings": 2,
        "scores": [{"kind": "ModeCoverage", "n": 100}],
        "threads": 1,
    }
    recipe = override(base, {**tiny_overrides("ring"), **changes})
    touched = together(to_yaml(recipe), tmp_path / "two")
    assert touched[1] == []
    assert {Path(name).name for name in touched[0]} >= {
        "events.jsonl",
        "metrics.jsonl",
        "log.txt",
        "checkpoints",
        "samples",
    }
    ganvas.train(replace(recipe, micro_batches=2), out=tmp_path / "one")
    events = [read_events(tmp_path / name / "events.jsonl") for name in ("two", "one")]
    kinds = [
        [(type(event).__name__, event.samples) for event in each if not isinstance(event, Progress)] for each in events
    ]
    assert kinds[0] == kinds[1]
    weights = [
        load_file(tmp_path / name / "checkpoints" / "samples-000000000160" / "players.safetensors")
        for name in ("two", "one")
    ]
    for name, value in weights[1].items():
        assert torch.equal(value, weights[0][name]), name


def test_two_processes_killed_and_resumed_are_two_left_alone(tmp_path: Path) -> None:
    base = by_name("ring")
    changes = {"samples": 400, "saves": 20, "snapshots": 0, "scores": [], "threads": 1}
    text = to_yaml(override(base, {**tiny_overrides("ring"), **changes}))
    port = free_port()
    path = tmp_path / "broken"
    children = [start(torchrun_child, text, str(path), rank, port, str(tmp_path / f"killed.{rank}")) for rank in (0, 1)]
    begun = time.monotonic()
    while children[0].is_alive() and time.monotonic() - begun < 60 and not saves(path):
        time.sleep(0.005)
    kill(children[1])
    if children[0].is_alive():  # else it has noticed already that it is alone
        kill(children[0])
    assert children[1].exitcode == -signal.SIGKILL
    assert children[0].exitcode != 0
    together(None, path)
    together(text, tmp_path / "alone")
    assert digests(path) == digests(tmp_path / "alone")


def test_without_a_store_nothing_is_shared_by_rank_0() -> None:
    with pytest.raises(UsageError, match="2 processes") as raised:
        ProcessGroup(0, 2).on_rank_0(lambda: 1)
    assert raised.value.exit_code == 2
