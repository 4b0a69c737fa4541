"""The audit on planted runs: is a run that remembers caught, and is one that does not left alone?

python benchmarks/audit.py [--runs 20] [--samples 20000]

remembering  a narrow DCGAN on 200 digits, 100 passes over them
healthy      the same on 5,000 digits, 4 passes

One row a kind and seed: the scores of `ganvas audit -n 1000` and which of them it calls leaks. Rows that are there are
not run again. One thread.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import torch

import ganvas
from ganvas.data import LabelledSubset, Mnist
from ganvas.metrics.membership import Z95
from ganvas.recipes.dcgan import narrow_dcgan
from ganvas.training import Adam
from rows import append_row, arguments_or_table, rows

PER_CLASS = {"remembering": 20, "healthy": 500}


def row_of(kind: str, seed: int, samples: int) -> dict[str, Any]:
    """One run, and its audit."""
    recipe = replace(narrow_dcgan(Adam(lr=2e-3)), source=LabelledSubset(Mnist(), PER_CLASS[kind], seed=seed), scores=())
    changes = {"samples": samples, "seed": seed, "threads": 1, "precision": "fp32", "snapshots": 0, "saves": 1}
    changes |= {"diagnoses": 0, "remedies": 0}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run = ganvas.train(recipe, out=Path(folder) / "run", changes=changes, quiet=True)
        found = ganvas.audit(run.path, n=1_000)
    scores: dict[str, Any] = {"seconds": time.perf_counter() - began, "caught": bool(found.leaking)}
    for check in found.checks:
        scores[check.result.name] = check.result.value
        scores[f"{check.result.name}_low"] = check.result.value - Z95 * (check.result.error or 0.0)
        scores[f"{check.result.name}_leaks"] = check.leaks
    return scores


def table_lines() -> list[str]:
    """How many of each kind are caught, and the means of the scores."""
    found = rows(benchmark="audit")
    names = ("membership_auc", "sample_membership_auc", "copied", "authenticity_gap")
    lines = ["| kind | runs | caught | " + " | ".join(names) + " |", "|---" * (3 + len(names)) + "|"]
    for kind in dict.fromkeys(row["kind"] for row in found):
        same = [row for row in found if row["kind"] == kind]
        means = " | ".join(f"{sum(row[name] for row in same) / len(same):.3f}" for name in names)
        lines.append(f"| {kind} | {len(same)} | {sum(row['caught'] for row in same)} | {means} |")
    return lines


def picture() -> str:
    """An SVG of the two areas under curves of each run, with their intervals, beside chance."""
    names = {"membership_auc": "AUC by D (white box)", "sample_membership_auc": "AUC by samples (black box)"}
    colours = {"remembering": "#b4590e", "healthy": "#1f5fbf"}
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 190" font-family="sans-serif" font-size="13">']
    parts.append('<rect width="640" height="190" fill="#fff"/>')

    def across(value: float) -> float:
        return 200 + 420 * (value - 0.4) / 0.6

    for tick in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        dash = "" if tick == 0.5 else ' stroke-dasharray="2 4"'
        parts.append(f'<line x1="{across(tick):.0f}" x2="{across(tick):.0f}" y1="14" y2="150" stroke="#999"{dash}/>')
        parts.append(f'<text x="{across(tick):.0f}" y="166" text-anchor="middle">{tick:.1f}</text>')
    for place, (name, text) in enumerate(names.items()):
        parts.append(f'<text x="8" y="{50 + 70 * place}">{text}</text>')
        for number, row in enumerate(rows(benchmark="audit")):
            colour, y, value = colours[row["kind"]], 26 + 70 * place + 9 * number, row[name]
            low, high = row[f"{name}_low"], 2 * value - row[f"{name}_low"]
            ends = f'x1="{across(max(0.4, low)):.1f}" x2="{across(min(1, high)):.1f}"'
            parts.append(f'<line {ends} y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>')
            parts.append(f'<circle cx="{across(min(1, value)):.1f}" cy="{y}" r="3.5" fill="{colour}"/>')
    parts.append('<text x="200" y="184" fill="#b4590e">200 digits, 100 passes</text>')
    parts.append('<text x="400" y="184" fill="#1f5fbf">5,000 digits, 4 passes</text></svg>')
    return "\n".join(parts) + "\n"


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--picture", type=Path, help="write the rows as an .svg, and run nothing")
    chosen = arguments_or_table(parser, table_lines)
    if chosen.picture:
        chosen.picture.write_text(picture(), encoding="utf-8")
        return
    torch.set_num_threads(1)
    for seed, kind in product(range(chosen.runs), PER_CLASS):
        facts = {"benchmark": "audit", "kind": kind, "seed": seed, "samples": chosen.samples}
        if not rows(**facts):
            append_row(**facts, **row_of(kind, seed, chosen.samples))


if __name__ == "__main__":
    main()
