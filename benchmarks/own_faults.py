"""The doctor's fault bench on own pictures: `ganvas train --data FOLDER`, healthy and failing as it really comes.

python benchmarks/own_faults.py play FOLDERS [--minutes 14]   play the runs that are missing in doctor_own_traces.jsonl;
                                                             FOLDERS holds sprites/, emoji/ and cats_ships/ (404
                                                             transparent drawings of 72 x 72, 3,155 emoji of 64 x 64,
                                                             1,000 photographs of 32 x 32)
python benchmarks/own_faults.py judge                         replay all traces through the rules

Each run is judged in the space of photographs (its own doctor) and in the random one. `judge` prints what is
found at the end of each run, and whether it is right: a finding of FITS; if nearly all samples are duplicates, a full
collapse or unfinished, and nothing that follows from a collapse. Not every setting that was meant to break a run does:
where its distance is at most HARMLESS times that of the same data as they come, "healthy" is right too.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ganvas
from doctor import interval, looks, words
from faults import LOOKS, columns
from ganvas.diagnosis import diagnose, doctor
from ganvas.diagnosis.doctor import Doctor
from ganvas.runs import Event, Run, SignalsMeasured, Started, read_events
from ganvas.sessions import doctor_callback, run_callbacks
from ganvas.sessions.run_probe import run_probe

TRACES = Path(__file__).with_name("doctor_own_traces.jsonl")


@dataclass(frozen=True)
class Case:
    """One run: a folder, samples in place of the minutes (a busy machine would change them), overrides, and how many of
    the pictures are used.
    """

    data: str
    fault: str
    samples: int
    changes: dict[str, Any] = field(default_factory=dict)
    pictures: int = 0


def times_lr(player: str, times: float, rate: float) -> dict[str, Any]:
    """A player's learning rate multiplied."""
    return {f"{player}.optimiser.lr.start": times * rate}


CASES = (
    Case("sprites", "as it comes", 12_000),
    Case("cats_ships", "as it comes", 30_000),
    Case("cats_ships", "100 pictures, no augmentation", 20_000, {"game.views": []}, 100),
    Case("sprites", "D learns 10 times faster", 6_000, times_lr("D", 10, 8e-4)),
    Case("emoji", "as it comes", 12_000),
    Case("cats_ships", "both learn 10 times faster", 15_000, times_lr("D", 10, 8e-4) | times_lr("G", 10, 4e-3)),
    Case("emoji", "no spectral norm, no energy distance", 8_000, {"D.constraints": [], "game.generator_penalties": []}),
    Case("emoji", "too few samples", 1_500),
    Case("cats_ships", "G learns 20 times slower", 10_000, times_lr("G", 0.05, 4e-3)),
    Case("sprites", "G is 16 times narrower", 6_000, {"G.network.width": 2, "G.network.widest": 8}),
)


COLLAPSED = 0.8  # share of duplicates, from which nearly all samples look alike
HARMLESS = 1.5
FOLLOW = {"oscillation", "memorisation", "discriminator overfits", "partial collapse"}
FITS: dict[str, set[str]] = {
    "as it comes": {"healthy", "unfinished"},
    "100 pictures, no augmentation": {"few data", "discriminator overfits", "memorisation"},
    "D learns 10 times faster": {"discriminator too strong", "vanishing generator gradient", "full collapse"},
    "both learn 10 times faster": {"divergence", "oscillation", "numbers broke", "full collapse", "no progress"},
    "no spectral norm, no energy distance": {
        "divergence",
        "oscillation",
        "discriminator too strong",
        "discriminator overfits",
        "full collapse",
    },
    "too few samples": {"unfinished", "full collapse", "no progress"},
    "G learns 20 times slower": {
        "discriminator too strong",
        "no progress",
        "vanishing generator gradient",
        "unfinished",
    },
    "G is 16 times narrower": {"full collapse", "no progress", "discriminator too strong", "unfinished"},
}


