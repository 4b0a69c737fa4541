"""Images per second of the textbook MLP GAN on MNIST, as tutorials write it, against `gan.nonsaturating`.

python benchmarks/textbook.py [--seconds 10] [--repeats 5] [--threads 2] [--precision auto|fp32|bf16]

Networks, batch, mathematics and threads are equal. The script: a Dataset that opens each image with Pillow, turns it
into a tensor and normalises it with 0.5; DataLoader (batch 64, shuffle, 0 workers); G 100-256-512-1024-784 and D
784-512-256-1 with LeakyReLU 0.2, sigmoid and BCELoss; D's loss halved; Adam 2e-4 (0.5, 0.999); fresh z for each turn;
print per step. The script computes in fp32; ganvas in the precision that its probe picks (auto), or in the one named.
Both sides run in turns in one process with equal threads and no EMA; the figure is the ratio of images/s, pair by pair.
A row is appended to benchmarks/results.jsonl.
"""

import argparse
import contextlib
import io
import statistics
import time
from collections.abc import Iterator
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from ganvas.data.mnist import Mnist
from ganvas.recipes import live_trainer, override, prepare, recipe
from ganvas.sessions.device import settle
from ganvas.training import ProcessGroup
from rows import append_row

BATCH = 64


class Images(Dataset[Tensor]):
    """One image at a time, as torchvision's transforms would do it."""

    def __init__(self) -> None:
        self.x = Mnist().items("train").x[..., 0]

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> Tensor:
        image = Image.fromarray(self.x[index])
        pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).view(1, 28, 28)
        return (pixels.float() / 255 - 0.5) / 0.5


def textbook(seed: int = 0) -> Iterator[nn.Module]:
    """The script; yields its generator after each step."""
    torch.manual_seed(seed)
    G = nn.Sequential(
        nn.Linear(100, 256),
        nn.LeakyReLU(0.2),
        nn.Linear(256, 512),
        nn.LeakyReLU(0.2),
        nn.Linear(512, 1024),
        nn.LeakyReLU(0.2),
        nn.Linear(1024, 784),
        nn.Tanh(),
    )
    D = nn.Sequential(
        nn.Linear(784, 512), nn.LeakyReLU(0.2), nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1), nn.Sigmoid()
    )
    loss = nn.BCELoss()
    of_G = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
    of_D = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
    loader = DataLoader(Images(), batch_size=BATCH, shuffle=True, drop_last=True)
    real, fake = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
    while True:
        for step, x in enumerate(loader):
            of_D.zero_grad()
            made = G(torch.randn(BATCH, 100)).detach()
            d_loss = (loss(D(x.view(BATCH, -1)), real) + loss(D(made), fake)) / 2
            d_loss.backward()
            of_D.step()
            of_G.zero_grad()
            g_loss = loss(D(G(torch.randn(BATCH, 100))), real)
            g_loss.backward()
            of_G.step()
            print(f"[Batch {step}/{len(loader)}] [D loss: {d_loss.item():f}] [G loss: {g_loss.item():f}]")
            yield G


def ganvas(precision: str, threads: int) -> tuple[str, Iterator[None]]:
    """The same game through ganvas's own loop, yielding after each round, and the precision it settled on."""
    changes: dict[str, Any] = {
        "precision": precision,
        "threads": threads,
        "G.ema": None,
        "batch_samples": BATCH,
        "scores": [],
    }
    experiment = settle(
        prepare(override(recipe("gan.nonsaturating"), changes)), torch.device("cpu"), ProcessGroup(), None
    ).experiment
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())

    def rounds() -> Iterator[None]:
        while True:
            trainer.round()
            yield

    return trainer.precision, rounds()


def images_per_second(steps: Iterator[object], seconds: float) -> float:
    """Of one side, for a while."""
    done, begun = 0, time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        with contextlib.redirect_stdout(io.StringIO()):
            next(steps)
        done += BATCH
    return done / passed


def main() -> None:
    """Interleaved repeats, their median ratio, a row."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", default="auto", choices=["auto", "fp32", "bf16"])
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    (precision, ours), theirs = ganvas(chosen.precision, chosen.threads), textbook()
    images_per_second(ours, 1.0), images_per_second(theirs, 1.0)  # warm-up
    pairs = [
        (images_per_second(ours, chosen.seconds), images_per_second(theirs, chosen.seconds))
        for _ in range(chosen.repeats)
    ]
    ratios = sorted(a / b for a, b in pairs)
    repeats = f"{chosen.repeats} interleaved repeats of {chosen.seconds} s"
    append_row(
        benchmark="textbook speed",
        protocol=f"images/s, batch {BATCH}, script in fp32, ganvas in {precision}, EMA off, {chosen.threads} threads "
        f"each, {repeats}",
        ratio_median=statistics.median(ratios),
        ratio_min=ratios[0],
        ratio_max=ratios[-1],
        ganvas=statistics.median(a for a, _ in pairs),
        textbook=statistics.median(b for _, b in pairs),
    )


if __name__ == "__main__":
    main()
