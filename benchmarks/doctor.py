"""The fault bench of the doctor: does it find what is broken, and keep quiet where nothing is?

python benchmarks/doctor.py play plane|mnist [--minutes 14]     plays what is missing in doctor_traces.jsonl; the same command goes on
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from faults import DIGITS, PLANE, broken, collapses, healthy, played

TRACES = Path(__file__).with_name("doctor_traces.jsonl")


def traces() -> list[dict[str, Any]]:
    """Every run that was played."""
    return [json.loads(line) for line in TRACES.read_text(encoding="utf-8").splitlines()] if TRACES.exists() else []


def play(kind: str, minutes: float) -> None:
    """The runs that are missing, for so long."""
    begun = time.monotonic()
    there = {(trace["group"], trace["program"], trace["fault"], trace["seed"]) for trace in traces()}
    plan = [("broken", *each) for each in broken(kind)]
    plan += [("healthy", *each) for each in healthy(kind)]
    plan += [("collapse", *each) for each in collapses()] if kind == PLANE else []
    plan.sort(key=lambda each: each[3] % 100)  # the first seed of everything, then the second
    for group, program, fault, seed, recipe in plan:
        if (group, program, fault, seed) in there:
            continue
        if time.monotonic() - begun > 60 * minutes:
            print("more is missing: the same command goes on")
            return
        trace = {"kind": kind, "group": group, "program": program, "fault": fault, "seed": seed, **played(recipe, fault=fault, seed=seed)}
        with TRACES.open("a", encoding="utf-8") as file:
            file.write(json.dumps(trace, separators=(",", ":")) + "\n")
        print(f"{group} {program} {fault} {seed}: score {trace['score']}, {trace['seconds']} s", flush=True)


def main() -> None:
    """Play."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["play"])
    parser.add_argument("kind", nargs="?", choices=[PLANE, DIGITS])
    parser.add_argument("--minutes", type=float, default=14.0)
    chosen = parser.parse_args()
    play(chosen.kind, chosen.minutes)


if __name__ == "__main__":
    main()
