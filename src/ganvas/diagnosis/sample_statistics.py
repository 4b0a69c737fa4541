"""Cheap statistics of samples against the data, divided by the values of training reals against held-out reals."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ..base.types import Batch
from ..data.stream import Stream
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
TWINS = 0.02  # the share of held-out reals that count as duplicates: it sets the distance of a duplicate


def evenly_spaced(stream: Stream, n: int) -> Batch:
    """At most n items of a stream, evenly spaced, as data may be sorted."""
    index = np.linspace(0, len(stream.store) - 1, min(n, len(stream.store))).astype(np.int64)
    return stream.at(index, np.zeros(len(index), np.int64))


class SampleStatistics:
    """Statistics of samples against up to REALS reals of each split. The reals are embedded once, at the start.

    Args:
        train: the training data.
        held: held-out data, or None if there are few; the training data then take their place.
        n: samples of a measurement.
        features: from pictures in [-1, 1] to vectors; None for data that are compared as they are.
    """

    def __init__(
        self,
        train: Stream,
        held: Stream | None,
        *,
        n: int,
        features: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        x = evenly_spaced(train, REALS).x
        self.features = features
        flat = x.flatten(1).float()
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
        """Samples [n, *shape] as vectors [n, d]: features of pictures; other data centred and scaled."""
        x = x.float()
        return self.features(x) if self.features else (x.cpu().flatten(1) - self.centre) / self.scale

    def scores(self, x: Tensor) -> dict[str, float]:
        """The statistics of embedded samples [n, d]: coverage, precision, rank, repeated, apart, nearer."""
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
        """A statistic divided by that of the reals, at least `self.least`, as few reals may have 0 by chance."""
        return value / max(self.real[name], self.least[name])

    def ema_gap(self, live: Tensor, averaged: Tensor) -> float:
        """The mean distance of live samples from those of the averaged networks, in mean distances between reals."""
        return float((live - averaged).flatten(1).norm(dim=1).mean()) / self.broad

    def update(self, x: Tensor) -> dict[str, float]:
        """The signals of fakes: coverage, precision, apart and rank as ratios to those of reals, repeated as a share.

        It stores the fakes for x.moved, their change since the last call. Tables have signals of their columns too.
        """
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
    """The smallest meaningful statistics of n reals against m: half the distance by chance, one hit, one dimension.

    For two samples of one distribution, the mean distances within a sample are too small by 1/n and 1/m, because the
    distance of each item to itself is counted: E apart^2 = (1/n + 1/m) / 2.
    """
    return {"apart": ((1 / n + 1 / m) / 2) ** 0.5 / 2, "coverage": 1 / m, "precision": 1 / n, "rank": 1.0}


def even_indices(length: int, n: int) -> Tensor:
    """At most n row numbers of `length`, evenly spaced."""
    return torch.linspace(0, length - 1, min(n, length)).long()


def even_rows(x: Tensor, n: int) -> Tensor:
    """At most n rows of x, evenly spaced."""
    return x[even_indices(len(x), n)]


def nearest_distances(x: Tensor) -> Tensor:
    """The distance of each row to its nearest other row: [n]."""
    return torch.cdist(x, x).fill_diagonal_(torch.inf).amin(1)


def mean_distance(x: Tensor) -> float:
    """The mean distance between two rows; 1 if it is 0."""
    return float(torch.cdist(x, x).mean()) or 1.0
