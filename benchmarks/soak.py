"""What a run survives, at full count: kills, damaged files, numbers that are not finite, long runs.

python benchmarks/soak.py [resume torn damaged memory cost] [--trials N]

resume    runs of ten recipes, each killed by SIGKILL twice at random moments and then finished: SHA-256 of all tensors
          and of the state against the uninterrupted run
torn      a writer of checkpoints killed in the middle of saves: is anything torn ever taken for a checkpoint?
damaged   a bit flipped, a file cut short or removed: is it noticed, is the checkpoint before it found, and how fast
          (8 MB a checkpoint)?
numbers   losses that are not finite once, in one course, in two, always; and healthy runs of five recipes: is any of
          them rolled back?
memory    20,000 rounds of `ring`, without and with checkpoints, scores and previews: the slope of resident memory, MB
          per 1,000 rounds
cost      `mnist` for some minutes, a checkpoint every 2 % of it and the doctor on: the share of the time that both take

Rows that are there are not run again. `make soak` runs these and the ones on several processes (soak_ranks.py). The
children are those of the tests.
"""

import argparse
import ctypes
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import ganvas
from ganvas.base.errors import CheckFailed, Diverged
from ganvas.diagnosis.doctor import Doctor
from ganvas.recipes import override
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Event, Progress, Recovered, Saved, SignalsMeasured, Started, checkpoints
from ganvas.runs.events import read_all_events
from ganvas.sessions.session import TrainingSession
from ganvas.training import ScoreLogger, SnapshotWriter
from processes import Faulty, digests, finish, kill, our_parts, start, state_of, train_and_kill, train_apart
from rows import append_row, rows
from test_resume import CASES

SLICE = 20  # trials a row
FILES = ("players.safetensors", "optimisers.safetensors", "game.safetensors", "state.json")
SIZE = 2_000_000  # bytes of each
ROUNDS, BATCH = 20_000, 64
NAMES = (
    "conditional, batch norm in G, EMA, cosine",
    "batch norm in both, two micro-batches",
    "translation in phases",
    "dropout and shifts",
    "points, relativistic",
    "semi-supervised, noise, a start from data",
    "codes and dials",
    "schedules and phases",
    "a game with a state, two streams",
    "bf16",
)


def resume(place: Path, first: int, count: int) -> dict[str, Any]:
    """Trials first to first + count; recipes take turns."""
    alone: dict[str, dict[str, str]] = {}
    equal = kills = saving = 0
    for trial in range(first, first + count):
        name = NAMES[trial % len(NAMES)]
        recipe = CASES[name]()
        if name not in alone:
            path = place / f"alone-{trial}"
            finish(train_apart(recipe, path), path)
            alone[name] = digests(path)
        path = place / f"run-{trial}"
        landed = train_and_kill(recipe, path, kills=2, random=Random(f"soak {trial}"))
        kills, saving = kills + len(landed), saving + sum(each.saving for each in landed)
        equal += digests(path) == alone[name] and state_of(path)["state"] == "finished"
        shutil.rmtree(path)
    return {"recipes": len(NAMES), "kills": kills, "within_a_save": saving, "equal": equal}


def write_for_ever(folder: str) -> None:
    """In a child: checkpoints whose files must agree with each other."""
    samples = max([int(path.name[8:]) for path in checkpoints.newest_first(Path(folder))], default=0)
    while True:
        samples += 1
        written(Path(folder), samples)


def written(folder: Path, samples: int) -> Path:
    """A checkpoint whose every byte is told by its name."""
    text = f"{samples:09d} " * (SIZE // 10)
    writers: dict[str, Callable[[Path], Any]] = {name: lambda path: path.write_text(text) for name in FILES}
    return checkpoints.save(folder, samples, writers)


def sound(path: Path) -> bool:
    """Whether a checkpoint holds what its name says."""
    text = f"{int(path.name[8:]):09d} " * (SIZE // 10)
    return all((path / name).read_text() == text for name in FILES)


def torn(place: Path, first: int, count: int) -> dict[str, Any]:
    """Kills while checkpoints are written without a pause."""
    random, good, within = Random(f"torn {first}"), 0, 0
    written(place, 1)
    for _ in range(count):
        before = len(checkpoints.newest_first(place)), checkpoints.newest_path(place).name
        child = start(write_for_ever, str(place))
        begun = time.monotonic()
        while checkpoints.newest_first(place)[0].name == before[1] and time.monotonic() - begun < 60:
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.1))
        kill(child)
        assert child.exitcode == -signal.SIGKILL
        within += bool(list(place.glob(".writing-*")))
        good += sound(checkpoints.newest_path(place))
    return {"kills": count, "within_a_save": within, "sound": good}


