"""Reading a folder of pictures: the second epoch over 20,000 PNGs of 64 x 64, ganvas's cached store against a per-item DataLoader.

python benchmarks/loading.py --pictures FOLDER

FOLDER holds real pictures (any size); 20,000 of them (repeated if there are fewer, with a brightness of their own) are written as 64 x 64
PNGs into a temporary folder. The DataLoader's Dataset opens each file with Pillow, makes a float tensor and normalises it with 0.5, batch 64,
shuffled, 0 and 2 workers, the faster counts. Both sides run one after the other, three times, in one process; ganvas's first epoch (decoding
into the cache) is told beside.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ganvas.data.pictures import Pictures
from ganvas.recipes import recipe
from ganvas.recipes.build import live_stream, prepare
from rows import append_row

COUNT, SIDE, BATCH, REPEATS = 20_000, 64, 64, 3


class Files(Dataset[Tensor]):
    """One picture at a time."""

    def __init__(self, folder: Path) -> None:
        self.files = sorted(folder.rglob("*.png"))

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Tensor:
        with Image.open(self.files[index]) as picture:
            pixels = np.asarray(picture.convert("RGB"), np.float32)
        return (torch.from_numpy(pixels).permute(2, 0, 1) / 255 - 0.5) / 0.5


def write(source: Path, target: Path) -> None:
    """20,000 different PNGs."""
    files = sorted(path for path in source.rglob("*") if path.suffix.lower() in (".png", ".jpg"))
    for place in range(COUNT):
        with Image.open(files[place % len(files)]) as opened:
            small = opened.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        small.point([min(255, value + place // len(files)) for value in range(256)] * 3).save(target / f"{place:05d}.png")


def seconds(batches: Iterator[Tensor]) -> float:
    """To see every batch of an epoch."""
    begun = time.perf_counter()
    total = sum(len(batch) for batch in batches)
    assert total > 0.8 * COUNT
    return time.perf_counter() - begun


def main() -> None:
    """A row."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=Path, required=True)
    torch.set_num_threads(1)  # a batch of bytes is too small to share; and neither side waits for the other's core
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "pictures"
        made.mkdir()
        write(parser.parse_args().pictures, made)
        os.environ["GANVAS_CACHE"] = str(Path(folder) / "cache")
        begun = time.perf_counter()
        source = Pictures(str(made), height=SIDE, width=SIDE, channels=3)
        experiment = prepare(replace(recipe("dcgan"), source=source, domain=None, scores=()))
        first = time.perf_counter() - begun
        begun = time.perf_counter()
        stream = live_stream(experiment.recipe, experiment.domain, source.items("train"), "data", training=True)
        again = time.perf_counter() - begun
        loaders = [DataLoader(Files(made), batch_size=BATCH, shuffle=True, num_workers=workers) for workers in (0, 2)]
        count = len(stream.store)
        stored, itemwise = [], []
        for epoch in range(1, REPEATS + 1):
            stored.append(seconds(stream.batch(epoch * count + start, min(BATCH, count - start)).x for start in range(0, count, BATCH)) * COUNT / count)
            itemwise.append(min(seconds(iter(loader)) for loader in loaders))
        ratios = sorted(slow / fast for fast, slow in zip(stored, itemwise, strict=True))
        append_row(
            benchmark="loading",
            protocol=f"second epoch over {COUNT:,} PNGs of {SIDE} x {SIDE}, store against DataLoader (faster of 0 and 2 workers), one thread, {REPEATS} pairs",
            ratio_median=statistics.median(ratios),
            ratio_min=ratios[0],
            ratio_max=ratios[-1],
            store_seconds=statistics.median(stored),
            dataloader_seconds=statistics.median(itemwise),
            decode_seconds=first,
            second_start_seconds=again,
        )


if __name__ == "__main__":
    main()
