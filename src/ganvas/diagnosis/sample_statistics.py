"""How samples lie to the data, in a cheap space, relative to what training reals score against held-out reals."""

import numpy as np
import torch
from torch import Tensor

from ..base.types import Batch, Spec
from ..data.stream import Stream
from ..metrics.random_features import random_features
from .column_signals import column_signals, columns_of
from .signals import (
    coverage_and_precision,
    effective_rank,
    energy_coefficient,
    nearer_to_train,
    neighbour_radii,
    repeated_share,
)

REALS = 512  # of each split
TWINS = 0.02  # the share of held-out reals that count as repeated: it sets how near a repetition lies


def evenly_spaced(stream: Stream, n: int) -> Batch:
    """At most n items, evenly spaced, as data may be sorted."""
    index = np.linspace(0, len(stream.store) - 1, min(n, len(stream.store))).astype(np.int64)
    return stream.at(index, np.zeros(len(index), np.int64))


class SampleStatistics:
    """Measured once at the start: the reals, and what reals score against other held-out reals (training reals, where there are few). `held` may be None."""

    def __init__(self, spec: Spec, train: Stream, held: Stream | None, *, n: int) -> None:
        x = evenly_spaced(train, REALS).x
        self.pictures = spec.domain == "images" and spec.bounded
        flat = x.flatten(1)
        self.centre, self.scale = flat.mean(0), flat.std(0).mean().clamp(min=1e-30)
        self.train = self.embed(x)
        rest = self.embed(evenly_spaced(held, REALS + n).x) if held else self.train
        apart_from = torch.ones(len(rest), dtype=torch.bool)
        if len(rest) >= REALS // 2 + n and held:
            apart_from[even_indices(len(rest), n)] = False
        self.held = rest[apart_from]
        self.m = min(len(self.train), len(self.held)) if held else 0  # as many of each
        self.reach = neighbour_radii(self.held)
        self.wide = mean_distance(self.held)
        self.broad = mean_distance(flat)
        some = rest[~apart_from] if not bool(apart_from.all()) else even_rows(self.train, n)
        self.near = float(nearest_distances(some).quantile(TWINS))
        self.real = self.scores(some)
        self.least = smallest_meaningful(len(some), len(self.held))
        data = self.scores(even_rows(self.train, n))
        self.data = {
            "data.repeated": data["repeated"],
            **{f"data.{name}": self.relative(name, data[name]) for name in ("coverage", "apart")},
        }
        self.data["data.items"] = float(len(train.store))
        self.columns = columns_of(train)
        self.before: Tensor | None = None

    def embed(self, x: Tensor) -> Tensor:
        """Random features of pictures; of anything else its own numbers, centred and scaled alike."""
        x = x.float().cpu()
        return random_features(x) if self.pictures else (x.flatten(1) - self.centre) / self.scale

    def scores(self, x: Tensor) -> dict[str, float]:
        """The scores of samples that lie in the space."""
        between, among = torch.cdist(x, self.held), torch.cdist(x, x)
        coverage, precision = coverage_and_precision(between, self.reach)
        found = {
            "coverage": coverage,
            "precision": precision,
            "rank": effective_rank(x),
            "repeated": repeated_share(among, self.near),
        }
        found["apart"] = energy_coefficient(float(between.mean()), float(among.mean()), self.wide)
        if self.m:
            found["nearer"] = nearer_to_train(
                torch.cdist(x, even_rows(self.train, self.m)), between[:, even_indices(len(self.held), self.m)]
            )
        return found

    def relative(self, name: str, value: float) -> float:
        """A score as a ratio to the reals', of which no less than `least` counts: of few reals it may be zero by chance."""
        return value / max(self.real[name], self.least[name])

    def ema_gap(self, live: Tensor, kept: Tensor) -> float:
        """How far the live players' samples lie from those of the averages, in mean distances between reals."""
        return float((live - kept).flatten(1).norm(dim=1).mean()) / self.broad

    def update(self, x: Tensor) -> dict[str, float]:
        """Signals of fakes: coverage, precision, apart and rank as ratios to the reals', repeated as a share; of a table, those of its columns too."""
        x = self.embed(x)
        now = self.scores(x)
        found = {f"x.{name}": self.relative(name, now[name]) for name in ("coverage", "precision", "apart", "rank")}
        found |= {"x.repeated": now["repeated"], **self.data}
        found |= {"x.nearer": now["nearer"]} if self.m else {}
        found |= column_signals(self.columns, real=self.held, fake=x) if self.columns else {}
        if self.before is not None:
            found["x.moved"] = float((x - self.before).norm(dim=1).mean()) / self.wide
        self.before = x
        return found


def smallest_meaningful(n: int, m: int) -> dict[str, float]:
    """The least that scores of n reals against m others can mean anything at: half the distance that is due to chance alone, one hit, one dimension.

    Of two samples of one distribution, the mean distances within a sample are a share 1/n and 1/m too small, as each item's distance to itself counts:
    E apart^2 = (1/n + 1/m) / 2.
    """
    return {"apart": ((1 / n + 1 / m) / 2) ** 0.5 / 2, "coverage": 1 / m, "precision": 1 / n, "rank": 1.0}


def even_indices(length: int, n: int) -> Tensor:
    """At most n row numbers, evenly spaced."""
    return torch.linspace(0, length - 1, min(n, length)).long()


def even_rows(x: Tensor, n: int) -> Tensor:
    """At most n rows, evenly spaced."""
    return x[even_indices(len(x), n)]


def nearest_distances(x: Tensor) -> Tensor:
    """From each to its nearest other."""
    return torch.cdist(x, x).fill_diagonal_(torch.inf).amin(1)


def mean_distance(x: Tensor) -> float:
    """Between two of them."""
    return float(torch.cdist(x, x).mean()) or 1.0
