"""The fault bench of the doctor: does it find what is broken, and raise no alarm where nothing is?

python benchmarks/doctor.py play plane|mnist [--minutes 14]   play the runs that are missing in doctor_traces.jsonl;
                                                              resumable
python benchmarks/doctor.py judge [--write]                   replay all traces through the rules, in seconds; --write
                                                              appends rows to results.jsonl

A run of faults.py counts as detected if a verdict other than "healthy", "time to stop" or "loader-bound" stood at any
examination. FITS has the verdicts that are right for a fault; it was written before the first run was judged, but git
has it and the first traces in one commit. A run ended worse if its score on test is not finite or more than 1.5 times
that of the worst healthy run of the same program on the same data (in the plane the sliced distance of 2,500 samples,
on MNIST digit_frechet of 1,000). Thresholds are tuned on all programs but one and used on that one, the results pooled;
intervals are Wilson's, 95 %. Single-threaded, 20 examinations a run.
"""

import argparse
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

from faults import DIGITS, PLANE, broken, collapses, fresh, healthy, played
from ganvas.diagnosis.rules import AT_ONCE, OF_DATA, RULES, History, Thresholds
from ganvas.metrics.proportion import proportion
from ganvas.recipes import Recipe
from ganvas.runs import SignalsMeasured
from rows import append_row, rows

TRACES = Path(__file__).with_name("doctor_traces.jsonl")
WORSE = 1.5  # times the worst healthy score
FALSE_ALARM = 3.0  # what one false alarm a healthy run costs in tuning, in missed faults
WORTH = 0.02  # what a threshold must gain to be moved
FITS: dict[str, set[str]] = {
    "lr x30": {"divergence", "oscillation", "numbers broke", "full collapse", "partial collapse"},
    "no penalty": {
        "divergence",
        "oscillation",
        "discriminator too strong",
        "vanishing generator gradient",
        "discriminator overfits",
        "partial collapse",
    },
    "penalty x100": {"weak discriminator", "divergence", "oscillation", "numbers broke"},
    "64 items": {"few data", "discriminator overfits", "memorisation"},
    "n_critic 10": {"starved generator", "discriminator too strong", "vanishing generator gradient"},
    "mislabelled": {"weak discriminator", "divergence", "full collapse"},
    "NaN weight": {"numbers broke"},
    "copied data": {"repeated data", "few data", "memorisation"},
    "D too small": {"weak discriminator", "full collapse", "partial collapse"},
    "G frozen": {"a player stands still", "discriminator too strong", "vanishing generator gradient"},
    "collapse": {"full collapse", "partial collapse", "divergence", "oscillation", "weak discriminator"},
}
WELL = ("healthy", "fresh")  # groups in which nothing is wrong; of these only the first sets bars and thresholds
SILENT = {"loader-bound"}  # says something of the machine, not of the game
GRID: dict[str, tuple[float, ...]] = {  # what tuning may choose from
    "narrow": (0.1, 0.2, 0.3, 0.4),
    "far": (2.0, 3.0, 4.0, 5.0),
    "worse": (1.5, 1.75, 2.0, 2.5),
    "strong": (0.9, 0.95, 0.97, 0.99),
    "weak": (0.55, 0.6, 0.65),
    "memory": (0.58, 0.6, 0.63, 0.66),
    "nearer": (0.7, 0.75, 0.8, 0.9),
    "ema_gap": (0.25, 0.3, 0.35, 0.5),
    "good": (1.2, 1.5, 2.0),
    "swings": (1.3, 1.5, 1.8),
    "uncovered": (0.06, 0.12, 0.2),
    "restless": (0.2, 0.25, 0.35),
    "stalled": (2.7, 3.2, 4.0),
    "stuck": (0.75, 0.85, 0.95),
}
Trace = dict[str, Any]


def traces(path: Path = TRACES) -> list[Trace]:
    """Every run that was played."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def keep(path: Path, trace: Trace) -> None:
    """One more."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(trace, separators=(",", ":")) + "\n")


def key(trace: Trace) -> tuple[str, str, str, int]:
    """What tells runs apart."""
    return trace["group"], trace["program"], trace["fault"], trace["seed"]


def plan(kind: str) -> list[tuple[str, str, str, int, Recipe]]:
    """(group, program, fault or variant, seed, recipe): the first seeds of everything come first."""
    found = [("broken", *each) for each in broken(kind)] + [("healthy", *each) for each in healthy(kind)]
    found += [("collapse", *each) for each in collapses()] if kind == PLANE else []
    seeds = Counter(each[:3] for each in found)
    return sorted(found, key=lambda each: each[3] % 100 / seeds[each[:3]]) + [("fresh", *each) for each in fresh(kind)]


