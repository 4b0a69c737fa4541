"""A finished run is scored on test as the model that is used afterwards."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import ganvas
from ganvas.recipes import Phase, Recipe, override, recipe
from ganvas.runs import Scored, chosen_checkpoint, read_events


def spoilt() -> Recipe:
    """A digit recipe whose last quarter has a learning rate that ruins G."""
    tiny: dict[str, Any] = {"generator.width": 12, "discriminator.width": 12, "samples": 12_000, "G.ema": None}
    rare = {"scorings": 4, "saves": 4, "snapshots": 0, "diagnoses": 0, "remedies": 0, "threads": 1, "precision": "fp32"}
    found = override(recipe("mnist"), {**tiny, **rare, "scores": [{"kind": "DigitScores", "n": 600}]})
    return replace(found, phases=(Phase(samples=3), Phase(samples=1, changes={"G.optimiser.lr": 1.0})))


def test_test_is_scored_at_the_chosen_checkpoint(tmp_path: Path) -> None:
    run = ganvas.train(spoilt(), out=tmp_path / "run", quiet=True, test=True)
    better = chosen_checkpoint(run)
    assert better is not None, [(each["name"], each["value"], each["error"]) for each in run.read_metrics()]
    on_test = [each for each in run.read_metrics() if each["protocol"]["split"] == "test"]
    assert {each["samples"] for each in on_test} == {better.samples}
    val = {each["samples"]: each["value"] for each in run.read_metrics() if each["name"] == on_test[0]["name"]}
    worst = max(val.values())
    assert on_test[0]["value"] < 0.8 * worst
    events = [event for event in read_events(run.events) if isinstance(event, Scored)]
    assert [event.split for event in events].count("test") == 1
    assert [event.samples for event in events] == sorted(event.samples for event in events)
    again = ganvas.resume(run.path, quiet=True)
    assert len([each for each in again.read_metrics() if each["protocol"]["split"] == "test"]) == len(on_test)
