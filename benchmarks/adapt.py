"""Domain adaptation: digits with labels on black, digits without labels on photographs.

python benchmarks/adapt.py [--grounds photographs drawn] [--seeds 0 1 2 3 4] [--split test] [--samples N] [--width N]

source_only   the classifier of recipe `dann`, trained on plain digits alone; it never sees the target, so batch norm
              has statistics of the source
dann          recipe `dann`
target_only   the classifier trained on the target with its labels: the bound

One row a ground and seed, with the accuracy of each on the target's split, and what the validators said:
`information_*` is PredictionInformation on the target's val, which needs no labels. Published, MNIST to MNIST-M (Ganin
et al. 2016, table 2, https://arxiv.org/abs/1505.07818): 0.5225, 0.7666, 0.9596; their photographs are those of BSDS500,
these come with scikit-image and scikit-learn (photo_digits.py). The two sets share no digit: 25,000 of each are trained
on. Rows that are there are not run again. One thread.
"""

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from statistics import mean, stdev
from typing import Any

import torch
from torch import Tensor, nn

from ganvas.base.types import Batch
from ganvas.data.colour_digits import PlainDigits, TexturedDigits
from ganvas.data.source import Source, Split
from ganvas.games import Supervised
from ganvas.metrics import PredictionInformation
from ganvas.ops.unit_range import to_unit_range
from ganvas.recipes import Recipe, live_trainer, override, prepare
from ganvas.recipes import recipe as named
from ganvas.sessions.ledger import add_scoring
from ganvas.training import ProcessGroup
from photo_digits import PhotoDigits
from rows import append_row, arguments_or_table, rows

GROUNDS: dict[str, Source] = {"photographs": PhotoDigits(), "drawn": TexturedDigits()}
METHODS = ("source_only", "dann", "target_only")


def recipe_of(method: str, ground: Source, changes: Mapping[str, Any]) -> Recipe:
    """The recipe of a method; all have the same classifier, optimiser and length."""
    base = override(replace(named("dann"), source=ground, scores=()), changes)
    if method == "dann":
        return base
    source: Source = PlainDigits() if method == "source_only" else ground
    return replace(base, source=source, streams={}, game=Supervised(), others={})


def trained(recipe: Recipe) -> nn.Module:
    """The classifier, in eval mode."""
    trainer = live_trainer(prepare(recipe), torch.device("cpu"), ProcessGroup())
    while trainer.samples_seen < trainer.total:
        trainer.round()
    return trainer.players["D"].best.eval()


@torch.no_grad()
def logits_on(network: nn.Module, ground: Source, split: Split) -> tuple[Tensor, Tensor]:
    """Class logits of all pictures of a split, and their labels."""
    items = ground.items(split)
    x = to_unit_range(torch.from_numpy(items.x).permute(0, 3, 1, 2))
    assert items.y is not None, "digits have labels"
    return torch.cat([network(part, None, {}).classes for part in x.split(100)]), torch.from_numpy(items.y)


def row_of(ground: Source, split: Split, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Three trainings, and their accuracies."""
    found: dict[str, Any] = {}
    if split == "test":
        found["test_scorings_before"] = add_scoring(ground.items("test").fingerprint, model="", run=None).before
    for method in METHODS:
        began = time.perf_counter()
        network = trained(recipe_of(method, ground, changes))
        found[f"seconds_{method}"] = time.perf_counter() - began
        logits, y = logits_on(network, ground, split)
        found[method] = float((logits.argmax(1) == y).float().mean())
        held = Batch(logits_on(network, ground, "val")[0])
        found[f"information_{method}"] = PredictionInformation().measure(real=held, fake=held)[0].value
    return found


def table_lines() -> list[str]:
    """A line of Markdown for each protocol and ground: means over its seeds."""
    found = rows(benchmark="adapt")
    lines = ["| ground | seeds | " + " | ".join(METHODS) + " | protocol |", "|---" * 6 + "|"]
    for protocol, ground in dict.fromkeys((row["protocol"], row["ground"]) for row in found):
        same = [row for row in found if (row["protocol"], row["ground"]) == (protocol, ground)]
        cells = []
        for method in METHODS:
            values = [row[method] for row in same]
            cells.append(f"{mean(values):.3f}" + (f" ± {stdev(values):.3f}" if len(values) > 1 else ""))
        lines.append(f"| {ground} | {len(same)} | {' | '.join(cells)} | {protocol} |")
    return lines


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--grounds", nargs="*", choices=list(GROUNDS), default=["photographs"])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2, 3, 4])
    parser.add_argument("--split", choices=["val", "test"], default="test")
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--trial", action="store_true", help="print the row, and do not store it")
    chosen = arguments_or_table(parser, table_lines)
    torch.set_num_threads(1)
    for ground, seed in product(chosen.grounds, chosen.seeds):
        protocol = f"dann samples={chosen.samples} width={chosen.width} threads=1, 5,000 pictures of {chosen.split}"
        facts = {"benchmark": "adapt", "protocol": protocol, "ground": ground, "seed": seed}
        if rows(**facts) and not chosen.trial:
            continue
        changes = {"samples": chosen.samples, "seed": seed, "threads": 1, "precision": "fp32"}
        values = row_of(GROUNDS[ground], chosen.split, {**changes, "D.network.width": chosen.width})
        if chosen.trial:
            print(json.dumps({**facts, **values}), flush=True)
        else:
            append_row(**facts, **values)


if __name__ == "__main__":
    main()
