import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import ganvas
from ganvas.base.errors import UsageError
from ganvas.recipes import live_trainer, override, prepare, read_recipe
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Event, Started
from ganvas.training import ProcessGroup, Trainer, TunedSettings, autotune, tune


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(autotune, "SECONDS", 0.01)
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def trainer() -> Trainer:
    base = by_name("ring")
    return live_trainer(prepare(override(base, tiny_overrides("ring"))), torch.device("cpu"), ProcessGroup())


@pytest.mark.parametrize(("threads", "precision"), [(0, "auto"), (1, "auto"), (0, "fp32"), (2, "bf16")])
def test_the_answer_is_one_of_the_settings_left_open(threads: int, precision: str) -> None:
    found = tune(trainer(), threads=threads, precision=precision)
    cores = len(os.sched_getaffinity(0))
    assert found.threads in ({threads} if threads else set(range(1, cores + 1)))
    assert found.precision in ({precision} if precision != "auto" else {"fp32", "bf16"})
    assert found.samples_per_second > 0


def test_the_less_plain_choice_must_be_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    speeds: dict[tuple[int, str], float] = {}
    monkeypatch.setattr(autotune, "remaining_parts", lambda *_: [(0, 1_000_000)])
    monkeypatch.setattr(
        autotune,
        "speed",
        lambda _, threads, precision, seconds, samples_seen: (
            speeds[threads, precision] - (5 if seconds > autotune.SECONDS else 0)
        ),
    )
    for table, best in [
        ({(1, "fp32"): 100, (1, "bf16"): 109, (2, "fp32"): 104, (2, "bf16"): 110}, (1, "fp32")),
        ({(1, "fp32"): 100, (1, "bf16"): 111, (2, "fp32"): 104, (2, "bf16"): 112}, (1, "bf16")),
        ({(1, "fp32"): 100, (1, "bf16"): 90, (2, "fp32"): 180, (2, "bf16"): 190}, (2, "fp32")),
    ]:
        speeds.update(table)
        found = tune(trainer(), threads=0, precision="auto")
        assert found == TunedSettings(*best, speeds[best] - 5), "of a short burst and a longer one, the slower counts"


def test_a_run_that_is_shorter_than_the_measurement_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    tried: list[tuple[int, str]] = []

    def speed(_: Trainer, threads: int, precision: str, **_others: object) -> float:
        tried.append((threads, precision))
        return 100.0

    monkeypatch.setattr(autotune, "speed", speed)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    for samples, settings in [(10, 1), (20, 4)]:  # four settings twice, and five times the chosen one: 13 x 0.01 s
        monkeypatch.setattr(autotune, "remaining_parts", lambda *_, n=samples: [(0, n)])
        tried.clear()
        assert tune(trainer(), threads=0, precision="auto") == TunedSettings(1, "fp32", 100.0)
        assert len(set(tried)) == settings
    tried.clear()
    tune(trainer(), threads=0, precision="auto", within=0.01)
    assert len(set(tried)) == 4, "a budget of minutes needs the speed"


def test_bf16_is_not_measured_where_the_processor_lacks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for capability, can in [("AVX2", False), ("NO AVX", False), ("AVX512", True), ("DEFAULT", True)]:
        monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda found=capability: found)
        assert autotune.calculates_bf16(on_cpu=True) == can


def test_what_was_measured_is_written_into_the_run(tmp_path: Path) -> None:
    base = by_name("ring")
    recipe = override(base, {**tiny_overrides("ring"), "scores": [], "precision": "auto", "threads": 0})
    threads: list[int] = []  # while it trains

    def note(event: Event) -> None:
        if isinstance(event, Started):
            threads.append(torch.get_num_threads())

    run = ganvas.train(recipe, out=tmp_path / "run", minutes=0.0005, on_event=note)
    settled = read_recipe(run.config)
    assert settled.threads in range(1, len(os.sched_getaffinity(0)) + 1)
    assert settled.precision in ("fp32", "bf16")
    assert settled.samples % settled.batch_samples == 0
    assert settled.domain is not None
    assert run.read_json("status.json")["samples"] == settled.samples
    ganvas.resume(run.path, on_event=note)
    assert threads == [settled.threads] * 2, "a resumed run is settled alike"


def test_measuring_leaves_the_run_at_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It plays with players of its own. On one core it can choose one thread alone, so both runs have the same sums."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    played: list[int] = []
    phase_speed = autotune.phase_speed

    def noted(measured: Trainer, seconds: float) -> float:
        found = phase_speed(measured, seconds)
        played.append(sum(measured.turns.values()))
        return found

    monkeypatch.setattr(autotune, "phase_speed", noted)
    base = by_name("ring")
    fixed = {**tiny_overrides("ring"), "scores": [], "snapshots": 0, "precision": "fp32"}
    players: list[bytes] = []
    for threads in (0, 1):
        run = ganvas.train(override(base, {**fixed, "threads": threads}), out=tmp_path / str(threads))
        players.append((next(run.checkpoints.iterdir()) / "players.safetensors").read_bytes())
        assert read_recipe(run.config).threads == 1
        assert played, "the first run has measured"
    assert players[0] == players[1]


def test_parts_that_do_not_fit_are_told_whatever_torch_raises() -> None:
    base = by_name("infogan")
    recipe = override(base, {**tiny_overrides("infogan"), "game.auxiliary.0.categories": 5})
    with pytest.raises(UsageError, match="do not fit together"):
        autotune.dry_round(live_trainer(prepare(recipe), torch.device("cpu"), ProcessGroup()))


def test_growing_networks_are_measured_along_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: 100 samples a second in the first half, 25 in the second: 40 over the whole."""
    changes = {**tiny_overrides("progressive"), "samples": 1000}
    changes.pop("game.detail")
    grown = live_trainer(prepare(override(by_name("progressive"), changes)), torch.device("cpu"), ProcessGroup())
    monkeypatch.setattr(autotune, "phase_speed", lambda trainer, seconds: 100.0 if trainer.samples_seen < 500 else 25.0)
    assert autotune.speed(grown, 1, "fp32") == pytest.approx(40)
    assert autotune.measured_parts(grown, 600)[0] == (650, 100)
    assert autotune.measured_parts(trainer(), 0) == [(0, 16)], "nothing grows"
