"""Images per second of convolutional games, ganvas against another way of computing the same.

python benchmarks/convolutions.py [dcgan penalties lazy] [--seconds 8] [--repeats 5] [--threads 2]

dcgan      the textbook DCGAN at 28 x 28 (transposed convolutions and batch norm, BCE, its DataLoader, fp32) against
           recipe `dcgan` at the same widths, batch 64 and mathematics, EMA off, in the precision that ganvas's probe
           picks and in fp32.
penalties  R1 + R2 in every turn: recipe `rgan` at width 64 in bf16 and channels_last against the same in fp32 and NCHW.
lazy       R1 + R2 in every eighth turn against every turn, both as ganvas runs them.

Both sides run in turns in one process with equal threads; the figure is the median ratio of images/s over pairs. One
row each.
"""

import argparse
import statistics
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader

from ganvas.recipes import live_trainer, override, prepare, recipe
from ganvas.sessions.device import settle
from ganvas.training import ProcessGroup
from rows import append_row
from textbook import BATCH, Images, images_per_second

WIDTH = 64


def script() -> Iterator[None]:
    """The textbook DCGAN as tutorials write it, at 28 x 28; yields after each step."""
    torch.manual_seed(0)
    G = nn.Sequential(
        nn.ConvTranspose2d(100, 2 * WIDTH, 7, bias=False),
        nn.BatchNorm2d(2 * WIDTH),
        nn.ReLU(True),
        nn.ConvTranspose2d(2 * WIDTH, WIDTH, 4, 2, 1, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(True),
        nn.ConvTranspose2d(WIDTH, 1, 4, 2, 1),
        nn.Tanh(),
    )
    D = nn.Sequential(
        nn.Conv2d(1, WIDTH, 4, 2, 1),
        nn.LeakyReLU(0.2, True),
        nn.Conv2d(WIDTH, 2 * WIDTH, 4, 2, 1, bias=False),
        nn.BatchNorm2d(2 * WIDTH),
        nn.LeakyReLU(0.2, True),
        nn.Conv2d(2 * WIDTH, 1, 7),
        nn.Flatten(),
        nn.Sigmoid(),
    )
    loss = nn.BCELoss()
    of_G = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
    of_D = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
    loader = DataLoader(Images(), batch_size=BATCH, shuffle=True, drop_last=True)
    real, fake = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
    while True:
        for step, x in enumerate(loader):
            of_D.zero_grad()
            d_real = loss(D(x), real)
            d_real.backward()
            made = G(torch.randn(BATCH, 100, 1, 1)).detach()
            d_fake = loss(D(made), fake)
            d_fake.backward()
            of_D.step()
            of_G.zero_grad()
            g_loss = loss(
                D(G(torch.randn(BATCH, 100, 1, 1))), real
            )  # a fresh z for each turn, as ganvas and Algorithm 1 of the paper have it
            g_loss.backward()
            of_G.step()
            print(f"[{step}/{len(loader)}] D {(d_real + d_fake).item():f} G {g_loss.item():f}")
            yield


def ours(
    name: str, changes: dict[str, Any], *, threads: int, precision: str, nchw: bool = False
) -> tuple[str, Iterator[None]]:
    """A recipe through ganvas's own loop, yielding after each round, and the precision it settled on."""
    common = {"precision": precision, "threads": threads, "G.ema": None, "batch_samples": BATCH, "scores": []}
    experiment = settle(
        prepare(override(recipe(name), common | changes)), torch.device("cpu"), ProcessGroup(), None
    ).experiment
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())
    if nchw:
        for player in trainer.players.values():
            player.network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # torch's stub lacks it

    def rounds() -> Iterator[None]:
        while True:
            trainer.round()
            yield

    return trainer.precision, rounds()


def compare(
    benchmark: str, protocol: str, fast: Iterator[Any], slow: Iterator[Any], chosen: argparse.Namespace
) -> None:
    """Interleaved repeats, their median ratio, a row."""
    images_per_second(fast, 2.0), images_per_second(slow, 2.0)  # warm-up
    pairs = [
        (images_per_second(fast, chosen.seconds), images_per_second(slow, chosen.seconds))
        for _ in range(chosen.repeats)
    ]
    ratios = sorted(a / b for a, b in pairs)
    append_row(
        benchmark=benchmark,
        protocol=f"{protocol}, batch {BATCH}, {chosen.threads} threads each, {chosen.repeats} interleaved repeats of "
        f"{chosen.seconds} s",
        ratio_median=statistics.median(ratios),
        ratio_min=ratios[0],
        ratio_max=ratios[-1],
        fast=statistics.median(a for a, _ in pairs),
        slow=statistics.median(b for _, b in pairs),
    )


def main() -> None:
    """The rows asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("which", nargs="*", default=["dcgan", "penalties", "lazy"])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    always = {
        "generator.width": WIDTH,
        "discriminator.width": WIDTH,
        "penalties.0.interval": 1,
        "penalties.1.interval": 1,
    }
    if "dcgan" in chosen.which:
        for precision in ("auto", "fp32"):
            settled, mine = ours("dcgan", {}, threads=chosen.threads, precision=precision)
            compare(
                "dcgan speed",
                f"images/s, DCGAN 28 x 28, width {WIDTH}, ganvas in {settled} against script in fp32, EMA off",
                mine,
                script(),
                chosen,
            )
    if "penalties" in chosen.which:
        fast = ours("rgan", always, threads=chosen.threads, precision="bf16")[1]
        slow = ours("rgan", always, threads=chosen.threads, precision="fp32", nchw=True)[1]
        compare(
            "penalties speed",
            f"images/s, rgan width {WIDTH}, R1 + R2 every turn, bf16 channels_last against fp32 NCHW",
            fast,
            slow,
            chosen,
        )
    if "lazy" in chosen.which:
        fast = ours(
            "rgan",
            {**always, "penalties.0.interval": 8, "penalties.1.interval": 8},
            threads=chosen.threads,
            precision="auto",
        )[1]
        slow = ours("rgan", always, threads=chosen.threads, precision="auto")[1]
        compare(
            "lazy speed", f"images/s, rgan width {WIDTH}, R1 + R2 every 8th turn against every turn", fast, slow, chosen
        )


if __name__ == "__main__":
    main()
