"""The Frechet distance of a generator that copies its training data, and of new data. python benchmarks/copier.py

20 draws. In each, 2,000 digits of val are the reals; the fakes are 2,000 training digits (what a copier would make), or
2,000 other digits of val (what the source itself would make). A row: mean and standard deviation over the draws of both
distances, and the mean of their difference with its standard error. Test is not read.
"""

from statistics import mean, stdev

import torch

from ganvas.data.mnist import Mnist
from ganvas.metrics.digits import digit_features
from ganvas.metrics.frechet import frechet_of_features
from rows import append_row

DRAWS = 20
N = 2_000
POOL = 10_000  # digits of train, as many as val has, from which each draw takes its own


def features(split: str, rows: torch.Tensor) -> torch.Tensor:
    """Features [n, 128] of these rows of a split."""
    x = torch.from_numpy(Mnist().items(split).x[rows.numpy()]).permute(0, 3, 1, 2)  # type: ignore[arg-type]
    return digit_features(x.float() / 127.5 - 1)[0]


def main() -> None:
    """Draw, measure, one row."""
    draw = torch.Generator().manual_seed(0)
    train = features("train", torch.randperm(50_000, generator=draw)[:POOL])
    val = features("val", torch.arange(POOL))
    copies, new = [], []
    for _ in range(DRAWS):
        order, copied = torch.randperm(POOL, generator=draw), torch.randperm(POOL, generator=draw)[:N]
        real, other = val[order[:N]], val[order[N : 2 * N]]
        copies.append(frechet_of_features(real=real, fake=train[copied]))
        new.append(frechet_of_features(real=real, fake=other))
    apart = [a - b for a, b in zip(copies, new, strict=True)]
    append_row(
        benchmark="copier",
        protocol=f"digit_frechet of {N:,} of {POOL:,} training digits and of {N:,} new digits of val, each against "
        f"{N:,} others of val, drawn anew each time",
        draws=DRAWS,
        copies=mean(copies),
        copies_sd=stdev(copies),
        new=mean(new),
        new_sd=stdev(new),
        difference=mean(apart),
        difference_error=stdev(apart) / DRAWS**0.5,
    )


if __name__ == "__main__":
    main()