def damaged(place: Path, first: int, count: int) -> dict[str, Any]:
    """One kind of damage after the other."""
    random, found, slowest = Random(f"damaged {first}"), 0, 0.0
    for trial in range(count):
        older, newer = written(place, 2 * trial + 1), written(place, 2 * trial + 2)
        file = newer / random.choice((*FILES, "MANIFEST.json"))
        data = bytearray(file.read_bytes())
        if trial % 3 == 0:
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
            file.write_bytes(data)
        elif trial % 3 == 1:
            file.write_bytes(data[: random.randrange(len(data))])
        else:
            file.unlink()
        begun = time.perf_counter()
        try:
            found += checkpoints.newest_path(place) == older and sound(older)
        except CheckFailed:
            continue
        slowest = max(slowest, time.perf_counter() - begun)
    return {"damages": count, "previous_found": found, "slowest_seconds": slowest}


def resident() -> float:
    """Megabytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


class Mallinfo(ctypes.Structure):
    """What glibc's mallinfo2 tells, in bytes."""

    _fields_: ClassVar = [
        (name, ctypes.c_size_t)
        for name in ("arena", "free", "fast", "maps", "mapped", "_", "in_fast", "used", "unused", "top")
    ]


def given_out() -> float:
    """Megabytes that malloc has given out and not got back: without what lies free on its shelves."""
    tell = ctypes.CDLL(None).mallinfo2
    tell.restype = Mallinfo
    told = tell()
    return float(told.used + told.mapped) / 1e6


def memory(place: Path, first: int, count: int) -> dict[str, Any]:
    """Rounds alone, and with 50 checkpoints, 20 previews, 10 scorings and 100 examinations, each over its second half:
    before it allocators still grow.
    """
    bare = {"saves": 1, "snapshots": 0, "scorings": 0, "scores": [], "diagnoses": 0}
    full = {"saves": 50, "snapshots": 20, "scorings": 10}
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), max_tasks_per_child=1
    ) as pool:  # a process each: what one run leaves on the shelves is its own
        alone, with_all = pool.map(slope, (place / "bare", place / "all"), (bare, full), ("alone", "with_all"))
    return {"rounds": ROUNDS, **alone, **with_all}