def play(kind: str, minutes: float) -> None:
    """The runs that are missing, for so long."""
    begun, there = time.monotonic(), {key(trace) for trace in traces()}
    for group, program, fault, seed, recipe in plan(kind):
        if (group, program, fault, seed) in there:
            continue
        if time.monotonic() - begun > 60 * minutes:
            sys.exit("more is missing: the same command goes on")
        trace = {
            "kind": kind,
            "group": group,
            "program": program,
            "fault": fault,
            "seed": seed,
            **played(recipe, fault=fault, seed=seed),
        }
        keep(TRACES, trace)
        print(f"{group} {program} {fault} {seed}: score {trace['score']}, {trace['seconds']} s", flush=True)


def looks(trace: Trace) -> list[SignalsMeasured]:
    """A trace's looks as events."""
    table = {name: values for name, values in trace["looks"].items() if name != "samples"}
    return [
        SignalsMeasured(
            samples=samples,
            time=0.0,
            signals={name: values[i] for name, values in table.items() if values[i] is not None},
        )
        for i, samples in enumerate(trace["looks"]["samples"])
    ]


class Replay:
    """One trace, and the share of the run at which each rule first holds: the arithmetic of `findings` at all
    examinations at once.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.looks = looks(trace)
        self.told = lru_cache(maxsize=4096)(self._told)

    def _told(self, t: Thresholds) -> dict[str, float]:
        """Share of the run until each verdict first stood."""
        h, found = History(self.looks, self.trace["total"], t.window), {}
        for name, rule in RULES.items():
            once = name in (*AT_ONCE, *OF_DATA)
            streak = 0
            for i in range(len(self.looks)):
                streak = streak + 1 if (once or h.share(i) >= t.warmup) and rule(h, i, t) is not None else 0
                if streak >= (1 if once else t.sustained):
                    found[name] = h.share(i)
                    break
        return {name: share for name, share in found.items() if name not in SILENT}

    @property
    def fault(self) -> str:
        """Whose verdicts fit."""
        return "collapse" if self.trace["group"] == "collapse" else str(self.trace["fault"])


def source(trace: Trace) -> str:
    """The data of a run: the program's own for a broken one."""
    own = {"P": "ring", "Q": "grid", "R": "moons"}
    variant = str(trace["fault"]).rpartition(" ")[2] if trace["group"] == "collapse" else str(trace["fault"])
    return (
        variant
        if trace["group"] != "broken" and variant in ("ring", "grid", "moons", "spiral")
        else own.get(trace["program"], "digits")
    )


def worse(replays: Sequence[Replay]) -> dict[tuple[str, str, str, int], bool]:
    """Which runs ended worse than the healthy ones of the same program and data."""
    bar: dict[tuple[str, str], float] = {}
    for each in (replay.trace for replay in replays if replay.trace["group"] == "healthy"):
        place = (each["program"], source(each))
        bar[place] = max(bar.get(place, 0.0), WORSE * (math.inf if each["score"] is None else each["score"]))
    return {
        key(r.trace): r.trace["score"] is None
        or r.trace["score"] > bar.get((r.trace["program"], source(r.trace)), math.inf)
        for r in replays
    }


def merit(replays: Iterable[Replay], t: Thresholds, harmed: dict[tuple[str, str, str, int], bool]) -> float:
    """Faults found among runs that ended worse, less what false alarms cost; as shares."""
    ill = [bool(r.told(t)) for r in replays if r.trace["group"] not in WELL and harmed[key(r.trace)]]
    well = [bool(r.told(t)) for r in replays if r.trace["group"] == "healthy"]
    return sum(ill) / max(1, len(ill)) - FALSE_ALARM * sum(well) / max(1, len(well))


def tuned(replays: Sequence[Replay], harmed: dict[tuple[str, str, str, int], bool]) -> Thresholds:
    """Each threshold in turn, to the best value in GRID; unchanged where none gains more than one or two runs."""
    t = Thresholds()
    for name, values in GRID.items():
        gains = {value: merit(replays, moved(t, name, value), harmed) for value in values}
        best = max(gains, key=lambda value: gains[value])
        t = moved(t, name, best) if gains[best] > merit(replays, t, harmed) + WORTH else t
    return t


def moved(t: Thresholds, name: str, value: float) -> Thresholds:
    """One threshold elsewhere."""
    changed: dict[str, Any] = {name: value}
    return replace(t, **changed)


