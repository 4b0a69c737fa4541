"""Anomalies: what a detector finds that has seen normal pictures alone, beside detectors that are not trained.

python benchmarks/detect.py [PROTOCOL ...] [--recipes anomaly] [--digits 0 1 2] [--seeds 0] [--split test] [--samples N]

one-class      one digit is normal, nine are not
leave-one-out  one digit is abnormal, nine are normal
texture        parts of photographed brick, grass and gravel (scikit-image) are normal; scratches, blobs and missing
               parts are planted into others (planted_defects.py)

One row a protocol, recipe, digit and seed, of one thread; rows that are there are not run again. A row has the areas
under the curve of the model and of PCA, nearest neighbours and an isolation forest, fitted on the same normal training
pictures (2,000 of them at most), on the same 2,000 pictures of the split; `false_alarms` and `recall` at the threshold
that held-out normal pictures gave at a rate of 0.05. Published means over ten digits, one-class: AnoGAN 0.913,
Deep SVDD 0.948 (Ruff et al. 2018, table 1, http://proceedings.mlr.press/v80/ruff18a.html), OCGAN 0.975 (Perera et al.
2019, https://arxiv.org/abs/1903.08550).
"""

import argparse
import json
import tempfile
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import ganvas
from ganvas.applications.detect_baselines import scores_of_baselines
from ganvas.applications.detect_maps import coloured
from ganvas.applications.detect_pictures import scored
from ganvas.applications.detector import detector_of
from ganvas.data import ClassSubset, Mnist
from ganvas.data.source import Source, Split
from ganvas.metrics.membership import auc_interval
from ganvas.metrics.region_overlap import region_overlap
from ganvas.ops.unit_range import to_unit_range
from ganvas.recipes import recipe as named
from ganvas.sessions.ledger import add_scoring
from ganvas.sessions.model import Model
from planted_defects import Surfaces, with_defects
from rows import append_row, arguments_or_table, rows

PICTURES, TRAIN = 2_000, 2_000
DIGITS = tuple(map(str, range(10)))
BASELINES = {
    "PCA of the pixels": "pca",
    "nearest neighbours of pixels": "neighbours",
    "isolation forest of pixels": "forest",
}


def tensor(x: np.ndarray[Any, Any]) -> Tensor:
    """Pictures [n, H, W, C] of bytes in [-1, 1]."""
    return to_unit_range(torch.from_numpy(np.array(x)).permute(0, 3, 1, 2))


def sides(protocol: str, digit: str, split: Split) -> tuple[Source, Tensor, Tensor, Tensor | None]:
    """The normal source, pictures that are scored, which of them are abnormal, and masks of where."""
    if protocol == "texture":
        x, abnormal, masks = with_defects(Surfaces().items(split).x[:1_000])
        return Surfaces(), tensor(x), torch.from_numpy(abnormal), torch.from_numpy(masks)
    items = Mnist().items(split)
    wanted = (digit,) if protocol == "one-class" else tuple(each for each in DIGITS if each != digit)
    y = torch.from_numpy(np.array(items.y))[:PICTURES]
    is_digit = y == int(digit)
    return ClassSubset(Mnist(), classes=wanted), tensor(items.x[:PICTURES]), is_digit == (protocol != "one-class"), None


def row_of(
    protocol: str, recipe: str, digit: str, seed: int, split: Split, samples: int, sheet: Path | None
) -> dict[str, Any]:
    """One run, and its scores."""
    source, x, abnormal, masks = sides(protocol, digit, split)
    began = time.perf_counter()
    changes = {"samples": samples, "seed": seed, "threads": 1, "precision": "fp32", "snapshots": 0, "saves": 1}
    with tempfile.TemporaryDirectory() as folder:
        run = ganvas.train(replace(named(recipe), source=source), out=Path(folder) / "run", changes=changes, quiet=True)
        seconds = time.perf_counter() - began
        model = ganvas.load(run.path, parts=[Surfaces])
        scale, _ = detector_of(model)
        score, maps = scored(model, x)
        if sheet is not None:
            write_sheet(model, x, abnormal, maps / (2 * scale.map_top), sheet)
    train = source.items("train").x
    chosen = np.linspace(0, len(train) - 1, min(TRAIN, len(train))).astype(np.int64)
    others = scores_of_baselines(tensor(train[chosen]), x, photo=False)
    auc = auc_interval(member=score[abnormal], nonmember=score[~abnormal])
    found: dict[str, Any] = {"seconds": seconds, "auroc": auc.value, "auroc_low": auc.low, "auroc_high": auc.high}
    for name, short in BASELINES.items():
        found[short] = auc_interval(member=others[name][abnormal], nonmember=others[name][~abnormal]).value
    called = score > scale.threshold
    found["false_alarms"], found["recall"] = (float(called[each].float().mean()) for each in (~abnormal, abnormal))
    if split == "test" and protocol != "texture":  # those are drawn anew
        found["test_scorings_before"] = add_scoring(Mnist().items("test").fingerprint, model="", run=None).before
    if masks is not None:
        found["region_overlap"] = region_overlap(maps, masks).value
    return found


