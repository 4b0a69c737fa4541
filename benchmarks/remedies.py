"""Does the change that the doctor suggests help? In the plane, against doing nothing and against another seed.

python benchmarks/remedies.py play [--minutes 14]   play what is missing in doctor_remedies.jsonl; resumable
python benchmarks/remedies.py judge [--write]       sign tests over all pairs; --write appends rows to results.jsonl

Of the broken runs of doctor.py those that ended worse, were found, and got an override; played again from the
beginning. Faults that no override can repair are skipped (SPOILT); doctor_remedies.jsonl has one of them all the same,
with copied data.
"""

import argparse
import math
import shlex
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

from doctor import WELL, Replay, interval, keep, key, plan, traces, words, worse
from faults import OURS, PLANE, played
from ganvas.diagnosis import diagnose
from ganvas.recipes import Recipe, dump, override, parse_overrides
from ganvas.recipes.discover import parts
from ganvas.recipes.remedy_overrides import remedy_override
from rows import append_row, rows

SPOILT = ("NaN weight", "mislabelled", "copied data")  # no override repairs these
REMEDIES = Path(__file__).with_name("doctor_remedies.jsonl")


def play(minutes: float) -> None:
    """For each broken run in the plane that ended worse, was found, and got an override: play the change, and play
    another seed.
    """
    begun, there = time.monotonic(), {key(trace) for trace in traces(REMEDIES)}
    parts().update({part.__name__: part for part in OURS})
    replays = [Replay(trace) for trace in traces()]
    harmed = worse(replays)
    made = {(group, program, fault, seed): recipe for group, program, fault, seed, recipe in plan(PLANE)}
    for r in replays:
        place = key(r.trace)
        if r.trace["kind"] != PLANE or r.trace["group"] in WELL or not harmed[place] or place in there:
            continue
        if r.fault in SPOILT:
            continue
        if not (advised := first_advice(r, made[place])):
            continue
        if time.monotonic() - begun > 60 * minutes:
            sys.exit("more is missing: the same command goes on")
        changed = override(made[place], parse_overrides(shlex.split(advised[1])))
        mended = played(changed, fault=r.trace["fault"], seed=r.trace["seed"])["score"]
        again = played(made[place], fault=r.trace["fault"], seed=r.trace["seed"] + 50)["score"]
        row = dict(zip(("group", "program", "fault", "seed"), place, strict=True))
        keep(
            REMEDIES,
            {
                **row,
                "verdict": advised[0],
                "remedy": advised[1],
                "nothing": r.trace["score"],
                "mended": mended,
                "again": again,
            },
        )
        print(*place, *advised, r.trace["score"], mended, again, flush=True)


def first_advice(r: Replay, recipe: Recipe) -> tuple[str, str] | None:
    """What a person would have been told first with an override to try."""
    advise = partial(remedy_override, dump(recipe))
    for n in range(1, len(r.looks) + 1):
        for verdict in diagnose(r.looks[:n], total=r.trace["total"], advise=advise):
            if verdict.severity == "wrong" and verdict.remedy:
                return verdict.name, verdict.remedy
    return None


def judge(write: bool) -> None:
    """Sign tests over all pairs, and of each verdict that has ten."""
    found = traces(REMEDIES)
    counts = Counter(each["verdict"] for each in found)
    for verdict in ["all", *(name for name, n in counts.items() if n >= 10)]:
        for against in ("nothing", "again"):
            these = [each for each in found if verdict in ("all", each["verdict"])]
            pairs = [
                (
                    math.inf if each["mended"] is None else each["mended"],
                    math.inf if each[against] is None else each[against],
                )
                for each in these
            ]
            wins, losses = sum(a < b for a, b in pairs), sum(a > b for a, b in pairs)
            n = wins + losses
            p = min(1.0, sum(math.comb(n, k) for k in range(max(wins, losses), n + 1)) / 2 ** (n - 1)) if n else 1.0
            print(f"remedy of {verdict} against {against}: better in {words(interval(wins, n))}, sign test p = {p:.2g}")
            protocol = f"remedies in the plane, restart with the override, {len(found)} runs"
            if write and not rows(benchmark="doctor", protocol=protocol, verdict=verdict, against=against):
                append_row(
                    benchmark="doctor", protocol=protocol, verdict=verdict, against=against, **interval(wins, n), p=p
                )


def main() -> None:
    """Play, or judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["play", "judge"])
    parser.add_argument("--minutes", type=float, default=14.0)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    if chosen.what == "play":
        play(chosen.minutes)
    else:
        judge(chosen.write)


if __name__ == "__main__":
    main()
