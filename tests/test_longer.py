"""Training a run for longer than it was meant to."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ganvas
from ganvas.base.errors import UsageError
from ganvas.base.schedule import Linear
from ganvas.data.points import Ring
from ganvas.recipes import Phase, Recipe, override, read_recipe
from ganvas.recipes import recipe as by_name
from ganvas.recipes.build import live_phases
from ganvas.runs import Run, Scored, Snapshot, checkpoints, read_events
from ganvas.runs.events import Started
from ganvas.sessions.extend import learning_rate_message, longer
from ganvas.training import autotune
from ganvas.training.rank_sync import RankSync
from ganvas.training.trainer import Save, Stop
from processes import digests
from speaking import ganvas as command
from speaking import spoken

QUICK: dict[str, Any] = {
    "batch_samples": 8,
    "samples": 160,
    "saves": 4,
    "snapshots": 2,
    "diagnoses": 0,
    "precision": "fp32",
    "threads": 1,
}
WIDTHS = {"generator.widths": [8], "discriminator.widths": [8]}


def ring(**changes: Any) -> Recipe:
    return override(replace(by_name("ring"), source=Ring(samples=200)), {**WIDTHS, **QUICK, "scores": [], **changes})


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return ganvas.train(ring(scores=[{"kind": "ModeCoverage", "n": 50}], scorings=1), out=tmp_path / "run")


def last_start(run: Run) -> Started:
    return [event for event in read_events(run.events) if isinstance(event, Started)][-1]


def test_a_finished_run_is_trained_longer(run: Run) -> None:
    said = command("resume", run.path, "--samples", "320")
    assert said.code == 0, said
    assert read_recipe(run.config).samples == 320
    assert checkpoints.newest_path(run.checkpoints).name == checkpoints.checkpoint_name(320)
    started = last_start(run)
    assert (started.samples, started.total, started.resumed) == (160, 320, True)
    events = read_events(run.events)
    assert [event.samples for event in events if isinstance(event, Snapshot)] == [80, 160, 320], (
        "moments are spaced evenly over the new total"
    )
    assert [(event.split, event.samples) for event in events if isinstance(event, Scored)][-2:] == [
        ("val", 160),
        ("val", 320),
    ]
    assert run.read_json("status.json")["state"] == "finished"


def test_the_learning_rate_before_and_after_is_said(run: Run) -> None:
    ganvas.resume(run.path, samples=320)
    now = 2e-3 / 2  # the middle of the cosine
    assert f"from 0 to {now:.3g}" in last_start(run).notes
    assert "samples is 320, and was 160" in last_start(run).notes


def test_rates_at_a_place() -> None:
    recipe = ring(**{"G.optimiser.lr": 1e-3, "D.optimiser.lr": {"kind": "Linear", "start": 4e-3, "end": 0.0}})
    assert isinstance(recipe.D.optimiser.lr, Linear)  # type: ignore[union-attr]
    words = learning_rate_message(replace(recipe, samples=400), 100, 200)
    assert "D goes from 0.002 to 0.003" in words
    assert " G " not in words, "its rate is no schedule"
    assert "from" not in learning_rate_message(ring(**{"G.optimiser.lr": 1e-3, "D.optimiser.lr": 1e-3}), 80, 320)


def test_the_longer_run_resumes_bitwise(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twin = Run(shutil.copytree(run.path, tmp_path / "twin"))
    ganvas.resume(run.path, samples=320)
    with monkeypatch.context() as patch:
        patch.setattr(RankSync, "__call__", halted(after=5))
        with pytest.raises(KeyboardInterrupt):
            ganvas.resume(twin.path, samples=320)
    assert 160 < twin.read_json("status.json")["samples"] < 320
    ganvas.resume(twin.path)
    assert digests(run.path) == digests(twin.path)


def halted(after: int) -> Any:
    """All callbacks, and a signal that comes after some rounds."""
    look, rounds = RankSync.__call__, iter(range(10**6))

    def call(self: RankSync, trainer: Any, before: int) -> Iterator[Any]:
        yield from look(self, trainer, before)
        if next(rounds) + 1 == after:
            yield from (Save(), Stop("SIGINT"))

    return call


@pytest.mark.parametrize("samples", ["160", "100"])
def test_no_more_than_was_seen_is_refused(run: Run, samples: str) -> None:
    before = run.config.read_bytes()
    spoken(2, command("resume", run.path, "--samples", samples), "160", "--samples")
    spoken(2, command("resume", run.path, "--samples", "900", "--minutes", "1"), "--samples", "--minutes")
    assert run.config.read_bytes() == before


def test_minutes_become_samples(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autotune, "SECONDS", 0.01)
    assert command("resume", run.path, "--minutes", "0.01").code == 0
    settled = read_recipe(run.config)
    assert settled.samples > 160
    assert run.read_json("status.json")["samples"] == settled.samples


def test_a_finished_run_says_so_and_how_to_go_on(run: Run) -> None:
    said = command("resume", run.path)
    assert said.code == 0
    assert "finished already" in said.err
    assert f"resume {run.path} --samples 320" in said.err
    longer_run = command("resume", run.path, "--samples", "320")
    assert "finished already" not in longer_run.err


def phased() -> Recipe:
    phases = (
        Phase(samples=1, turns=("discriminator", "generator")),
        Phase(samples=3, changes={"G.optimiser.lr": 1e-4}),
    )
    return replace(ring(), phases=phases)


def test_phases_begin_where_they_began_and_the_last_is_extended(tmp_path: Path) -> None:
    recipe = longer(phased(), 160, 800)
    assert [phase.samples for phase in live_phases(phased())] == [40, 120]
    assert [phase.samples for phase in live_phases(recipe)] == [40, 760]
    with pytest.raises(UsageError, match="40"):
        longer(phased(), 16, 40)
    run = ganvas.train(phased(), out=tmp_path / "run")
    ganvas.resume(run.path, samples=240)
    assert [phase.samples for phase in read_recipe(run.config).phases] == [40, 200]
    assert run.read_json("status.json")["samples"] == 240


def test_changed_turns_of_a_phase_are_still_refused(tmp_path: Path) -> None:
    run = ganvas.train(phased(), out=tmp_path / "run")
    run.config.write_text(run.config.read_text().replace("G.optimiser.lr: 0.0001", "G.optimiser.lr: 0.0002"))
    with pytest.raises(UsageError, match=r"phases\.1\.changes"):
        ganvas.resume(run.path, samples=240)


def test_a_resume_that_is_refused_leaves_a_finished_run_as_it_was(run: Run) -> None:
    status, events = run.read_json("status.json"), run.events.read_text()
    assert status["state"] == "finished"
    run.config.write_text(run.config.read_text().replace("batch_samples: 8", "batch_samples: 16"))
    assert "batch_samples: 16" in run.config.read_text()
    with pytest.raises(UsageError, match="batch_samples"):
        ganvas.resume(run)
    assert run.read_json("status.json") == status
    assert run.events.read_text() == events
