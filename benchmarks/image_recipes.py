"""All recipes of pictures from noise at one budget: python benchmarks/image_recipes.py [RECIPE ...] [--minutes 2]

`ganvas train RECIPE --minutes M --test` on one thread: the minutes count from the call to the last checkpoint and
contain the start, not the scores. The number of images is what the recipe's own speed on this machine allows, and its
schedules are stretched or shortened to it. Nothing was tuned for this budget: recipes are as `ganvas recipes show`
prints them, found on val. Scores are on test.

digits            MNIST: digit_frechet and digit_coverage, 10,000 samples against 10,000; digit_mlp_frechet in the
                  features of a second classifier with other layers, by which to compare where D is a classifier too
--cifar FOLDER    FOLDER/cifar10/CLASS/*.jpg, CIFAR-10 as JPEG files, at 32 x 32: photo_frechet, photo_coverage

--strips FOLDER writes 20 samples of each run, random numbers of seed 0, classes in turn: pictures for docs/gallery.md.
One row a recipe and seed; rows that are there are not computed again; --series ends after so many minutes.
python benchmarks/image_recipes.py --table prints the tables of docs/recipes.md, --gallery writes docs/gallery.md.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch
from PIL import Image

import ganvas
from ganvas.data.mnist import Mnist
from ganvas.recipes import recipe, recipe_functions
from rows import append_row, rows, test_scorings

SCORES = {
    "digits": ("digit_frechet", "digit_coverage", "digit_mlp_frechet"),
    "cifar": ("photo_frechet", "photo_coverage", "photo_recall"),
}
SMALL = ("dcgan", "sngan", "sngan.projection", "sagan", "progressive", "stylegan2", "stylegan2.ada", "biggan", "r3gan")
STRIPS = Path(__file__).parents[1] / "docs" / "images" / "recipes"
GALLERY = """# A gallery of recipes

