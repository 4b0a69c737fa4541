"""A run killed and resumed is the run left alone, bit for bit."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

import pytest

import ganvas
from ganvas.base.schedule import Linear, Ramp
from ganvas.data.labelled_subset import LabelledSubset
from ganvas.data.mnist import Mnist
from ganvas.data.points import Grid, Moons, Ring
from ganvas.games.synthesis import Synthesis
from ganvas.losses.relativistic import Relativistic
from ganvas.penalties.every import Every
from ganvas.penalties.gradient import R1, R2
from ganvas.recipes import Phase, Recipe, override
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Scored, Snapshot, checkpoints, read_events
from ganvas.runs.events import Event, Progress, Rewound, Saved, Started, Stopped, read_all_events
from processes import Blobs, Tallied, Watch, digests, finish, kill, our_parts, state_of, train_and_kill, train_apart

QUICK: dict[str, Any] = {
    "batch_samples": 8,
    "samples": 480,
    "saves": 8,
    "snapshots": 2,
    "scores": [],
    "precision": "fp32",
    "threads": 1,
}

GROWTH: dict[str, Any] = {"game.detail": {"kind": "Linear", "start": 0.0, "end": 1.5}}
SLOW_AVERAGE: dict[str, Any] = {"G.ema.ramp": 1.0}  # which forgets nothing within sixty rounds


def quick(name: str, recipe: Recipe | None = None, **changes: Any) -> Recipe:
    """A recipe, or a changed form of it, at its tiny size, sixty rounds long."""
    recipe = recipe or by_name(name)
    source = (
        Blobs(count=200) if isinstance(recipe.source, Mnist) else recipe.source
    )  # 200 is no multiple of 8: batches reach across passes
    with our_parts():
        return override(
            replace(recipe, source=source),
            {
                **{key: value for key, value in tiny_overrides(name).items() if key != "source.samples"},
                **QUICK,
                **changes,
            },
        )


def ring() -> Recipe:
    return replace(by_name("ring"), source=Ring(samples=200))


def tallied() -> Recipe:
    """The game owns a state, and a second stream runs beside the data."""
    return quick("ring", replace(ring(), game=Tallied(), streams={"side": Moons(samples=150)}))


def scheduled_phases() -> Recipe:
    """Schedules in a penalty, a weight and an optimiser; three phases with changes; R1 on weights that a critic gets
    three turns for.
    """
    game = Synthesis(penalties=(R1(gamma=Ramp(1.0, 300)),), discriminator_weight=Linear(1.0, 0.5), n_critic=2)
    phases = (
        Phase(samples=1, changes={"game.n_critic": 1}),
        Phase(samples=1, turns=("discriminator", "discriminator", "discriminator", "generator")),
        Phase(samples=2, changes={"G.optimiser.lr": 1e-4}),
    )
    return quick("ring", replace(ring(), game=game, phases=phases), samples=960)


def lazy() -> Recipe:
    return replace(
        quick("rgan"), game=Synthesis(loss=Relativistic(), penalties=(Every(4, R1(gamma=0.1)), Every(5, R2(gamma=0.1))))
    )


def few_labels() -> Recipe:
    """A labelled stream whose y are dealt too; D's first weights depend on the data."""
    return quick(
        "feature-matching",
        replace(by_name("feature-matching"), streams={"labelled": LabelledSubset(Blobs(count=200), per_class=5)}),
        micro_batches=2,
    )


def adaptive() -> Recipe:
    """The probability of the views moves in every second turn, and D's logits stay near averages of earlier ones."""
    changes: dict[str, Any] = {
        "game.adaptive": {"kind": "Adaptive", "interval": 2, "samples": 100},
        "game.views": ["Blit", "Warp", "ColourMap", "BandGains", "VariedNoise"],
        "game.penalties": ["LeCam"],
        "micro_batches": 2,
    }
    return quick("dcgan", **changes)


def unpaired() -> Recipe:
    """Two generators, two critics, a stream, and a pool that is full after three rounds."""
    base = replace(by_name("cyclegan"), source=Blobs(count=200), streams={"input": Blobs(count=150)})
    return quick("cyclegan", base, **{"game.pool_samples": 20, "micro_batches": 2})


