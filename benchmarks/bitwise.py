"""Whether a change of the code changed a result: the first 20 turns of every recipe, bit for bit.

`bitwise.py record FILE` writes 31 rows in half a minute. `bitwise.py compare BEFORE AFTER` ends with exit code 1 if a
row differs or is missing, with 2 if the machines differ: equality holds on one kind of processor with one torch.
The ganvas of this Python trains each recipe at its own size (fp32, one thread). For another commit, use the Python of
a checkout of that commit.
"""

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

import ganvas


def found(*places: str) -> Any:
    """The first of these "module:name" that the installed ganvas has."""
    for module, name in (place.split(":") for place in places):
        try:
            return getattr(import_module(module), name)
        except (AttributeError, ModuleNotFoundError) as error:
            if isinstance(error, ModuleNotFoundError) and not f"{module}.".startswith(f"{error.name}."):
                raise  # the module is there, and something that it imports is not
    sys.exit(f"this ganvas has none of {', '.join(places)}: add the new place to benchmarks/bitwise.py")


# Every name of the package that is used, its newest place first and its oldest last. Of the objects: Experiment.spec;
# Trainer.round, .turns, .stats, .players; LivePlayer.weights, .best; Model.conditional, .sample, .answer.
catalogue = found("ganvas.recipes:recipe_functions", "ganvas.recipes:catalogue")
override = found("ganvas.recipes:override")
prepare, live_trainer = found("ganvas.recipes:prepare"), found("ganvas.recipes:live_trainer")
ProcessGroup = found("ganvas.training.distributed:ProcessGroup", "ganvas.training.world:ProcessGroup")
plan = found("ganvas.sessions.plan:plan", "ganvas.applications.plan:plan")
Model = found("ganvas:Model")

TURNS, SAMPLES = 20, 8
JUDGED = ("turns", "tensors", "weights", "samples", "stats")  # the fields of a row that `compare` compares
SAME = ("processor", "flags", "libraries")  # the fields without whose equality nothing is compared


def plain(name: str) -> str:
    """A name with hyphens: recipes may be called wgan.gp, wgan_gp or wgan-gp."""
    return name.replace(".", "-").replace("_", "-")


def picture_options() -> dict[str, Any]:
    """Classes from folders, 16 pixels, flips: as one value, or, in older code, one by one."""
    options = {"labels": "folders", "size": 16, "flips": True}
    if "options" not in signature(plan).parameters:
        return options
    return {"options": found("ganvas.ingest.picture_options:PictureOptions")(**options)}


def cases(place: Path) -> dict[str, Any]:
    """Recipes by name: the catalogue; those chosen for pictures and a table made here; micro-batches; two phases."""
    known, random = {plain(name): make() for name, make in catalogue().items()}, np.random.default_rng(0)
    for number in range(60):
        file = place / "pictures" / ("circles", "crosses", "squares")[number % 3] / f"{number:02}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (16, 16, 3), np.uint8)).save(file)
    rows = [f"{random.normal():.9g},{random.standard_cauchy():.9g},{random.integers(9)}" for _ in range(300)]
    (place / "table.csv").write_text("\n".join(["normal,heavy,whole", *rows]), encoding="utf-8")
    return known | {
        "own pictures": plan(data=str(place / "pictures"), minutes=20, **picture_options()).recipe,
        "own table": plan(data=str(place / "table.csv"), minutes=20).recipe,
        "dcgan in 4 micro-batches": override(known["dcgan"], {"micro_batches": 4}),
        "mnist in 4 micro-batches": override(known["mnist"], {"micro_batches": 4}),
        "inpaint-mnist in both phases": override(known["inpaint-mnist"], {"samples": TURNS * 64}),
    }


def digest(*arrays: np.ndarray[Any, Any]) -> str:
    """SHA-256 of each array's dtype, shape and bytes, in order; names are left out, as they may change."""
    parts = (f"{array.dtype.str}{list(array.shape)}".encode() + array.tobytes() for array in arrays)  # in C order
    return hashlib.sha256(b"".join(parts)).hexdigest()


def played(recipe: Any) -> dict[str, Any]:
    """A recipe's row after 20 turns, the last round completed."""
    experiment = prepare(override(recipe, {"precision": "fp32", "threads": 1}))
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())
    while sum(trainer.turns.values()) < TURNS:
        trainer.round()
    weights = [value.numpy() for player in trainer.players.values() for value in player.weights().values()]
    stats = {name: float(value) for name, value in trainer.stats.items()}
    networks = {name: player.best for name, player in trainer.players.items()}
    model, spec = Model(experiment, networks, "", "", 0, Path()), experiment.spec
    classes = [number % len(spec.classes) for number in range(SAMPLES)] if model.conditional else None
    try:
        made = model.sample(SAMPLES, seed=0, classes=classes)
    except ganvas.GanvasError:  # a game that makes no samples: what it answers to fixed inputs
        made = model.answer(torch.randn(SAMPLES, *spec.shape, generator=torch.Generator().manual_seed(0))).numpy()
    turns, hashes = sum(trainer.turns.values()), {"weights": digest(*weights), "samples": digest(made)}
    return {"size": "full", "turns": turns, "tensors": len(weights), **hashes, "stats": stats}


def machine() -> dict[str, str]:
    """What a row says of the code and the machine."""
    git = ["git", "-C", str(Path(ganvas.__file__).parent), "describe", "--always", "--dirty", "--exclude=*"]
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in info.splitlines())}
    model = " ".join(facts.get(key, "") for key in ("model name", "cpu family", "model")).strip()
    return {
        "commit": subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip(),
        "processor": model or platform.processor() or platform.machine(),
        "flags": " ".join(sorted(flag for flag in facts.get("flags", "").split() if flag[:3] in ("amx", "avx", "fma"))),
        "libraries": f"torch {torch.__version__} {torch.backends.cpu.get_cpu_capability()}, numpy {np.__version__}",
    }


def compare(before: dict[str, Any], after: dict[str, Any]) -> int:
    """Print equal or different for each case. Returns the exit code."""
    every, worse = [*before.values(), *after.values()], 0
    for key in SAME:
        if len(kinds := {row[key] for row in every}) > 1:
            print(f"Not comparable: {key} differs ({' / '.join(sorted(kinds))}). Record both files on one machine.")
            return 2
    for row in every:
        row["stats"] = sorted(map(repr, row["stats"].values()))  # without names, which may change
    for name in before | after:
        old, new = before.get(name), after.get(name)
        unlike = ", ".join(key for key in JUDGED if old and new and old[key] != new[key])
        verdict = "new in AFTER" if not old else "missing in AFTER" if not new else f"different: {unlike}"
        print(f"{name:<30} {'equal' if old and new and not unlike else verdict}")
        worse += bool(old and (unlike or not new))
    print(f"{len(before)} cases before, {len(after)} after, {worse} different or missing")
    return int(worse > 0 or not before)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("record", "compare"))
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    command, files = vars(parser.parse_args()).values()
    if len(files) != (1 if command == "record" else 2):
        parser.error("record takes one file, compare takes two")
    if command == "compare":
        texts = [[json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in files]
        sys.exit(compare(*({plain(row["recipe"]): row for row in rows} for rows in texts)))
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder, files[0].open("w", encoding="utf-8") as out:
        os.environ["GANVAS_CACHE"] = str(Path(folder) / "cache")
        for name, recipe in cases(Path(folder)).items():
            row = {"recipe": name, **played(recipe), **machine()}
            print(json.dumps(row), file=out, flush=True)
            print(f"{name}: {row['turns']} turns, weights {row['weights'][:12]}", flush=True)
