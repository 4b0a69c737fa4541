"""Which part of the data a run's scores and its doctor read. Each part has a mean and a size of its own."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

import ganvas
from ganvas.base.types import Batch, Spec
from ganvas.data.source import Items, Split
from ganvas.metrics.contract import Result
from ganvas.recipes import override
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Run, Scored, SignalsMeasured
from ganvas.runs.events import read_all_events

SIZES: dict[str, int] = {"train": 64, "val": 30, "test": 40}
MEANS: dict[str, float] = {"train": 0.0, "val": 1.0, "test": 2.0}


@dataclass(frozen=True)
class Uneven:
    """Points of variance 1 near (m, m), m another number in each part of the data."""

    def items(self, split: Split) -> Items:
        noise = np.random.default_rng(SIZES[split]).normal(size=(SIZES[split], 2))
        noise -= noise.mean(0)
        return Items(x=(noise / noise.std() + MEANS[split]).astype(np.float32))


@dataclass(frozen=True)
class RealMean:
    """The mean and the count of the reals, and the mean of the fakes (real against real: of training data)."""

    n: int = 1000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        return

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        found = {"mean": float(real.x.mean()), "count": float(len(real.x)), "fake_mean": float(fake.x.mean())}
        return tuple(Result(name, value, len(real.x)) for name, value in found.items())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    base = by_name("ring")
    changes: dict[str, Any] = {"precision": "fp32", "threads": 1, "snapshots": 0, "samples": 64, "scorings": 2}
    recipe = replace(override(base, {**tiny_overrides("ring"), **changes}), source=Uneven(), scores=(RealMean(),))
    return ganvas.train(recipe, out=tmp_path_factory.mktemp("run") / "run", test=True)


def test_a_score_is_of_the_part_that_it_names(run: Run) -> None:
    scored = [event for event in read_all_events(run.events) if isinstance(event, Scored)]
    assert [event.split for event in scored][:2] == ["val", "val"]
    for event in scored:
        assert event.scores["mean"] == pytest.approx(MEANS[event.split], abs=1e-5)
        assert event.scores["count"] == SIZES[event.split]


@pytest.mark.parametrize("split", ["val", "test"])
def test_an_evaluation_is_of_the_part_that_it_names(run: Run, split: Any) -> None:
    found = ganvas.evaluate(str(run.path), split=split, parts=(Uneven, RealMean))
    assert found["mean"].value == pytest.approx(MEANS[split], abs=1e-5)
    assert found["count"].value == found["count"].n == SIZES[split]
    assert found["count"].protocol["split"] == split


def test_the_baseline_of_a_score_is_of_the_training_part(run: Run) -> None:
    rows = [row for row in run.read_metrics() if row["name"] == "fake_mean"]
    baselines = {row["protocol"]["split"]: row["real_vs_real"] for row in rows}
    assert set(baselines) == {"val", "test"}
    assert all(mean == pytest.approx(training_mean(SIZES[split]), abs=1e-5) for split, mean in baselines.items())


def training_mean(count: int) -> float:
    """Of the first training items."""
    return float(Uneven().items("train").x[:count].mean())


def test_the_doctors_held_out_reals_are_of_val(run: Run) -> None:
    looks = [event.signals for event in read_all_events(run.events) if isinstance(event, SignalsMeasured)]
    assert looks
    assert {(look["data.shown"], look["data.held"]) for look in looks} == {(SIZES["train"], SIZES["val"])}