CASES: dict[str, Callable[[], Recipe]] = {
    "conditional, batch norm in G, EMA, cosine": lambda: quick("mnist", **SLOW_AVERAGE),
    "batch norm in both, two micro-batches": lambda: quick("dcgan", micro_batches=2),
    "lazy R1 and R2, two threads": lambda: replace(lazy(), threads=2, samples=160),
    "translation in phases": lambda: quick("inpaint-mnist", micro_batches=2),
    "dropout and shifts": lambda: quick("digits", micro_batches=2),
    "points with R1 and scores": lambda: quick("ring", ring(), scorings=3, scores=[{"kind": "ModeCoverage", "n": 100}]),
    "points, relativistic": lambda: quick("rgan.grid", replace(by_name("rgan.grid"), source=Grid(samples=300))),
    "conditional in both, batch norm in both": lambda: quick("cgan", seed=7),
    "semi-supervised, noise, a start from data": few_labels,
    "auxiliary classifier, classes beside z": lambda: quick("acgan", micro_batches=2),
    "codes and dials": lambda: quick("infogan"),
    "classes beside x": lambda: quick("cgan.concat"),
    "classes in the norms, two micro-batches": lambda: quick("cgan.norm", micro_batches=2),
    "schedules and phases": scheduled_phases,
    "a game with a state, two streams": tallied,
    "translation without pairs": unpaired,
    "adaptive augmentation, averages of logits": adaptive,
    "styles, noise, a running path length": lambda: quick("stylegan2", micro_batches=2),
    "growing networks": lambda: quick("progressive", **GROWTH),
    "bf16": lambda: quick("mnist", precision="bf16", **SLOW_AVERAGE),
    "minimax, never saved on the way": lambda: quick("gan", saves=0),
}


KILLED = (  # by SIGKILL in the gate too; the others in `make weekly`
    "batch norm in both, two micro-batches",
    "lazy R1 and R2, two threads",
    "points with R1 and scores",
    "minimax, never saved on the way",
)


@pytest.mark.parametrize(
    "name", [name if name in KILLED else pytest.param(name, marks=pytest.mark.slow) for name in CASES]
)
def test_killed_and_resumed_is_bitwise_the_run_left_alone(name: str, tmp_path: Path) -> None:
    recipe = CASES[name]()
    alone, broken = tmp_path / "alone", tmp_path / "broken"
    undisturbed = train_apart(recipe, alone)
    kills = (2 if recipe.threads > 1 else 3) if recipe.saves else 1
    landed = train_and_kill(recipe, broken, kills=kills, random=Random(name))
    finish(undisturbed, alone)
    assert all(each.rounds > 0 for each in landed)
    it_went_on_as_if_left_alone(broken, alone, recipe)