def slope(path: Path, changes: dict[str, Any], name: str) -> dict[str, float]:
    """MB per 1,000 rounds with its 95 % interval, of resident memory and of what malloc has allocated; stretches of
    1,000 rounds are taken as independent.
    """
    seen: list[tuple[int, float, float]] = []

    def note(event: Event) -> None:
        if isinstance(event, Progress):
            seen.append((event.samples // BATCH, resident(), given_out()))

    ganvas.train(
        "ring",
        out=path,
        changes={"samples": ROUNDS * BATCH, "threads": 1, "precision": "fp32", "batch_samples": BATCH, **changes},
        on_event=note,
    )
    table = np.array([each for each in seen if each[0] > ROUNDS // 2], np.float64)
    blocks = table[:, 0] // 1000
    x, *columns = (
        np.array([table[blocks == block, column].mean() for block in np.unique(blocks)]) for column in range(3)
    )
    found = {f"{name}_mb": float(columns[0].mean())}
    for part, y in zip((name, f"{name}_given_out"), columns, strict=True):
        (steep, _), spread = np.polyfit(x / 1000, y, 1, cov=True)
        half = 1.96 * float(spread[0, 0]) ** 0.5
        found |= {
            f"{part}_slope": float(steep),
            f"{part}_low": float(steep) - half,
            f"{part}_high": float(steep) + half,
        }
    return found


def cost(place: Path, first: int, count: int) -> dict[str, Any]:
    """Seconds within saves and examinations, of three minutes that `mnist` trains for on all cores; scores and previews
    are not counted on either side.
    """
    spent = {"saves": 0.0, "looks": 0.0, "else": 0.0}
    clocked(TrainingSession, "save", spent, "saves")
    clocked(Doctor, "__call__", spent, "looks")
    for observer in (ScoreLogger, SnapshotWriter):
        clocked(observer, "__call__", spent, "else")
    told: list[Event] = []
    run = ganvas.train("mnist", out=place / "run", minutes=3, changes={"saves": 50}, on_event=told.append)
    started = next(event.time for event in told if isinstance(event, Started))
    ended = max(event.time for event in told if isinstance(event, Progress))
    training = ended - started - sum(spent.values())
    counts = {
        "saved": sum(isinstance(event, Saved) for event in told),
        "looked": sum(isinstance(event, SignalsMeasured) for event in told),
    }
    shares = {f"{name}_share": spent[name] / training for name in ("saves", "looks")}
    return {
        **counts,
        **shares,
        "share": sum(shares.values()),
        "threads": yaml.safe_load(run.config.read_text())["threads"],
    }


def clocked(kind: type, name: str, spent: dict[str, float], what: str) -> None:
    """Calls of a method are timed from here on."""
    plain = getattr(kind, name)

    def timed(*arguments: Any) -> Any:
        begun = time.perf_counter()
        try:
            return plain(*arguments)
        finally:
            spent[what] += time.perf_counter() - begun

    setattr(kind, name, timed)


def numbers(place: Path, first: int, count: int) -> dict[str, Any]:
    """Injected faults by what became of them, and healthy runs that were rolled back."""
    base = override(
        by_name("ring"),
        {
            **tiny_overrides("ring"),
            "samples": 320,
            "saves": 8,
            "snapshots": 0,
            "scores": [],
            "precision": "fp32",
            "threads": 1,
        },
    )
    found = {"transient": 0, "repeatable": 0, "twice": 0, "permanent": 0, "healthy_runs": 0, "rolled_back": 0}
    faults = {"transient": {"once": True}, "repeatable": {"attempts": 1}, "twice": {"attempts": 2}, "permanent": {}}
    random = Random(f"numbers {first}")
    for trial in range(first, first + count):
        for name, how in faults.items():
            Faulty.struck.clear()
            at = random.randrange(8, 300, 8)
            path = place / f"{name}-{trial}"
            try:
                with our_parts():
                    run = ganvas.train(replace(base, seed=trial, game=Faulty(at=at, **how)), out=path)  # type: ignore[arg-type]
                healed = [event for event in read_all_events(run.events) if isinstance(event, Recovered)]
                found[name] += state_of(path)["state"] == "finished" and len(healed) == (2 if name == "twice" else 1)
            except Diverged as error:
                found[name] += name == "permanent" and "discriminator.adversarial is not finite" in str(error)
        recipe = ("ring", "rgan.grid", "wgan-gp", "gan.nonsaturating", "mnist")[trial % 5]
        samples = 20_000 if recipe in ("ring", "rgan.grid") else 3_200
        run = ganvas.train(
            recipe,
            out=place / f"healthy-{trial}",
            changes={"samples": samples, "seed": trial, "scorings": 0, "scores": [], "snapshots": 0, "threads": 1},
        )
        found["healthy_runs"] += 1
        found["rolled_back"] += any(isinstance(event, Recovered) for event in read_all_events(run.events))
    return found


CELLS: dict[str, tuple[Callable[[Path, int, int], dict[str, Any]], int]] = {
    "resume": (resume, 100),
    "torn": (torn, 100),
    "damaged": (damaged, 100),
    "memory": (memory, 1),
    "numbers": (numbers, 50),
    "cost": (cost, 1),
}


def main() -> None:
    """The rows that are missing, in slices of SLICE trials."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cells", nargs="*", default=list(CELLS))
    parser.add_argument("--trials", type=int, help="another number of trials")
    chosen = parser.parse_args()
    for name in chosen.cells:
        if name not in CELLS:
            sys.exit(f"{name}: no such cell; known: {', '.join(CELLS)}")
        measure, whole = CELLS[name]
        trials = chosen.trials or whole
        for first in range(0, trials, SLICE):
            count = min(SLICE, trials - first)
            if rows(benchmark="soak", cell=name, first=first, trials=count):
                continue
            with tempfile.TemporaryDirectory() as place:
                begun = time.perf_counter()
                found = measure(Path(place), first, count)
                append_row(
                    benchmark="soak", cell=name, first=first, trials=count, **found, seconds=time.perf_counter() - begun
                )


if __name__ == "__main__":
    main()