What each recipe that makes digits from noise has learnt after **two minutes of one CPU core**, start-up counted: 20
samples, unchosen, of random numbers of seed 0; where a recipe takes classes, they are 0 to 9 in turn. Most recipes are
made for longer runs than this one: what the page shows is how soon each gets somewhere, not how far. The
score is a Frechet distance in the features of a second digit classifier that no recipe trains with (`digit_mlp_frechet`
on test, 10,000 samples; lower is better), by which the page is ordered. `progressive` had more than twice the time of
the others ([why](recipes.md#every-recipe-of-digits-at-one-budget), and all columns). Made by `benchmarks/{script}`
({machines}).
"""
LOWEST_FIRST = {"digits": "digit_mlp_frechet", "cifar": "photo_frechet"}


def recipes_of_digits() -> list[str]:
    """Names of the recipes whose game makes digits from noise."""
    found = {name: recipe(name) for name in recipe_functions()}
    return [
        name
        for name, each in found.items()
        if isinstance(each.source, Mnist) and each.G is not None and any("DigitScores" in repr(s) for s in each.scores)
    ]


def trained(
    name: str, task: str, folder: Path | None, minutes: float, seed: int, strips: Path | None = None
) -> dict[str, Any]:
    """The values of one row."""
    changes: dict[str, Any] = {"seed": seed, "threads": 1, "scorings": 0, "snapshots": 0, "saves": 1, "remedies": 0}
    if task == "digits":
        changes["scores"] = ["DigitScores", "DigitMlpScores"]
    data: Any = {"data": str(folder / "cifar10"), "size": 32} if folder else {}
    with tempfile.TemporaryDirectory() as place:
        begun = time.perf_counter()
        run = ganvas.train(
            name, minutes=minutes, out=Path(place) / "run", changes=changes, test=True, quiet=True, **data
        )
        seconds = time.perf_counter() - begun
        if run.read_json("status.json")["state"] != "finished":
            sys.exit("stopped, no row")
        records = [record for record in run.read_metrics() if record["protocol"]["split"] == "test"]
        model = ganvas.load(run.path)
        if strips:
            strips.mkdir(parents=True, exist_ok=True)
            sheet_of(model).save(strips / f"{name}.webp", quality=85, method=6)
        count = {key: sum(each.numel() for each in net.parameters()) for key, net in model.networks.items()}
        values: dict[str, Any] = {each["name"]: each["value"] for each in records if each["name"] in SCORES[task]}
        samples = model.experiment.recipe.samples
        return {"seconds": seconds, "samples": samples, "parameters": count, **test_scorings(run), **values}


def sheet_of(model: ganvas.Model) -> Image.Image:
    """Two rows of ten samples."""
    classes = [place % 10 for place in range(20)] if model.conditional else None
    pictures = model.sample(20, seed=0, classes=classes)
    rows_of = [np.concatenate(pictures[at : at + 10], axis=1) for at in (0, 10)]
    return Image.fromarray(np.concatenate(rows_of).squeeze())


def table_lines() -> list[str]:
    """A table of Markdown for each task and budget, the best recipe first: means and deviations over the seeds."""
    lines: list[str] = []
    every = rows(benchmark="image recipes")
    for task, minutes in dict.fromkeys((row["task"], row["minutes"]) for row in every):
        columns = ("recipe", *SCORES[task], "images", "images/s", "parameters G/D, millions", "seeds")
        lines += [f"{task}, {minutes:g} minutes:", "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
        same = [row for row in every if (row["task"], row["minutes"]) == (task, minutes)]
        names = dict.fromkeys(row["recipe"] for row in same)
        groups = [[row for row in same if row["recipe"] == name] for name in names]
        lines += [line_of(each) for each in sorted(groups, key=lambda each: mean_of(each, LOWEST_FIRST[task]))]
        lines.append("")
    return lines


def gallery_lines() -> list[str]:
    """docs/gallery.md: the strip, the score and the command of each recipe of digits, the best first."""
    score, every = LOWEST_FIRST["digits"], rows(benchmark="image recipes", task="digits", minutes=2)
    named = {row["recipe"]: [each for each in every if each["recipe"] == row["recipe"]] for row in every}
    found = [GALLERY.format(script=Path(__file__).name, machines=", ".join(sorted({row["machine"] for row in every})))]
    for name, group in sorted(named.items(), key=lambda pair: mean_of(pair[1], score)):
        count = ("one seed", "two seeds", "three seeds")[min(3, len(group)) - 1]
        text = (recipe_functions()[name].__doc__ or "").split("\n")[0]
        found += [
            f"## {name}",
            "",
            f"{text} `ganvas train {name} --minutes 2`: {mean_of(group, 'samples'):,.0f} images, score"
            f" {mean_of(group, score):.3g} ({count}).",
            "",
            f"![Twenty digits that {name} generated](images/recipes/{name}.webp)",
            "",
        ]
    return found


def line_of(group: list[dict[str, Any]]) -> str:
    """The line of one recipe's rows."""
    first = group[0]
    scores = [f"{mean_of(group, score):.3g}{spread(group, score)}" for score in SCORES[first["task"]]]
    count = "/".join(f"{first['parameters'].get(key, 0) / 1e6:.2f}" for key in ("G", "D"))
    samples = mean_of(group, "samples")
    speed = samples / first["minutes"] / 60
    cells = [f"`{first['recipe']}`", *scores, f"{samples:,.0f}", f"{speed:,.0f}", count, str(len(group))]
    return f"| {' | '.join(cells)} |"


def mean_of(group: list[dict[str, Any]], name: str) -> float:
    """The mean over seeds."""
    return mean(row[name] for row in group)


def spread(group: list[dict[str, Any]], name: str) -> str:
    """The deviation over seeds, where there are several."""
    return f" ± {stdev(row[name] for row in group):.2g}" if len(group) > 1 else ""


def main() -> None:
    """The rows that are missing, or the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", help="default: all that make digits from noise; for --cifar, the small")
    parser.add_argument("--cifar", type=Path, metavar="FOLDER")
    parser.add_argument("--minutes", type=float, help="of each training; default 2, for --cifar 10")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--strips", type=Path, metavar="FOLDER", help="write a picture of each run's samples here")
    parser.add_argument("--series", type=float, default=1e9, help="minutes after which no row is begun")
    parser.add_argument("--gallery", action="store_true", help="write docs/gallery.md from the rows, and compute none")
    parser.add_argument("--table", action="store_true", help="print all rows as tables, and compute none")
    chosen = parser.parse_args()
    if chosen.table:
        print("\n".join(table_lines()))
        return
    if chosen.gallery:
        (STRIPS.parents[1] / "gallery.md").write_text("\n".join(gallery_lines()))
        return
    torch.set_num_threads(1)
    task, started = ("cifar" if chosen.cifar else "digits"), time.monotonic()
    minutes = chosen.minutes or (10 if chosen.cifar else 2)
    option = " --data CIFAR-10 --size 32" * (task == "cifar")
    for seed in chosen.seeds:
        for name in chosen.recipes or (SMALL if chosen.cifar else recipes_of_digits()):
            protocol = f"ganvas train {name}{option} --minutes {minutes:g} --test, one thread, scores on test"
            facts = {"task": task, "recipe": name, "minutes": minutes, "seed": seed}
            wanted = {"benchmark": "image recipes", "protocol": protocol, **facts}
            if not rows(**wanted) and time.monotonic() - started < 60 * chosen.series:
                append_row(**wanted, **trained(name, task, chosen.cifar, minutes, seed, chosen.strips))


if __name__ == "__main__":
    main()
