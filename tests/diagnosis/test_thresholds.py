"""Every threshold of the doctor from both sides, and all of them together on the recorded runs of the fault bench."""

import importlib
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from ganvas.diagnosis.rules import Thresholds, findings, is_collapsed
from ganvas.runs import SignalsMeasured
from health import WELL

N = 16  # looks; shares of the run are exact in binary
ERROR = sqrt((20 + 20 + 1) / (12 * 20 * 20))  # of D.memory by chance, with 20 items of each kind
Signals = Callable[..., dict[str, float]]  # (number of the look, v the value of the boundary) -> what is not well


def verdicts(signals: Callable[[int], dict[str, float]], n: int = N) -> set[str]:
    """What is found at the last of n looks, one sample apart, in a run of 16 samples."""
    looks = [SignalsMeasured(samples=i + 1, time=0.0, signals={**WELL, **signals(i)}) for i in range(n)]
    return {finding.name for finding in findings(looks, N)}


def column(**signals: float) -> dict[str, float]:
    """Of a table whose one column is fine in all that is not given."""
    return {f"column.a.{name}": value for name, value in {"apart": 0.1, "sd": 1.0, "chance": 0.1, **signals}.items()}


BELOW, ABOVE = False, True  # the side of the boundary on which there is a verdict
BOUNDARIES: dict[str, tuple[float, bool, str, Signals]] = {
    "uncovered": (0.12, BELOW, "full collapse", lambda i, v: {"x.coverage": v, "x.repeated": 0.7}),
    "narrow": (0.2, BELOW, "partial collapse", lambda i, v: {"x.coverage": v}),
    "realistic": (0.1, ABOVE, "partial collapse", lambda i, v: {"x.coverage": 0.0, "x.precision": v}),
    "repeats": (0.2, ABOVE, "repeated data", lambda i, v: {"data.repeated": v}),
    "good": (1.5, ABOVE, "starved generator", lambda i, v: {"G.turns": 0.09, "x.apart": v}),
    "far": (4.0, ABOVE, "discriminator too strong", lambda i, v: {"D.ahead": 1.0, "x.apart": v}),
    "worse": (2.0, ABOVE, "divergence", lambda i, v: {"x.apart": 5.0 if i < 8 else 5.0 * v}),
    "swings": (1.5, ABOVE, "oscillation", lambda i, v: {"x.apart": 4.5 * v if i // 3 % 2 else 4.5}),
    "stuck": (0.85, ABOVE, "discriminator too strong", lambda i, v: {"D.ahead": 1.0, "x.apart": 99 * v ** (i / 4)}),
    "strong": (0.97, ABOVE, "discriminator too strong", lambda i, v: {"D.ahead": v, "x.apart": 8.0}),
    "weak": (0.6, BELOW, "weak discriminator", lambda i, v: {"D.ahead": v, "x.apart": 8.0}),
    "memory": (0.63, ABOVE, "discriminator overfits", lambda i, v: {"D.memory": v}),
    "chance": (
        4.0,
        ABOVE,
        "discriminator overfits",
        lambda i, v: {"D.memory": 0.5 + v * ERROR, "data.shown": 20.0, "data.held": 20.0},
    ),
    "nearer": (0.8, ABOVE, "memorisation", lambda i, v: {"x.nearer": v, "data.items": 1.0}),
    "passes": (
        2.0,
        ABOVE,
        "memorisation",
        lambda i, v: {"x.nearer": 0.9, "data.items": 14 / v},
    ),  # 14: third look from last
    "thin": (0.75, BELOW, "few data", lambda i, v: {"data.coverage": v}),
    "vanished": (
        0.02,
        BELOW,
        "vanishing generator gradient",
        lambda i, v: {"D.ahead": 1.0, "generator.gradient": 1.0 if i < 8 else v},
    ),
    "vanished: both players at once": (
        0.02,
        BELOW,
        "vanishing generator gradient",
        lambda i, v: {"D.ahead": 1.0, "both.G.gradient": 10.0 if i < 8 else 10 * v},
    ),
    "still": (1e-3, BELOW, "a player stands still", lambda i, v: {"G.update": 0.01 * v, "D.update": 0.01}),
    "turns": (0.14, BELOW, "starved generator", lambda i, v: {"G.turns": v, "x.apart": 2.0}),
    "restless": (0.25, ABOVE, "oscillation", lambda i, v: {"x.moved": v, "x.apart": 8.0, "D.ahead": 0.8}),
    "stalled": (3.2, ABOVE, "no progress", lambda i, v: {"x.apart": v}),
    "ema_gap": (0.35, ABOVE, "oscillation", lambda i, v: {"x.wobble": v, "x.apart": 2.0}),
    "wait": (0.25, ABOVE, "loader-bound", lambda i, v: {"wait": v}),
    "column": (0.5, ABOVE, "column off", lambda i, v: column(apart=v)),
    "spread": (4.0, ABOVE, "column off", lambda i, v: column(sd=v)),
    "by_chance": (3.0, ABOVE, "column off", lambda i, v: column(sd=10.0, chance=99 / v)),
    "narrow: precision over coverage": (
        2.0,
        ABOVE,
        "partial collapse",
        lambda i, v: {"x.coverage": 0.15, "x.precision": 0.15 * v},
    ),
}


@pytest.mark.parametrize("name", BOUNDARIES)
def test_a_verdict_begins_at_the_threshold(name: str) -> None:
    value, above, verdict, signals = BOUNDARIES[name]
    less, more = (verdict in verdicts(partial(signals, v=v)) for v in (0.999 * value, 1.001 * value))
    assert (less, more) == (not above, above)


def test_every_threshold_has_a_boundary() -> None:
    counts = {"warmup", "sustained", "window", "late"}  # in the tests below
    assert {field.name for field in fields(Thresholds)} - counts <= BOUNDARIES.keys()


def test_three_looks_in_a_row_count_each_the_median_of_three() -> None:
    def off(*bad: int) -> bool:
        return "loader-bound" in verdicts(lambda i: {"wait": 0.3} if N - i in bad else {})

    assert off(4, 3, 2, 1)  # the first bad look has two good ones before it
    assert not off(3, 2, 1)
    assert off(4, 3, 1)  # a good look among three is outvoted
    assert not off(4, 1)


def test_the_first_tenth_is_warm_up() -> None:
    def found(first: int) -> bool:
        looks = [SignalsMeasured(samples=first + i, time=0.0, signals={**WELL, "wait": 0.3}) for i in range(3)]
        return bool(findings(looks, 10_000))

    assert (found(999), found(1000)) == (False, True)


def test_no_progress_is_said_in_the_second_half() -> None:
    assert ["no progress" in verdicts(lambda i: {"x.apart": 3.5}, n) for n in (9, 10)] == [False, True]


def test_samples_that_are_all_alike_are_a_collapse_from_the_half_on_though_they_get_closer() -> None:
    alike = {"x.coverage": 0.02, "x.repeated": 0.9}
    found = ["full collapse" in verdicts(lambda i: {**alike, "x.apart": 9.0 * 0.8**i}, n) for n in (9, 10)]
    assert found == [False, True]
    closer = [SignalsMeasured(i + 1, 0.0, {**WELL, **alike, "x.apart": 9.0 * 0.8**i}) for i in range(10)]
    assert [is_collapsed(closer[:n], N) for n in (9, 10)] == [False, True]


def test_what_follows_from_a_collapse_is_not_said_beside_it() -> None:
    alike = {"x.coverage": 0.02, "x.repeated": 0.9, "x.nearer": 1.0, "data.items": 1.0, "D.memory": 0.9}
    restless = {"x.moved": 0.5, "x.apart": 8.0, "D.ahead": 0.8}
    assert {"oscillation", "discriminator overfits"} <= verdicts(lambda i: {**alike, **restless, "x.coverage": 0.5})
    assert verdicts(lambda i: {**alike, **restless}) == {"full collapse"}


def test_samples_that_are_all_alike_are_no_copies() -> None:
    """They are all closer to a training item, or none, by chance."""
    near = {"x.nearer": 1.0, "data.items": 1.0, "x.repeated": 1.0}
    found = ["memorisation" in verdicts(lambda i, c=c: {**near, "x.coverage": c}) for c in (0.11, 0.13)]  # type: ignore[misc]
    assert found == [False, True]


def test_one_rise_of_the_distance_is_no_oscillation() -> None:
    once, twice = [6, 7, 8], [3, 4, 5, 9, 10, 11]
    found = [
        "oscillation" in verdicts(lambda i, high=high: {"x.apart": 9.0 if i in high else 4.5})  # type: ignore[misc]
        for high in (once, twice)
    ]
    assert found == [False, True]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    return importlib.import_module("doctor")


def test_the_bench_tunes_thresholds_that_exist(bench: Any) -> None:
    assert bench.GRID.keys() <= {field.name for field in fields(Thresholds)}


def test_the_recorded_runs_have_the_verdicts_that_docs_report(bench: Any) -> None:
    """docs/doctor.md: 0.96 of the 164 runs that a fault made worse are found, and no healthy run has a verdict."""
    replays, standard = [bench.Replay(trace) for trace in bench.traces()], Thresholds()
    harmed = bench.worse(replays)
    counts = {}
    for group in ("healthy", "fresh", "faulty"):
        runs = [
            run
            for run in replays
            if run.trace["group"] == group
            or (group == "faulty" and run.trace["group"] not in bench.WELL and harmed[bench.key(run.trace)])
        ]
        counts[group] = (sum(bool(run.told(standard)) for run in runs), len(runs))
    assert counts == {"healthy": (0, 60), "fresh": (0, 34), "faulty": (158, 164)}
