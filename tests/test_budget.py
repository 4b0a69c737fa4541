"""--minutes: scores, snapshots and checkpoints are part of the time."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import ganvas
from ganvas.base.types import Batch, Spec
from ganvas.metrics import DigitScores, PictureScores, Result
from ganvas.metrics.modes import ModeCoverage
from ganvas.recipes import Recipe, live_trainer, override, prepare, read_recipe
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.sessions.time_budget import (
    CLOSING,
    DIAGNOSED,
    DURING,
    FEWEST,
    FEWEST_DIAGNOSES,
    LEAST,
    SHOWN,
    SLACK,
    Costs,
    fitted,
    planned,
    reductions,
    scoring_costs,
    shortage,
    sized,
)
from ganvas.training import ProcessGroup, Scorer, autotune

CPU = torch.device("cpu")
FREE = Costs(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def ring(**changes: Any) -> Recipe:
    base = by_name("ring")
    return override(
        base,
        {
            **tiny_overrides("ring"),
            "source.samples": 1_000,
            "scores": [{"kind": "ModeCoverage", "n": 100}],
            "threads": 1,
            "precision": "fp32",
            **changes,
        },
    )


def seconds_of(recipe: Recipe, numbers: dict[str, Any], costs: Costs, rate: float) -> float:
    """What a run of these numbers takes, by its costs."""
    scoring = costs.scoring + costs.testing + max(0, numbers["scorings"] - 1) * (costs.scoring + costs.save)
    shown = numbers["snapshots"] * costs.snapshot + (numbers["saves"] + 1) * costs.save
    return (
        numbers["samples"] / rate + scoring + shown + costs.opening + numbers["diagnoses"] * costs.diagnosis + CLOSING
    )


cost = st.floats(0.0, 20.0)


@given(
    st.builds(Costs, cost, cost, cost, cost, cost, cost),
    st.floats(10.0, 10_000.0),
    st.floats(5.0, 3_600.0),
    st.floats(0.0, 1.0),
)
def test_a_run_takes_the_time_asked_for_or_trains_for_its_least_share(
    costs: Costs, rate: float, seconds: float, passed: float
) -> None:
    recipe = by_name("ring")
    left = seconds * (1 - passed)
    numbers = planned(recipe, costs, rate, seconds=seconds, left=left)
    batch = recipe.batch_samples / rate
    needed = seconds_of(recipe, numbers, costs, rate)
    last = costs.scoring + costs.testing + costs.save + costs.opening + CLOSING
    training = max(left - last, LEAST * seconds)
    unavoidable = costs.snapshot + costs.save + numbers["diagnoses"] * costs.diagnosis  # once each, however dear
    beside = (DURING + 2 * SHOWN) * training  # scorings, snapshots and checkpoints, where training gets its least share
    assert needed <= last + training + beside + unavoidable + batch
    assert numbers["samples"] / rate >= SLACK * LEAST * seconds - batch
    assert numbers["samples"] % recipe.batch_samples == 0
    assert 1 <= numbers["scorings"] <= recipe.scorings
    assert 1 <= numbers["snapshots"] <= recipe.snapshots
    assert 1 <= numbers["saves"] <= recipe.saves
    assert FEWEST_DIAGNOSES <= numbers["diagnoses"] <= recipe.diagnoses
    assert numbers["diagnoses"] * costs.diagnosis <= max(DIAGNOSED * training, FEWEST_DIAGNOSES * costs.diagnosis)


def test_what_costs_nothing_is_done_as_often_as_the_recipe_says() -> None:
    recipe = by_name("ring")
    numbers = planned(recipe, FREE, 1_000.0, seconds=100.0, left=100.0)
    assert {name: numbers[name] for name in ("scorings", "snapshots", "saves")} == {
        name: getattr(recipe, name) for name in ("scorings", "snapshots", "saves")
    }
    assert numbers["samples"] == pytest.approx((100 - CLOSING) * 1_000 * SLACK, abs=recipe.batch_samples)
    assert reductions(recipe, recipe, 100.0) == ()


def test_a_score_that_takes_long_comes_once_at_the_end_and_is_counted() -> None:
    dear = FREE._replace(scoring=30.0, testing=40.0)
    numbers = planned(by_name("ring"), dear, 1_000.0, seconds=180.0, left=170.0)
    assert numbers["scorings"] == 1
    assert numbers["samples"] == pytest.approx((170 - 70 - CLOSING) * 1_000 * SLACK, abs=128)
    alone = planned(by_name("ring"), dear._replace(testing=0.0), 1_000.0, seconds=180.0, left=170.0)
    assert alone["samples"] - numbers["samples"] == pytest.approx(40 * 1_000 * SLACK, abs=128), (
        "no test, no time for it"
    )
    never = replace(by_name("ring"), scorings=0)
    assert planned(never, dear, 1_000.0, seconds=180.0, left=170.0)["samples"] == numbers["samples"], (
        "the finished run is scored on val all the same"
    )


@dataclass(frozen=True)
class Dear:
    """A metric whose clock the test moves: a second for every 100 samples of each side."""

    clock: Any
    n: int = 10_000

    def __hash__(self) -> int:
        return self.n

    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None: ...

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        self.clock[0] += (len(real.x) + len(fake.x)) / 100
        return (Result("dear", 1.0, len(fake.x)),)


def test_where_full_scores_would_take_too_long_they_take_fewer_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    experiment = prepare(ring(**{"source.samples": 200_000}))
    experiment = replace(experiment, recipe=replace(experiment.recipe, scores=(Dear(clock),)))
    trial = live_trainer(experiment, CPU, ProcessGroup())
    networks = {name: player.best for name, player in trial.players.items()}
    (full,), scoring, testing = scoring_costs(experiment, trial, networks, 1e9, test=True)
    assert (full.n, scoring, testing) == (10_000, 200.0, 400.0)
    (more,), scoring, testing = scoring_costs(experiment, trial, networks, 500.0, test=False)
    assert more.n == 500 * 0.4 * 500 / (10 + 10) // 100 * 100
    assert (scoring, testing) == (more.n / 50, 0.0)
    (less,), scoring, testing = scoring_costs(experiment, trial, networks, 500.0, test=True)
    assert less.n == 500 * 0.4 * 500 / (2 * (10 + 10)) // 100 * 100
    assert (scoring, testing) == (less.n / 50, less.n / 25)
    (least,), _, _ = scoring_costs(experiment, trial, networks, 1.0, test=False)
    assert least.n == FEWEST
    words = reductions(experiment.recipe, replace(experiment.recipe, scores=(less,), scorings=1), 500.0)
    assert len(words) == 1
    assert f"{less.n:,}" in words[0]
    assert "10,000" in words[0]


def test_a_start_that_takes_most_of_the_minutes_is_said() -> None:
    assert shortage(31.0, 60.0) == ()
    (sentence,) = shortage(20.0, 60.0)  # 40 s for all the rest: a quarter of 160 s
    assert "20 of 60 s" in sentence
    assert "--minutes 3 " in sentence


def test_sizes_of_metrics() -> None:
    assert sized(ModeCoverage(n=2500), 500) == ModeCoverage(n=500)
    assert sized(ModeCoverage(n=100), 500) == ModeCoverage(n=100)


def test_minutes_count_from_where_the_command_began(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = prepare(ring())
    trial = live_trainer(experiment, CPU, ProcessGroup())
    monkeypatch.setattr("time.monotonic", lambda: 1_000.0)
    monkeypatch.setattr("time.perf_counter", lambda: 0.0)  # nothing takes any time
    late, early = (
        fitted(experiment, trial, 1_000.0, ProcessGroup(), seconds=60.0, started_at=started_at)[0].samples
        for started_at in (960.0, 1_000.0)
    )
    assert early - late == pytest.approx(40 * 1_000 * SLACK, abs=experiment.recipe.batch_samples)


def test_what_was_settled_stands_in_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autotune, "SECONDS", 0.01)
    heard: list[str] = []
    run = ganvas.train(ring(snapshots=500), minutes=0.02, out=tmp_path / "run", on_message=heard.append)
    settled = read_recipe(run.config)
    assert settled.snapshots < 500
    assert any("snapshot" in sentence and "500" in sentence for sentence in heard)
    assert "500" in (run.path / "log.txt").read_text()
    assert ganvas.resume(run.path).read_json("status.json")["samples"] == settled.samples


class Counted:
    """A metric of two sides that counts what it looks at."""

    n = 50

    def __init__(self) -> None:
        self.recorded: list[float] = []

    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None: ...

    def summarize(self, batch: Batch) -> float:
        self.recorded.append(float(batch.x.sum()))
        return self.recorded[-1]

    def compare(self, *, real: float, fake: float, errors: bool = True) -> tuple[Result, ...]:
        return (Result("gap", abs(real - fake), self.n),)

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        raise AssertionError("sides are looked at apart")


def test_reals_are_looked_at_once() -> None:
    experiment = prepare(ring())
    trainer, metric = live_trainer(experiment, CPU, ProcessGroup()), Counted()
    networks = {name: player.best for name, player in trainer.players.items()}
    train = experiment.stream("train")

    def scorer(split: Any) -> Scorer:
        return Scorer(
            (metric,),
            trainer.phases[-1].game,
            experiment.spec,
            reals=experiment.stream(split),
            split=split,
            train=train,
            cache=experiment.score_cache,
        )

    scorer("val").baselines()
    assert len(metric.recorded) == 2, "val and train"
    first = scorer("val").score(networks)
    assert scorer("val").score(networks) == first
    assert len(metric.recorded) == 4, "the fakes of each scoring, and no reals"
    assert first[0].real_vs_real == abs(metric.recorded[0] - metric.recorded[1])
    scorer("test").score(networks)
    assert len(metric.recorded) == 6, "the test reals and the fakes; training reals are known"


def test_a_small_val_is_looked_at_once_to_time_it_and_for_the_run() -> None:
    experiment, metric = prepare(ring()), Counted()
    experiment = replace(experiment, recipe=replace(experiment.recipe, scores=(metric,)))
    trial = live_trainer(experiment, CPU, ProcessGroup())
    networks = {name: player.best for name, player in trial.players.items()}
    scores, scoring, testing = scoring_costs(experiment, trial, networks, 1e9, test=True)
    assert scores == (metric,)
    assert len(metric.recorded) == 3, "val, train and the fakes, which are as many as a full scoring has"
    assert 0 < scoring < testing
    sides: dict[str, Any] = {"reals": experiment.stream("val"), "split": "val", "train": experiment.stream("train")}
    Scorer((metric,), trial.phases[-1].game, experiment.spec, **sides, cache=experiment.score_cache).baselines()
    assert len(metric.recorded) == 3, "the run finds them in its cache"


@pytest.mark.parametrize(("metric", "channels"), [(DigitScores(n=60), 1), (PictureScores(n=60), 3)])
def test_sides_looked_at_apart_score_the_same(metric: Any, channels: int) -> None:
    draw = torch.Generator().manual_seed(0)
    x, fake = (torch.rand(60, channels, 28, 28, generator=draw) * 2 - 1 for _ in range(2))
    y = torch.arange(60) % 10
    sides = {"real": Batch(x=x, y=y), "fake": Batch(x=fake, y=y)}
    whole = metric.measure(**sides)
    looked = {name: metric.summarize(batch) for name, batch in sides.items()}
    assert metric.compare(**looked) == whole
    assert [(each.name, each.value) for each in metric.compare(**looked, errors=False)] == [
        (each.name, each.value) for each in whole
    ]
