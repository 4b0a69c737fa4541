"""Few pictures, with and without augmentation: python benchmarks/little_data.py FOLDER [VARIANT ...]

FOLDER has cifar10/CLASS/*.jpg, CIFAR-10 as JPEG files. `dcgan` at width 32 without batch norm in D, with R1 (gamma 1,
every 8th turn), is trained for --samples images of 100, 500 and 2,000 training pictures, on one thread, at most 15
minutes. Variants are what D gets:

none      pictures as they are
diffaug   Colour, Translate, Cutout: always (Zhao et al. 2020)
ada       Blit, Warp, ColourMap with the probability of Adaptive (Karras et al. 2020); p could reach 1 in a third of the
          run, as a run is short
apa       fakes as reals with the probability of Adaptive, at the same speed (Jiang et al. 2021)
lecam     LeCam (Tseng et al. 2021), without any change of pictures

One row for each number of pictures, variant and seed; rows that are there are not run again, and --minutes ends the
series. Scores are of the newest checkpoint, 2,000 samples against 2,000 pictures of val (test with --split test):
those of PictureScores; nearest_ratio, copied and authenticity_gap (copies of training pictures, in the same features);
membership_auc and d_overfitting (what D's logits reveal of the training pictures); and p at the end, `strength`.
--trial prints the row and does not store it.
"""

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

import ganvas
from ganvas.base.draws import permutation
from ganvas.base.types import Batch
from ganvas.data import Pictures
from ganvas.data.labelled_subset import select_rows
from ganvas.data.source import Items, Source, Split
from ganvas.metrics.memorization_scores import copy_scores, membership_scores
from ganvas.metrics.picture_spaces import PictureSpace, space_extractor
from ganvas.metrics.pictures import PictureScores
from ganvas.metrics.scores import statistics_of
from ganvas.ops.unit_range import to_bytes, to_unit_range
from ganvas.recipes import Recipe, override, recipe
from ganvas.runs import Progress, Run, read_events
from ganvas.sessions.ledger import add_scoring
from ganvas.training import first_items
from rows import append_row, rows

SIZES = (100, 500, 2_000)
SAMPLES = 150_000
N = 2_000  # samples and pictures that are compared
SPACE: PictureSpace = "photo"
VIEWS: Mapping[str, list[str]] = {"diffaug": ["Colour", "Translate", "Cutout"], "ada": ["Blit", "Warp", "ColourMap"]}
VARIANTS = ("none", "diffaug", "ada", "apa", "lecam")


@dataclass(frozen=True)
class Few:
    """`count` training pictures of a source, drawn by chance; val and test are the source's own, whole."""

    source: Source
    count: int

    def items(self, split: Split) -> Items:
        items = self.source.items(split)
        if split != "train":
            return items
        return select_rows(items, np.sort(permutation((0, "little data"), len(items))[: self.count]))


def composed(folder: Path, count: int, variant: str, samples: int, seed: int) -> Recipe:
    """The recipe of one training."""
    base = replace(
        recipe("dcgan"), source=Few(Pictures(str(folder / "cifar10"), height=32, width=32), count), scores=()
    )
    rule = {"kind": "Adaptive", "samples": samples / 3}
    penalties: list[Any] = [{"kind": "Every", "interval": 8, "each": {"kind": "R1", "gamma": 1.0}}]
    changes: dict[str, Any] = {
        **{"generator.width": 32, "discriminator.width": 32, "discriminator.batch_norm": False},
        **{"samples": samples, "seed": seed, "threads": 1, "precision": "fp32", "remedies": 0},
        **{"snapshots": 0, "scorings": 0, "saves": 1, "diagnoses": 0},
        "game.penalties": [*penalties, "LeCam"] if variant == "lecam" else penalties,
    }
    if variant in VIEWS:
        changes["game.views"] = VIEWS[variant]
    if variant in ("ada", "apa"):
        changes["game.adaptive"] = rule
    if variant == "apa":
        changes["game.kind"] = "PseudoReals"
    return override(base, changes)


def scored(run: Run, count: int, split: Split) -> dict[str, Any]:
    """Scores of the newest checkpoint."""
    model = ganvas.load(run.path, at="newest", parts=[Few])
    counted: dict[str, Any] = {}
    if split == "test":
        before = add_scoring(model.experiment.split_items("test").fingerprint, model="", run=None).before
        counted = {"test_scorings_before": before}
    train = first_items(model.experiment.stream("train"), count).x
    held = first_items(model.experiment.stream(split), N).x
    fake = to_unit_range(torch.from_numpy(model.sample(N)).permute(0, 3, 1, 2))
    results = [*PictureScores(n=N, space=SPACE).measure(real=Batch(x=held), fake=Batch(x=fake))]
    extractor = space_extractor(SPACE, model.spec.shape)
    sides = {"train": train, "held": held, "fake": fake}
    results += copy_scores(
        **{name: statistics_of(extractor, to_bytes(x)) for name, x in sides.items()}, protocol={}, seed=0
    )[0]
    D = model.networks["D"]
    with torch.no_grad():
        logits = {name: D(x, None, {}).scores.mean(1) for name, x in sides.items()}
    results += membership_scores(**logits)
    last = [event for event in read_events(run.path / "events.jsonl") if isinstance(event, Progress)][-1].terms
    strength = last.get("discriminator.strength")
    return {**counted, **{each.name: each.value for each in results}, "strength": strength}


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("variants", nargs="*", help="default: all")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--split", choices=["val", "test"], default="val")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--minutes", type=float, default=1e9, help="no row is begun after these")
    parser.add_argument("--trial", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.variants) - set(VARIANTS):
        parser.error(f"no variant is called {', '.join(sorted(unknown))}; they are {', '.join(VARIANTS)}")
    torch.set_num_threads(1)
    started = time.monotonic()
    for seed, count in ((seed, count) for seed in asked.seeds for count in asked.sizes):
        for variant in asked.variants or VARIANTS:
            protocol = f"dcgan, width 32, {asked.samples:,} images of CIFAR-10 as JPEG, {N:,} of {asked.split}"
            facts = {"benchmark": "little data", "pictures": count, "variant": variant, "seed": seed}
            if (
                rows(**facts, protocol=protocol) and not asked.trial
            ) or time.monotonic() - started > 60 * asked.minutes:
                continue
            with TemporaryDirectory() as place:
                begun, made = time.monotonic(), composed(asked.folder, count, variant, asked.samples, seed)
                run = ganvas.train(made, out=Path(place) / "run", quiet=True)
                seconds = time.monotonic() - begun
                values = {"protocol": protocol, "seconds": seconds, **scored(run, count, asked.split)}
            if asked.trial:
                print(json.dumps({**facts, **values}))
            else:
                append_row(**facts, **values)


if __name__ == "__main__":
    main()