def interval(hits: int, n: int) -> dict[str, float | int]:
    """A share with Wilson's interval."""
    if not n:
        return {"n": 0}
    found = proportion(hits=[hits], of=[n])
    return {"n": n, "share": found.value, "low": found.low, "high": found.high}


def words(found: dict[str, float | int]) -> str:
    """A share for people."""
    return f"{found['share']:.2f} [{found['low']:.2f}, {found['high']:.2f}] of {found['n']}" if found["n"] else "none"


def judge(write: bool) -> None:
    """Everything, by fault; thresholds as they ship, and tuned without the program that they are used on."""
    replays = [Replay(trace) for trace in traces()]
    harmed = worse(replays)
    held: dict[str, Thresholds] = {}
    for program in sorted({r.trace["program"] for r in replays}):
        held[program] = tuned([r for r in replays if r.trace["program"] != program], harmed)
        changed = {name: value for name, value in vars(held[program]).items() if value != getattr(Thresholds(), name)}
        print(f"without {program}: {changed or 'as they ship'}")
    for label, use in (
        ("leave one program out", lambda r: held[r.trace["program"]]),
        ("thresholds as they ship", lambda r: Thresholds()),
    ):
        print(f"\n{label}")
        for kind in (PLANE, DIGITS, "both"):
            part = [r for r in replays if kind in (r.trace["kind"], "both")]
            for name, row in table(part, harmed, use).items():
                print(
                    f"{kind:6} {name:22} "
                    + "  ".join(f"{k} {words(v) if isinstance(v, dict) else v}" for k, v in row.items())
                )
                if write and label.startswith("leave"):
                    record(kind, label, name, row, len(part))


def table(part: Sequence[Replay], harmed: dict[tuple[str, str, str, int], bool], use: Any) -> dict[str, dict[str, Any]]:
    """By fault: recall over all runs and over those that ended worse, by any verdict and by a fitting one; delay."""
    found: dict[str, dict[str, Any]] = {}
    ill = [r for r in part if r.trace["group"] not in WELL]
    for fault in [*FITS, "all faults"]:
        these = [r for r in ill if fault in (r.fault, "all faults")]
        bad = [r for r in these if harmed[key(r.trace)]]
        if these:
            right = [
                min(share for name, share in told.items() if name in FITS[r.fault])
                for r in these
                if FITS[r.fault] & (told := r.told(use(r))).keys()
            ]
            found[fault] = {
                "any": interval(sum(bool(r.told(use(r))) for r in these), len(these)),
                "fitting": interval(len(right), len(these)),
                "any of worse": interval(sum(bool(r.told(use(r))) for r in bad), len(bad)),
                "fitting of worse": interval(sum(bool(FITS[r.fault] & r.told(use(r)).keys()) for r in bad), len(bad)),
                "delay": round(median(right), 2) if right else None,
            }
    lost = [r for r in ill if r.fault == "collapse" and r.trace["modes"] < (8 if source(r.trace) == "ring" else 16)]
    if lost:
        found["collapse, modes lost"] = {"any": interval(sum(bool(r.told(use(r))) for r in lost), len(lost))}
    for group, name in zip(WELL, ("false alarms", "false alarms, fresh runs"), strict=True):
        well = [r for r in part if r.trace["group"] == group]
        alarms = Counter(told for r in well for told in r.told(use(r)))
        found[name] = {
            "any": interval(sum(bool(r.told(use(r))) for r in well), len(well)),
            "which": " ".join(f"{k}:{v}" for k, v in alarms.items()),
        }
    return found


def record(kind: str, label: str, name: str, row: dict[str, Any], n: int) -> None:
    """A row, unless it is there."""
    protocol = f"{label}, {kind}, {n} runs of faults.py"
    if not rows(benchmark="doctor", protocol=protocol, fault=name):
        flat = {
            f"{k} {inner}" if isinstance(v, dict) else k: w
            for k, v in row.items()
            for inner, w in (v.items() if isinstance(v, dict) else [("", v)])
        }
        append_row(
            benchmark="doctor", protocol=protocol, fault=name, **{k.replace(" ", "_"): v for k, v in flat.items()}
        )


def main() -> None:
    """Play, or judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["play", "judge"])
    parser.add_argument("kind", nargs="?", choices=[PLANE, DIGITS])
    parser.add_argument("--minutes", type=float, default=14.0)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    if chosen.what == "play":
        play(chosen.kind, chosen.minutes)
    else:
        judge(chosen.write)


if __name__ == "__main__":
    main()
