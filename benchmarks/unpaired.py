"""Translation without pairs: are digits still the same digits, and what is the translation worth to a classifier?

python benchmarks/unpaired.py [RECIPE ...] [--grounds photographs drawn] [--seeds 0 1 2] [--split test] [--samples N]

A recipe learns between PlainDigits (white on black) and digits on photographs (photo_digits.py) or in drawn textures
(TexturedDigits, the recipes' own data); the two sets share no digit. One row a recipe, ground and seed,
single-threaded, of at most 15 minutes of one core; rows that are there are not run again. On 5,000 pictures:

to_plain, to_textured    share of translated digits that are still classified as the digit of the input, which no player
                         has seen. Plain ones are classified by ganvas's digit classifier, textured ones by one that is
                         trained here on real textured digits (`judge` is its accuracy on real ones)
cycle_textured, _plain   mean |x - there and back| in [-1, 1], the picture in between rounded to bytes. Where F takes a
                         latent, a plain digit has many textures, and cycle_textured is large even for a perfect F
*_noise                  the same with noise of 0.1 on the picture in between: a much larger number says that the cycle
                         is closed by hidden information. Chu et al. 2017, https://arxiv.org/abs/1712.02950
colours, colours_real    deviation of the mean colours of textured pictures: 0 where all have one colour
source_only, adapted     accuracy on real textured digits of a classifier trained on plain digits with their labels, and
                         on F's translations of the same digits with the same labels: no label of a textured digit is
                         used. Ganin et al. 2016 (https://arxiv.org/abs/1505.07818), table 2, MNIST to MNIST-M: source
                         only 0.5225, DANN 0.7666, with labels of the target 0.9596; their textures are photographs

`cut` has one direction, textured to plain, and with --reverse the other one.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import ganvas
from ganvas.data.colour_digits import PlainDigits, TexturedDigits
from ganvas.data.source import Items, Source, Split
from ganvas.games.cycle import distance
from ganvas.metrics.translated_digits import TranslatedDigits
from ganvas.ops.unit_range import to_bytes, to_unit_range
from ganvas.recipes import live_trainer, prepare
from ganvas.recipes import recipe as named
from ganvas.sessions.ledger import add_scoring
from ganvas.sessions.model import Model
from ganvas.training import ProcessGroup, first_items
from photo_digits import PhotoDigits
from rows import append_row, arguments_or_table, rows

GROUNDS: dict[str, Source] = {"photographs": PhotoDigits(), "drawn": TexturedDigits()}
CLASSIFIER_SAMPLES = 50_000
NOISE = 0.1
ROWS = 100  # pictures at a time
SHOWN = 24


@dataclass(frozen=True)
class Fixed:
    """Training pictures and labels that are there already; val and test are the textured digits."""

    x: Any
    y: Any
    held: Source

    def items(self, split: Split) -> Items:
        held = self.held.items(split)
        return held if split != "train" else Items(x=self.x, y=self.y, classes=held.classes)


def classifier(source: Source, seed: int, samples: int) -> nn.Module:
    """The network of recipe `digits`, trained on a source of colour digits."""
    recipe = replace(named("digits"), source=source, samples=samples, seed=seed, threads=1, scores=())
    trainer = live_trainer(prepare(recipe), torch.device("cpu"), ProcessGroup())
    while trainer.samples_seen < trainer.total:
        trainer.round()
    return trainer.players["D"].best.eval()


@torch.no_grad()
def translated(network: nn.Module, x: Tensor) -> Tensor:
    """Pictures as a file would hold them; where the network takes a latent, each picture has its own."""
    latent: tuple[int, ...] = getattr(network, "latent", ())
    z = torch.randn(len(x), *latent, generator=torch.Generator().manual_seed(1)) if latent else torch.empty(len(x), 0)
    parts = [
        network(style if latent else None, None, {"input": part})
        for part, style in zip(x.split(ROWS), z.split(ROWS), strict=True)
    ]
    return to_unit_range(to_bytes(torch.cat(parts)))


@torch.no_grad()
def accuracy(network: nn.Module, x: Tensor, y: Tensor) -> float:
    """The share of x whose class is y."""
    read = torch.cat([network(part, None, {}).classes.argmax(1) for part in x.split(ROWS)])
    return float((read == y).float().mean())


def bytes_of(x: Tensor) -> np.ndarray[Any, Any]:
    """uint8 [N, H, W, C]."""
    return to_bytes(x).permute(0, 2, 3, 1).contiguous().numpy()


@dataclass(frozen=True)
class Sides:
    """Pictures of both sets that nobody has trained on; no two of them are a pair."""

    textured: Tensor
    plain: Tensor
    plain_y: Tensor


def of_textures(F: nn.Module, sides: Sides, ground: Source, split: Split, seed: int, samples: int) -> dict[str, float]:
    """Scores of the direction from plain to textured digits."""
    judge, made = classifier(ground, 0, samples), translated(F, sides.plain)
    items = PlainDigits().items("train")
    train = translated(F, to_unit_range(torch.from_numpy(items.x).permute(0, 3, 1, 2)))
    real = ground.items(split)
    real_x, real_y = to_unit_range(torch.from_numpy(real.x).permute(0, 3, 1, 2)), torch.from_numpy(real.y)
    return {
        "to_textured": accuracy(judge, made, sides.plain_y),
        "judge": accuracy(judge, real_x, real_y),
        "colours": float(made.mean((2, 3)).std(0).mean()),
        "colours_real": float(sides.textured.mean((2, 3)).std(0).mean()),
        "source_only": accuracy(classifier(PlainDigits(), seed, samples), real_x, real_y),
        "adapted": accuracy(classifier(Fixed(bytes_of(train), items.y, ground), seed, samples), real_x, real_y),
    }


def of_cycles(G: nn.Module, F: nn.Module, sides: Sides) -> dict[str, float]:
    """Errors there and back."""
    to_plain, to_textured = translated(G, sides.textured), translated(F, sides.plain)
    noise = NOISE * torch.randn(sides.plain.shape, generator=torch.Generator().manual_seed(0))
    return {
        "cycle_textured": float(distance(translated(F, to_plain), sides.textured).mean()),
        "cycle_plain": float(distance(translated(G, to_textured), sides.plain).mean()),
        "cycle_textured_noise": float(distance(translated(F, to_plain + noise), sides.textured).mean()),
        "cycle_plain_noise": float(distance(translated(G, to_textured + noise), sides.plain).mean()),
    }


def trained(name: str, ground: Source, seed: int, changes: Mapping[str, Any], reverse: bool) -> Model:
    """A recipe between the two sets; reversed, it begins at the plain digits."""
    quiet: dict[str, Any] = {"seed": seed, "threads": 1, "precision": "bf16", "scorings": 0, "snapshots": 0, "saves": 1}
    source, other = (ground, PlainDigits()) if reverse else (PlainDigits(), ground)
    recipe = replace(named(name), source=source, streams={"input": other}, diagnoses=0, scores=())
    with tempfile.TemporaryDirectory() as folder:
        run = ganvas.train(recipe, out=Path(folder) / "run", changes={**quiet, **changes}, quiet=True)
        return ganvas.load(run.path, parts=[type(ground)])


def scored(name: str, ground: Source, seed: int, chosen: argparse.Namespace, length: int) -> dict[str, Any]:
    """One run, and its scores."""
    begun = time.perf_counter()
    model = trained(name, ground, seed, {"samples": length}, chosen.reverse)
    values: dict[str, Any] = {"seconds": time.perf_counter() - begun}
    split: Split = chosen.split
    if split == "test":
        counts = [add_scoring(each.items("test").fingerprint, model="", run=None) for each in (PlainDigits(), ground)]
        values["test_scorings_before"] = counts[0].before
    batch = first_items(model.experiment.stream(split), 5_000)
    x, given, y = batch.x, batch.given["input"], batch.y
    if chosen.reverse:
        x, given = given, x
        y = torch.from_numpy(PlainDigits().items(split).y)[: len(x)]
    assert y is not None, "digits have labels"
    sides, networks = Sides(given, x, y), model.networks
    F = networks["G"] if chosen.reverse else networks.get("F")
    if not chosen.reverse:
        made = translated(networks["G"], sides.textured)
        kept = TranslatedDigits().measure(real=batch, fake=replace(batch, x=made))
        values |= {{"digit_preserved": "to_plain"}.get(each.name, each.name): each.value for each in kept}
    if chosen.sheets:
        shown = [sides.textured] if chosen.reverse else [sides.textured, translated(networks["G"], sides.textured)]
        shown += [sides.plain, translated(F, sides.plain)] if F is not None else []
        chosen.sheets.mkdir(parents=True, exist_ok=True)
        sheet = torch.stack([each[:SHOWN] for each in shown], 1).flatten(0, 1)
        model.domain.render(sheet, 12).save(chosen.sheets / f"{name}{'-reverse' * chosen.reverse}-{seed}.png")
    if F is not None:
        values |= of_textures(F, sides, ground, split, seed, chosen.classifier)
    if F is not None and not chosen.reverse:
        values |= of_cycles(networks["G"], F, sides)
    return values


COLUMNS = ("to_plain", "to_textured", "cycle_plain", "colours", "source_only", "adapted")


def table_lines() -> list[str]:
    """A line of Markdown for each protocol and ground: means over its seeds."""
    found = rows(benchmark="unpaired")
    lines = ["| recipe | images | ground | seeds | seconds | " + " | ".join(COLUMNS) + " |", "|---" * 11 + "|"]
    for protocol, ground in dict.fromkeys((row["protocol"], row["ground"]) for row in found):
        same = [row for row in found if (row["protocol"], row["ground"]) == (protocol, ground)]
        name = protocol.split()[2] + (", plain to textured" if protocol.endswith("plain to textured") else "")
        cells = [cell([row[column] for row in same if column in row]) for column in COLUMNS]
        seconds = f"{mean(row['seconds'] for row in same):.0f}"
        samples = f"{int(protocol.split('samples=')[1].split()[0]):,}"
        lines.append(f"| `{name}` | {samples} | {ground} | {len(same)} | {seconds} | {' | '.join(cells)} |")
    return lines


def cell(values: list[float]) -> str:
    """The mean, and the spread over seeds."""
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}" if values else ""


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recipes", nargs="*", default=["cyclegan.styles", "cut", "cyclegan"])
    parser.add_argument("--grounds", nargs="*", choices=list(GROUNDS), default=["photographs"])
    parser.add_argument("--reverse", action="store_true", help="from plain to textured digits, for recipes of one way")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--split", choices=["val", "test"], default="test")
    parser.add_argument("--samples", type=int, help="another length of the training")
    parser.add_argument("--classifier", type=int, default=CLASSIFIER_SAMPLES, help="samples that classifiers see")
    parser.add_argument("--sheets", type=Path, help="a folder for the first pictures: input, G, plain digit, F")
    parser.add_argument("--trial", action="store_true", help="print the row, and do not store it")
    chosen = arguments_or_table(parser, table_lines)
    torch.set_num_threads(1)
    for name, ground, seed in product(chosen.recipes, chosen.grounds, chosen.seeds):
        length = chosen.samples or named(name).samples
        direction = ", plain to textured" * chosen.reverse
        protocol = f"ganvas train {name} samples={length} threads=1 precision=bf16, 5,000 of {chosen.split}{direction}"
        facts = {"benchmark": "unpaired", "protocol": protocol, "ground": ground, "seed": seed}
        if rows(**facts) and not chosen.trial:
            continue
        values = scored(name, GROUNDS[ground], seed, chosen, length)
        if chosen.trial:
            print(json.dumps({**facts, **values}))
        else:
            append_row(**facts, **values)


if __name__ == "__main__":
    main()
