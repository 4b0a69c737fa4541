"""Scores of a phase with other rules are not compared with those of the last one."""

from pathlib import Path
from typing import Any

import pytest

import ganvas
from ganvas.diagnosis import diagnose_run
from ganvas.runs import SignalsMeasured, chosen_checkpoint, read_events
from ganvas.runs.current_scores import current_scores, rules_since

REGRESSION = {"samples": 3, "turns": ["reconstruction"]}
GAME: dict[str, Any] = {"samples": 1}


@pytest.mark.parametrize(
    ("phases", "reached", "since"),
    [
        ([], 400, 0),
        ([REGRESSION, GAME], 200, 0),
        ([REGRESSION, GAME], 300, 0),  # the end of a phase belongs to it
        ([REGRESSION, GAME], 301, 300),
        ([GAME, {"samples": 3, "changes": {"G.optimiser.lr": 0.1}}], 400, 0),  # the same rules
        ([GAME, {"samples": 3, "changes": {"game.adversarial_weight": 0.1}}], 400, 100),
        ([REGRESSION, GAME, {**GAME, "changes": {"G.optimiser.lr": 0.1}}], 400, 240),
        ([GAME, {"samples": 1, "game": {"kind": "Supervised"}}], 400, 200),
    ],
)
def test_where_the_rules_changed(phases: list[dict[str, Any]], reached: int, since: int) -> None:
    assert rules_since({"samples": 400, "phases": phases}, reached) == since


def test_an_adversarial_phase_is_not_worse_for_its_lower_psnr(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"samples": 6_000, "generator.width": 8, "generator.blocks": 1, "scores.0.n": 600}
    changes |= {"scorings": 6, "saves": 6, "diagnoses": 6, "snapshots": 0, "threads": 1, "precision": "fp32"}
    strong = {"game.adversarial_weight": 1.0, "game.pair_terms": [], "game.reconstruction_weight": 0.1}
    run = ganvas.train("srgan", changes=changes | strong, out=tmp_path / "run", quiet=True)
    psnr = {each["samples"]: each["value"] for each in run.read_metrics() if each["name"] == "psnr"}
    assert {each["samples"] for each in current_scores(run)} == {samples for samples in psnr if samples > 3_008}
    better = chosen_checkpoint(run)
    assert better is None or better.samples > 3_008
    found = {each.name for each in diagnose_run(run)}
    assert not found & {"divergence", "time to stop", "a player stands still"}
    updates = [event.signals for event in read_events(run.events) if isinstance(event, SignalsMeasured)]
    assert ["D.update" in signals for signals in updates] == [False] * 3 + [True] * 3
    assert all("G.update" in signals for signals in updates)
