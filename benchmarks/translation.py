"""Picture-to-picture tasks against what they have to beat: python benchmarks/translation.py FOLDER [TASK ...]

FOLDER has cifar10/CLASS/*.jpg and cifar10_test/CLASS/*.jpg, CIFAR-10 as JPEG files; the tasks with digits need none of
it. A task is trained twice, by regression alone ("regression") and as its recipe says ("adversarial"), for the same
number of samples, on one thread; --seeds says how often. Each training is one row: scores of pictures of test, with
those of the classic method beside them. Test is read only here; recipes were tuned on val. Rows that are there are not
computed again; --minutes ends the series. --sheets FOLDER writes input, answer and truth of the first pictures.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor

import ganvas
from ganvas.augment import Degrade, Downscale, Edges, Grey, Hole, Strokes
from ganvas.base.types import Batch, Transform
from ganvas.data import Mnist, Pictures
from ganvas.data.shapes import ShapeMaps
from ganvas.games import Translation
from ganvas.recipes import Phase, Recipe, override, recipe
from ganvas.training import first_items
from rows import append_row, arguments_or_table, rows
from translation_scores import Made, baselines, scores_of

N = 1000  # pictures of test


@dataclass(frozen=True)
class Task:
    """A recipe, the transform that makes the input, and the number of samples; `cifar`: on CIFAR-10."""

    recipe: str
    transform: Transform | None
    samples: int
    cifar: bool = True
    changes: Mapping[str, Any] = field(default_factory=dict)
    source: Any = None


TASKS = {
    "super-resolution x2": Task("srgan", Downscale(2), 60_000),
    "super-resolution x4": Task("srgan", Downscale(4), 60_000),
    "restoration": Task("restore", Degrade(), 80_000),
    "colours": Task("colorize", Grey(), 40_000),
    "box, CIFAR-10": Task("inpaint", Hole(side=12, margin=4), 30_000),
    "strokes, CIFAR-10": Task("inpaint", Strokes(), 30_000),
    "box, digits": Task("inpaint", Hole(side=10, margin=6), 30_000, cifar=False),
    "strokes, digits": Task("inpaint", Strokes(), 30_000, cifar=False),
    "edges to digits": Task("pix2pix", Edges(), 30_000, cifar=False),
    "digits to edges": Task("pix2pix", Edges(reverse=True), 30_000, cifar=False),
    "maps of shapes": Task("segment", None, 40_000, cifar=False),
    "maps of shapes, 50 labelled": Task(
        "segment", None, 40_000, cifar=False, source=ShapeMaps(noise=15.0, labelled=50), changes={"batch_samples": 32}
    ),
}


def composed(task: Task, folder: Path, seed: int, variant: str) -> Recipe:
    """The recipe of one training."""
    found = recipe(task.recipe)
    source = task.source or found.source
    if task.cifar:
        source = Pictures(str(folder / "cifar10"), height=32, width=32)
    elif task.transform:
        source = Mnist()
    transforms = (task.transform,) if task.transform else ()
    found = replace(found, source=source, transforms=transforms, samples=task.samples, seed=seed, threads=1, scores=())
    found = override(found, {"snapshots": 0, "saves": 1, "scorings": 0, "diagnoses": 0, **task.changes})
    if variant == "regression":
        assert isinstance(found.game, Translation)
        found = override(found, {"game.pair_terms": [each for each in found.game.pair_terms if reads_no_network(each)]})
        return replace(found, phases=(Phase(samples=task.samples, turns=("reconstruction",)),))
    return found


def reads_no_network(term: object) -> bool:
    """Whether a term compares numbers of pictures alone."""
    return not getattr(term, "pretrained", ()) and not getattr(term, "needs_critic", False)


def test_batch(task: Task, folder: Path, model: Any) -> tuple[Batch, Tensor]:
    """Pictures of test as the task has them, N or all that there are, and up to N others."""
    if not task.cifar:
        stream = model.experiment.stream("test")
        whole = first_items(stream, min(2 * N, len(stream.store)))
        n = min(N, len(whole.x))
        return whole.rows(range(n)), whole.x[n : 2 * n]
    items = Pictures(str(folder / "cifar10_test"), height=32, width=32).items("train")
    order = torch.randperm(len(items.x), generator=torch.Generator().manual_seed(0))[: 2 * N]
    x = torch.from_numpy(items.x[order.numpy()]).permute(0, 3, 1, 2).float().mul(2 / 255).sub(1)
    assert task.transform is not None
    u = torch.rand(N, task.transform.uniforms, generator=torch.Generator().manual_seed(1))
    return task.transform.transform(Batch(x=x[:N]), u), x[N:]


def train(name: str, folder: Path, seed: int, variant: str, sheets: Path | None) -> None:
    """One training, and its row."""
    task, begun = TASKS[name], time.monotonic()
    with TemporaryDirectory() as place:
        run = ganvas.train(composed(task, folder, seed, variant), out=Path(place) / "run", quiet=True)
        seconds = time.monotonic() - begun
        model = ganvas.load(run.path, at="newest")
        batch, others = test_batch(task, folder, model)
        began = time.monotonic()
        answer = model.answer(torch.zeros_like(batch.x), **batch.given)
        ms = 1000 * (time.monotonic() - began) / len(batch.x)
    made = Made(name, batch, answer, others)
    if sheets:
        sheets.mkdir(parents=True, exist_ok=True)
        shown = model.game.show(batch.rows(range(24)), answer[:24])
        assert shown is not None
        model.domain.render(shown, 12).save(sheets / f"{name.replace(' ', '-')}-{variant}-{seed}.png")
    parameters = sum(each.numel() for each in model.networks["G"].parameters())
    facts = {"benchmark": "translation", "task": name, "variant": variant, "seed": seed, "samples": task.samples}
    about = {"protocol": f"{len(batch.x)} pictures of test, one thread", "seconds": seconds, "ms_a_picture": ms}
    append_row(**facts, **about, parameters=parameters, **scores_of(made), **baselines(made))


SHOWN = ("psnr", "hole_l1", "resnet_frechet", "digit_accuracy", "mean_iou")  # scores of the table
DIGITS = {"psnr": ".1f", "hole_l1": ".3f", "resnet_frechet": ".2f", "digit_accuracy": ".3f", "mean_iou": ".3f"}


def table_lines() -> list[str]:
    """A line of Markdown for each task and variant: means over its seeds, those of classic methods in brackets."""
    lines = ["| task | variant | seeds | seconds | " + " | ".join(SHOWN) + " |", "|---" * (4 + len(SHOWN)) + "|"]
    for name in TASKS:
        for variant in ("regression", "adversarial"):
            found = rows(benchmark="translation", task=name, variant=variant)
            if found:
                cells = [cell(found, score) for score in SHOWN]
                seconds = f"{mean(row['seconds'] for row in found):.0f}"
                lines.append(f"| {name} | {variant} | {len(found)} | {seconds} | {' | '.join(cells)} |")
    return lines


def cell(found: list[dict[str, Any]], score: str) -> str:
    """The mean of a score over rows, and those of other methods and of true pictures."""
    if score not in found[0]:
        return ""
    others = {key: key.removesuffix(f".{score}") for key in found[0] if key.endswith(f".{score}")}
    others |= {f"{score}_of_reals": "true"} if f"{score}_of_reals" in found[0] else {}
    texts = [f"{name} {mean(row[key] for row in found):{DIGITS[score]}}" for key, name in others.items()]
    value = f"{mean(row[score] for row in found):{DIGITS[score]}}"
    if score == "mean_iou":  # its interval, of one row
        value += f" ± {mean(row['mean_iou_error'] for row in found):.3f}"
    return f"{value} ({', '.join(texts)})" if texts else value


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path())
    parser.add_argument("tasks", nargs="*", help="default: all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=14.0)
    parser.add_argument("--sheets", type=Path)
    asked = arguments_or_table(parser, table_lines)
    torch.set_num_threads(1)
    begun, chosen = time.monotonic(), asked.tasks or list(TASKS)
    for seed in range(asked.seeds):
        for name in chosen:
            for variant in ("regression", "adversarial"):
                if rows(benchmark="translation", task=name, variant=variant, seed=seed):
                    continue
                if time.monotonic() - begun > 60 * asked.minutes:
                    sys.exit("more is missing: the same command goes on")
                train(name, asked.folder, seed, variant, asked.sheets)


if __name__ == "__main__":
    main()
