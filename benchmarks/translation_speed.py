"""Speed and memory of the recipes that translate pictures: python benchmarks/translation_speed.py [RECIPE ...]

Each recipe plays whole rounds of its adversarial game on drawn shapes, on one thread, batches of 4 (1 for the papers'
networks), in a process of its own, so that its memory can be read. One row a recipe and side:

images_per_second    training samples per second: the median of 5 rounds after 2
train_mib            highest resident memory of the process after these rounds, less that before the networks were built
ms_a_picture         of G alone, for one picture at a time (median of 5 after 1)
translate_mib        highest resident memory with G alone, less that before, in another process
parameters           of G

The networks are those of the recipes, which are small; `pix2pix` and `cyclegan` also have a row with those of the
papers (U-Net of width 64 and 8 levels, Isola et al. 2017; residual network of 9 blocks and width 64, Zhu et al. 2017;
patches of 70 pixels), at 256 x 256 pixels.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import torch

from ganvas.data.shapes import ShapeMaps, Shapes
from ganvas.recipes import Recipe, live_trainer, override, prepare, recipe
from ganvas.training import ProcessGroup
from rows import append_row, arguments_or_table, rows

NAMES = ("pix2pix", "srgan", "inpaint", "colorize", "restore", "segment", "cyclegan", "cut")
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: (name, {}) for name in NAMES},
    "pix2pix, the paper's networks": ("pix2pix", {"G.network.width": 64, "G.network.levels": 8, "D.network.width": 64}),
    "cyclegan, the paper's networks": (
        "cyclegan",
        {
            **{f"{player}.network.width": 64 for player in ("G", "others.F", "D", "others.D_A")},
            **{f"{player}.network.blocks": 9 for player in ("G", "others.F")},
        },
    ),
}
SIDES = (64, 256)
BATCH = 4


def composed(case: str, side: int) -> Recipe:
    """The recipe's adversarial game at this size."""
    name, changes = CASES[case]
    found = recipe(name)
    source: Any = ShapeMaps(samples=500, side=side) if name == "segment" else Shapes(samples=500, side=side)
    streams = {"input": Shapes(samples=500, side=side, seed=1)} if found.streams else {}
    found = replace(found, source=source, streams=streams, phases=(), scores=(), batch_samples=batch_of(case))
    return override(found, {"threads": 1, **changes})


def batch_of(case: str) -> int:
    """Pictures of a batch: 1 for the papers' networks, as in the papers."""
    return 1 if "paper" in case else BATCH


def memory(kind: str) -> float:
    """Resident memory of this process in MiB: of now (VmRSS) or the highest (VmHWM). Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{kind}:"))


def start() -> float:
    """Forget the highest memory so far; memory of now, MiB."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def train(case: str, side: int) -> dict[str, float]:
    """Rounds of training."""
    experiment = prepare(composed(case, side))
    before = start()
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())
    seconds = []
    for _ in range(7):
        seen, begun = trainer.samples_seen, time.perf_counter()
        trainer.round()
        seconds.append((time.perf_counter() - begun) / (trainer.samples_seen - seen))
    parameters = sum(each.numel() for each in trainer.players["G"].network.parameters())
    return {
        "images_per_second": 1 / median(seconds[2:]),
        "train_mib": memory("VmHWM") - before,
        "parameters": parameters,
    }


@torch.no_grad()
def translate(case: str, side: int) -> dict[str, float]:
    """G alone, as it is used afterwards."""
    experiment = prepare(composed(case, side))
    batch = experiment.stream("val").batch(0, 1)
    before = start()
    player = experiment.recipe.players["G"]
    G = player.network.build(experiment.spec).eval()
    seconds = []
    for _ in range(6):
        begun = time.perf_counter()
        G(None, None, batch.given)
        seconds.append(time.perf_counter() - begun)
    return {"ms_a_picture": 1000 * median(seconds[1:]), "translate_mib": memory("VmHWM") - before}


def table_lines() -> list[str]:
    """A line of Markdown for each case and side."""
    lines = [
        "| recipe | side | weights of G | images a second | memory of training | ms a picture | memory of use |",
        "|---" * 7 + "|",
    ]
    for row in rows(benchmark="translation speed"):
        training = f"{row['images_per_second']:.1f} | {row['train_mib']:,.0f} MiB"
        use = f"{row['ms_a_picture']:.0f} | {row['translate_mib']:,.0f} MiB"
        lines.append(f"| `{row['case']}` | {row['side']} | {row['parameters']:,.0f} | {training} | {use} |")
    return lines


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", help="default: all")
    parser.add_argument("--alone", choices=["train", "translate"], help="measure one case in this process")
    parser.add_argument("--side", type=int)
    asked = arguments_or_table(parser, table_lines)
    torch.set_num_threads(1)
    if asked.alone:
        measure = train if asked.alone == "train" else translate
        print(json.dumps(measure(asked.cases[0], asked.side)))
        return
    for case in asked.cases or CASES:
        for side in SIDES:
            facts = {"benchmark": "translation speed", "case": case, "side": side}
            if rows(**facts) or ("paper" in case and side < 256):
                continue
            values: dict[str, Any] = {}
            for what in ("train", "translate"):
                words = [sys.executable, str(Path(__file__)), case, "--alone", what, "--side", str(side)]
                done = subprocess.run(words, capture_output=True, text=True, check=True)
                values |= json.loads(done.stdout.splitlines()[-1])
            append_row(**facts, protocol=f"batches of {batch_of(case)}, one thread", **values)


if __name__ == "__main__":
    main()