def judge() -> None:
    """What is found at the end of each run, in both spaces; then the shares of runs that are judged right."""
    right: dict[str, list[bool]] = {"looks": [], "random": []}
    usual = {trace["program"]: distance(trace) for trace in traces() if trace["fault"] == "as it comes"}
    for trace in traces():
        duplicates = (trace["scores"].get("duplicates") or [0.0])[0] or 0.0
        collapsed = duplicates >= COLLAPSED
        fits = {"full collapse", "unfinished"} if collapsed else FITS[trace["fault"]]
        times = distance(trace) / usual[trace["program"]]
        fits = fits | {"healthy"} if times <= HARMLESS else fits
        for space, results in right.items():
            series = looks({"looks": trace[space]})
            found = {each.name for each in diagnose(series, total=trace["total"])}
            results.append(bool(found & fits) and not (collapsed and found & FOLLOW))
            label = "photo" if space == "looks" else space
            about = f"{trace['program']}, {trace['fault']} ({times:.2f} times the usual distance), {label}"
            print(f"{about}: {', '.join(sorted(found))}; {results[-1]}")
    for space, results in right.items():
        print(f"{'photo' if space == 'looks' else space}: right {words(interval(sum(results), len(results)))}")


def distance(trace: dict[str, Any]) -> float:
    """The Frechet distance on val at the end of a run; infinite where val was too small for scores."""
    return next((values[0] for name, values in trace["scores"].items() if name.endswith("_frechet")), float("inf"))


def play(folders: Path, minutes: float, keep: Path | None) -> None:
    """The runs that are missing, for so long."""
    begun = time.monotonic()
    there = {(trace["program"], trace["fault"]) for trace in traces()}
    for case in CASES:
        if (case.data, case.fault) in there:
            continue
        if time.monotonic() - begun > 60 * minutes:
            sys.exit("more is missing: the same command goes on")
        with tempfile.TemporaryDirectory() as place:
            trace = played(case, folders, Path(place), keep)
        with TRACES.open("a", encoding="utf-8") as file:
            file.write(json.dumps(trace, separators=(",", ":")) + "\n")
        print(f"{case.data}, {case.fault}: {trace['scores']}, {trace['seconds']} s", flush=True)


def played(case: Case, folders: Path, place: Path, keep: Path | None) -> dict[str, Any]:
    """A whole run with two doctors: its looks in both spaces, and its scores on val."""
    begun, random = time.monotonic(), list[Event]()
    original = doctor_callback.doctor

    def both(session: Any, times: int) -> list[Doctor]:
        return [
            *original(session, times),
            Doctor(run_probe(session.experiment, session.trainer, "random"), times, random.append),
        ]

    doctor.LONG = float("inf")  # no measurement waits
    run_callbacks.doctor = both  # type: ignore[attr-defined]
    try:
        run = ganvas.train(
            data=chosen(case, folders, place),
            changes={"threads": 1, "precision": "fp32", "samples": case.samples, "diagnoses": LOOKS, "remedies": 0}
            | case.changes,
            out=place / "run",
            quiet=True,
        )
    finally:
        run_callbacks.doctor = original  # type: ignore[attr-defined]
    if keep:
        shutil.copytree(run.path, keep / f"{case.data}-{case.fault.replace(' ', '-')}", dirs_exist_ok=True)
    return {
        "kind": "own",
        "program": case.data,
        "fault": case.fault,
        "total": total(run),
        "seconds": round(time.monotonic() - begun, 1),
        "scores": {
            each["name"]: [number(each["value"]), number(each["real_vs_real"])] for each in run.read_metrics()[-10:]
        },
        "looks": columns([event for event in read_events(run.events) if isinstance(event, SignalsMeasured)]),
        "random": columns([event for event in random if isinstance(event, SignalsMeasured)]),
    }


def number(value: float | None) -> float | None:
    """Four digits."""
    return None if value is None else float(f"{value:.4g}")


def total(run: Run) -> int:
    """The samples of the whole run."""
    return next(event.total for event in read_events(run.events) if isinstance(event, Started))


def chosen(case: Case, folders: Path, place: Path) -> str:
    """The folder of a case: its first pictures, if it wants fewer."""
    if not case.pictures:
        return str(folders / case.data)
    (place / "data").mkdir()
    for path in sorted((folders / case.data).iterdir())[: case.pictures]:
        shutil.copy(path, place / "data" / path.name)
    return str(place / "data")


def traces() -> list[dict[str, Any]]:
    """Every run that was played."""
    return [json.loads(line) for line in TRACES.read_text("utf-8").splitlines()] if TRACES.exists() else []


def main() -> None:
    """Play, or judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["play", "judge"])
    parser.add_argument("folders", nargs="?", type=Path)
    parser.add_argument("--minutes", type=float, default=14.0)
    parser.add_argument("--keep", type=Path, help="copy the runs to this folder")
    chosen = parser.parse_args()
    if chosen.what == "play":
        play(chosen.folders, chosen.minutes, chosen.keep)
    else:
        judge()


if __name__ == "__main__":
    main()