@pytest.mark.parametrize("name", [name for name in CASES if name not in KILLED])
def test_resumed_from_its_folder_alone_it_is_bitwise_the_run_left_alone(name: str, tmp_path: Path) -> None:
    """Another process goes on from a copy of the folder as it was right after a save in the middle."""
    recipe = replace(CASES[name](), saves=3)
    recipe = replace(recipe, samples=recipe.samples // 3)
    alone, broken = tmp_path / "alone", tmp_path / "broken"

    def copy(event: Event) -> None:
        if isinstance(event, Saved) and recipe.samples / 2 < event.samples < recipe.samples:
            shutil.copytree(alone, broken)

    with our_parts():
        ganvas.train(recipe, out=alone, on_event=copy)
    finish(train_apart(None, broken), broken)
    it_went_on_as_if_left_alone(broken, alone, recipe)


def it_went_on_as_if_left_alone(broken: Path, alone: Path, recipe: Recipe) -> None:
    """Every tensor, the state and what the log says."""
    if recipe.saves:
        started = [event.samples for event in read_all_events(broken / "events.jsonl") if isinstance(event, Started)]
        assert 0 < started[-1] < recipe.samples, "it went on from the middle"
    assert digests(broken) == digests(alone)
    assert state_of(broken)["state"] == "finished"
    the_log_reads_like_one_run(broken, alone)


def timeless(event: Event) -> Event:
    """An event without what depends on the time that it takes: a sheet of raw weights is drawn if cheap."""
    event = replace(event, raw="") if isinstance(event, Snapshot) else event
    return replace(event, time=0.0)


def the_log_reads_like_one_run(broken: Path, alone: Path) -> None:
    """`read` hides what was done again."""
    told, raw = read_events(broken / "events.jsonl"), list(read_all_events(broken / "events.jsonl"))
    assert [event.samples for event in told] == sorted(event.samples for event in told)
    for kind in (Progress, Snapshot, Scored, Saved):
        marks = [(event.samples, getattr(event, "split", "")) for event in told if isinstance(event, kind)]
        assert len(marks) == len(set(marks)), kind
    for kind in (Snapshot, Scored):
        mine, theirs = (
            [timeless(event) for event in read_events(path / "events.jsonl") if isinstance(event, kind)]
            for path in (broken, alone)
        )
        assert mine == theirs
    assert not any(isinstance(event, Rewound) for event in told)
    assert any(isinstance(event, Started) and event.resumed for event in raw)
    assert isinstance(told[-1], Stopped)
    sheets, others = (
        {picture.name for picture in (path / "samples").iterdir() if "-raw" not in picture.name}
        for path in (broken, alone)
    )
    assert sheets == others


def test_kills_land_in_the_middle_of_a_save(tmp_path: Path) -> None:
    recipe = quick("ring", ring())
    landed = train_and_kill(recipe, tmp_path / "run", kills=4, random=Random(1))
    assert any(each.saving for each in landed), landed
    assert not list((tmp_path / "run" / "checkpoints").glob(".writing-*")), (
        "what a killed save left behind is cleared away"
    )


def test_the_comparison_sees_a_difference(tmp_path: Path) -> None:
    runs = [tmp_path / str(seed) for seed in (0, 1)]
    for child, run in [(train_apart(quick("ring", ring(), samples=80, seed=int(run.name)), run), run) for run in runs]:
        finish(child, run)
    first, second = digests(runs[0]), digests(runs[1])
    assert first.keys() == second.keys()
    assert sum(first[name] != second[name] for name in first) > 10


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_run_cleanly_and_it_can_go_on(number: signal.Signals, tmp_path: Path) -> None:
    recipe = quick("dcgan", saves=1)
    alone, path, watch_file = tmp_path / "alone", tmp_path / "run", tmp_path / "watch"
    undisturbed = train_apart(recipe, alone)
    watch = Watch(watch_file)
    child = train_apart(recipe, path, watch_file)
    wait_for(child, lambda: watch.get()[0] >= 11)
    kill(child, number)
    if number == signal.SIGTERM:
        assert child.exitcode == -signal.SIGTERM
    else:
        assert "KeyboardInterrupt" in Path(f"{path}.error").read_text()
    assert state_of(path)["state"] == "interrupted"
    last = read_events(path / "events.jsonl")[-1]
    assert isinstance(last, Stopped)
    assert last.reason == number.name
    assert 88 <= last.samples < 480
    assert (
        json.loads((path / "checkpoints" / f"samples-{last.samples:012d}" / "state.json").read_text())["samples_seen"]
        == last.samples
    )
    finish(train_apart(None, path), path)
    finish(undisturbed, alone)
    assert digests(path) == digests(alone)
    assert state_of(path)["state"] == "finished"


def test_a_second_ctrl_c_ends_it_at_once_and_it_can_go_on(tmp_path: Path) -> None:
    """The first asks for a last checkpoint; the second comes while that is being written."""
    recipe = quick("dcgan", saves=1)
    alone, path, watch_file = tmp_path / "alone", tmp_path / "run", tmp_path / "watch"
    undisturbed = train_apart(recipe, alone)
    watch = Watch(watch_file)
    child = train_apart(recipe, path, watch_file)
    assert child.pid is not None
    wait_for(child, lambda: watch.get()[0] >= 11)
    os.kill(child.pid, signal.SIGINT)
    wait_for(child, lambda: bool(watch.get()[2]))
    kill(child, signal.SIGINT)
    assert state_of(path)["state"] == "aborted"
    assert not checkpoints.newest_first(path / "checkpoints"), "half a checkpoint is none"
    assert not list((path / "checkpoints").glob(".writing-*"))
    finish(train_apart(None, path), path)
    finish(undisturbed, alone)
    assert digests(path) == digests(alone)


def wait_for(child: BaseProcess, reached: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not reached() and child.is_alive() and time.monotonic() - begun < 60:
        time.sleep(0.0005)


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run"
    recipe = quick("ring", ring(), samples=80, scores=[{"kind": "ModeCoverage", "n": 100}])
    finish(train_apart(recipe, path), path)
    before, scores = digests(path), [event for event in read_events(path / "events.jsonl") if isinstance(event, Scored)]
    finish(train_apart(None, path), path)
    assert digests(path) == before
    assert [event for event in read_events(path / "events.jsonl") if isinstance(event, Scored)] == scores, (
        "a finished run is not scored again"
    )
