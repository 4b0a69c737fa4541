"""Metrics applied to a game's output and a split of the data."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from torch import nn

from ..base.types import Batch, Spec
from ..data.stream import Stream
from ..domains.columns import Columns
from ..games.contract import Game
from ..metrics.contract import VERSIONS, Metric, Result
from .sampling import asked, outputs, shown


class Scorer:
    """Scores by all metrics against one split; the floor, reals of train against the split's, is measured once.

    `seed` is that of the latents: not the run's, so that runs of different seeds are scored by one protocol.
    """

    def __init__(self, metrics: tuple[Metric, ...], game: Game, spec: Spec, *, reals: Stream, split: str, train: Stream, seed: int = 0) -> None:
        self.metrics, self.game, self.spec, self.seed = metrics, game, spec, seed
        self.reals, self.split, self.train = reals, split, train
        self.floors: dict[Metric, tuple[Result, ...]] = {}
        self.headlines: dict[str, None] = {}  # each metric's first result, in order

    def score(self, networks: Mapping[str, nn.Module]) -> tuple[Result, ...]:
        """All results, the first metric's headline first. Each carries the split, the spec and the versions in its protocol."""
        results: list[Result] = []
        for metric in self.metrics:
            n = min(metric.n, len(self.reals.store))
            real = first(self.reals, n)
            conditional = any(getattr(network, "conditional", False) for network in networks.values())
            batches = asked(self.spec, real.y if conditional else None) if self.game.from_noise else shown(self.reals)
            made = outputs(self.game, networks, batches, n=n, seed=self.seed)
            made = self.reals.domain.as_written(made) if isinstance(self.reals.domain, Columns) else made
            fake = replace(real, x=made, y=real.y if conditional else None)
            floors = {floor.name: floor.value for floor in self.floor(metric, real)}
            measured = metric.measure(real=real, fake=fake)
            self.headlines |= dict.fromkeys(result.name for result in measured[:1])
            for result in measured:
                protocol = {**result.protocol, "split": self.split, "spec_sha256": self.spec.sha256, "seed": self.seed, "versions": VERSIONS}
                results.append(replace(result, floor=floors.get(result.name), protocol=protocol))
        return tuple(results)

    def floor(self, metric: Metric, real: Batch) -> tuple[Result, ...]:
        """What the metric says of training reals, as many as there are fakes; nothing where there are fewer, or the game does not start from noise."""
        n = len(real.x)
        if not self.game.from_noise or len(self.train.store) < n:
            return ()
        if metric not in self.floors:
            self.floors[metric] = metric.measure(real=real, fake=first(self.train, n))
        return self.floors[metric]


def first(stream: Stream, n: int) -> Batch:
    """The first n items in one batch."""
    return stream.at(np.arange(n), np.zeros(n, np.int64))
