"""Seconds of a second epoch over 20,000 PNGs of 64 x 64: ganvas's cached store against a per-item DataLoader.

python benchmarks/loading.py --pictures FOLDER
python benchmarks/loading.py --shards

FOLDER has real pictures (any size); 20,000 of them (repeated if there are fewer, with a brightness of their own) are
written as 64 x 64 PNGs into a temporary folder. The DataLoader's Dataset opens each file with Pillow, makes a float
tensor and normalises it with 0.5, batch 64, shuffled, 0 and 2 workers, the faster counts. Both sides run one after the
other, three times, in one process; the seconds of ganvas's first epoch (decoding into the cache) are in the row, too.

--shards: MNIST's digits as PNGs in 20 shards of 1,000. Images per second in batches of 64 from the shards and from the
mapped store of the same pictures, in turns; and how much of its time a run of the recipe dcgan at its own size (28 x
28, one thread) waits for data, shards and store in turns.
"""

import argparse
import io
import os
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ganvas.base.types import Batch
from ganvas.data.mnist import Mnist
from ganvas.data.pictures import Pictures
from ganvas.data.shards import Shards
from ganvas.data.source import Source
from ganvas.recipes import live_trainer, recipe
from ganvas.recipes.build import prepare
from ganvas.recipes.live_streams import live_stream
from ganvas.training import ProcessGroup, Trainer
from rows import append_row

COUNT, SIDE, BATCH, REPEATS = 20_000, 64, 64, 3
SHARDS, ROUNDS = 20, 40


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
        small.point([min(255, value + place // len(files)) for value in range(256)] * 3).save(
            target / f"{place:05d}.png"
        )


def seconds(batches: Iterator[Tensor]) -> float:
    """To see every batch of an epoch."""
    begun = time.perf_counter()
    total = sum(len(batch) for batch in batches)
    assert total > 0.8 * COUNT
    return time.perf_counter() - begun


def pack(target: Path) -> None:
    """Digits in shards."""
    x = Mnist().items("train").x
    for shard in range(SHARDS):
        with tarfile.open(target / f"digits-{shard:03d}.tar", "w") as archive:
            for place in range(shard * COUNT // SHARDS, (shard + 1) * COUNT // SHARDS):
                held = io.BytesIO()
                Image.fromarray(x[place, :, :, 0]).save(held, "PNG")
                facts = tarfile.TarInfo(f"{place:06d}.png")
                facts.size = held.tell()
                held.seek(0)
                archive.addfile(facts, held)


def trainer_of(source: Source) -> Trainer:
    """The recipe dcgan on these digits."""
    base = recipe("dcgan")
    return live_trainer(
        prepare(replace(base, source=source, scores=(), precision="fp32", threads=1)),
        torch.device("cpu"),
        ProcessGroup(),
    )


def waited(trainer: Trainer) -> tuple[float, float]:
    """Images a second of training, and the share of the time that it waits for the next batch."""
    deal: Callable[[], Batch] = type(trainer).next_batch.__get__(trainer)
    spent = 0.0

    def timed() -> Batch:
        nonlocal spent
        begun = time.perf_counter()
        batch = deal()
        spent += time.perf_counter() - begun
        return batch

    trainer.next_batch = timed  # type: ignore[method-assign]
    trainer.round()
    begun, seen, spent = time.perf_counter(), trainer.samples_seen, 0.0
    for _ in range(ROUNDS):
        trainer.round()
    passed = time.perf_counter() - begun
    return (trainer.samples_seen - seen) / passed, spent / passed


def shards() -> None:
    """A row: shards against the store."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        pack(Path(folder))
        os.environ["GANVAS_CACHE"] = str(Path(folder) / "cache")
        begun = time.perf_counter()
        found = Shards(folder, 28, 28, channels=1)
        found.items("train")
        first = time.perf_counter() - begun
        sides = [trainer_of(source) for source in (found, Mnist())]
        speeds: list[list[float]] = [[], []]
        steps: list[list[tuple[float, float]]] = [[], []]
        for repeat in range(REPEATS):
            for side, trainer in enumerate(sides):
                trainer.batches(0, BATCH)
                begun = time.perf_counter()
                for place in range(repeat * COUNT // 4, (repeat + 1) * COUNT // 4, BATCH):
                    trainer.batches(place, BATCH)
                speeds[side].append(COUNT / 4 / (time.perf_counter() - begun))
                steps[side].append(waited(trainer))
        append_row(
            benchmark="loading",
            protocol=f"{COUNT:,} digits in {SHARDS} shards against the store, batches of {BATCH}, one thread, {ROUNDS} "
            f"rounds of dcgan, {REPEATS} pairs",
            shards_images_per_second=statistics.median(speeds[0]),
            store_images_per_second=statistics.median(speeds[1]),
            training_images_per_second_shards=statistics.median(speed for speed, _ in steps[0]),
            training_images_per_second_store=statistics.median(speed for speed, _ in steps[1]),
            waiting_share_shards=statistics.median(share for _, share in steps[0]),
            waiting_share_store=statistics.median(share for _, share in steps[1]),
            index_seconds=first,
            load_average=os.getloadavg()[0],
        )


def main() -> None:
    """A row."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--shards", action="store_true")
    asked = parser.parse_args()
    if asked.shards:
        shards()
    if asked.pictures:
        files(asked.pictures)


def files(pictures: Path) -> None:
    """A row: a folder of files."""
    torch.set_num_threads(1)  # a batch of bytes is too small to share; and neither side waits for the other's core
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "pictures"
        made.mkdir()
        write(pictures, made)
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
            stored.append(
                seconds(
                    stream.batch(epoch * count + start, min(BATCH, count - start)).x for start in range(0, count, BATCH)
                )
                * COUNT
                / count
            )
            itemwise.append(min(seconds(iter(loader)) for loader in loaders))
        ratios = sorted(slow / fast for fast, slow in zip(stored, itemwise, strict=True))
        append_row(
            benchmark="loading",
            protocol=f"second epoch over {COUNT:,} PNGs of {SIDE} x {SIDE}, store against DataLoader (faster of 0 and "
            f"2 workers), one thread, {REPEATS} pairs",
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