def write_sheet(model: Model, x: Tensor, abnormal: Tensor, maps: Tensor, out: Path) -> None:
    """Twelve pictures in columns, the first four normal, above what the model draws in their place and the map."""
    shown = torch.cat([(~abnormal).nonzero()[:4, 0], abnormal.nonzero()[:8, 0]])
    rendered = [
        np.asarray(model.domain.render(each, len(shown)).convert("RGB")) for each in (x[shown], model.answer(x[shown]))
    ]
    height, width = rendered[0].shape[:2]
    heat = Image.fromarray(np.concatenate(list(coloured(maps[shown].clamp(0, 1))), axis=1))
    colours = np.asarray(heat.resize((width, height), Image.Resampling.NEAREST))
    out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate([*rendered, colours])).save(out)


COLUMNS = ("auroc", *BASELINES.values(), "false_alarms", "recall", "region_overlap")


def table_lines() -> list[str]:
    """A line of Markdown for each row, and the mean of each protocol."""
    found = rows(benchmark="detect")
    lines = ["| protocol | digit | seed | seconds | " + " | ".join(COLUMNS) + " |", "|---" * (4 + len(COLUMNS)) + "|"]
    for row in found:
        cells = " | ".join(f"{row[name]:.3f}" if name in row else "" for name in COLUMNS)
        lines.append(f"| {row['protocol']} | {row['digit']} | {row['seed']} | {row['seconds']:.0f} | {cells} |")
    for protocol in dict.fromkeys(row["protocol"] for row in found):
        same = [row for row in found if row["protocol"] == protocol]
        cells = " | ".join(f"{mean(row[name] for row in same):.3f}" if name in same[0] else "" for name in COLUMNS)
        lines.append(f"| mean of {len(same)} | | | | {cells} |")
    return lines


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("protocols", nargs="*", default=["one-class", "leave-one-out", "texture"])
    parser.add_argument("--recipes", nargs="*", default=["anomaly"])
    parser.add_argument("--digits", nargs="*", default=DIGITS)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--split", choices=["val", "test"], default="test")
    parser.add_argument("--samples", type=int, help="another length of the training")
    parser.add_argument("--sheets", type=Path, help="a folder for pictures: input, what G draws, map of the difference")
    parser.add_argument("--trial", action="store_true", help="print the row, and do not store it")
    chosen = arguments_or_table(parser, table_lines)
    torch.set_num_threads(1)
    for protocol, recipe, digit, seed in product(chosen.protocols, chosen.recipes, chosen.digits, chosen.seeds):
        if protocol == "texture" and digit != chosen.digits[0]:
            continue
        samples = chosen.samples or named(recipe).samples
        text = f"{protocol}, ganvas train {recipe} samples={samples} threads=1, 2,000 pictures of {chosen.split}"
        facts = {"benchmark": "detect", "protocol": text, "digit": "" if protocol == "texture" else digit, "seed": seed}
        if rows(**facts) and not chosen.trial:
            continue
        sheet = chosen.sheets and chosen.sheets / f"{protocol}-{recipe}-{digit}-{seed}.png"
        values = row_of(protocol, recipe, digit, seed, chosen.split, samples, sheet)
        if chosen.trial:
            print(json.dumps({**facts, **values}), flush=True)
        else:
            append_row(**facts, **values)


if __name__ == "__main__":
    main()
