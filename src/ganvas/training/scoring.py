"""Metrics of a game's output against a split of the data."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from torch import Tensor, nn

from ..base.types import Batch, Spec
from ..data.stream import Stream
from ..domains.contract import HasWrittenForm
from ..metrics import VERSIONS, Metric, Result, TwoSided, trained_in
from ..ops.transparency import SCORING_GROUND, scoring_pictures
from .inference import assessments, class_labels, class_protocol, data_batches, noise_batches, outputs

if TYPE_CHECKING:
    from ..games.contract import Game

T = TypeVar("T")


class Scorer:
    """Scores a game's output by all metrics against one split; values of the reals are computed once.

    Args:
        metrics: the recipe's.
        game: makes the fakes.
        spec: of the data.
        reals: the split to score against; `split` is its name.
        train: training data: the real-vs-real baseline is their score against the split.
        seed: of the latents and of the fakes' classes. It is not the run's, so that runs of different seeds are scored
            by one protocol.
        data: fingerprint of the split, for the protocol; empty to leave it out.
        cache: values computed from reals so far; scorers of the same data may share it.
        trained: feature spaces that the players train in; scores in them have that in their protocol.
    """

    def __init__(
        self,
        metrics: tuple[Metric, ...],
        game: "Game",
        spec: Spec,
        *,
        reals: Stream,
        split: str,
        train: Stream,
        seed: int = 0,
        data: str = "",
        cache: dict[Any, Any] | None = None,
        trained: Collection[str] = (),
    ) -> None:
        self.metrics, self.game, self.spec, self.seed = metrics, game, spec, seed
        self.reals, self.split, self.train, self.data = reals, split, train, data
        self.cache = {} if cache is None else cache
        self.trained = trained
        self.headlines: dict[str, None] = {}  # each metric's first result, in order

    def score(self, networks: Mapping[str, nn.Module]) -> tuple[Result, ...]:
        """Score the networks.

        Args:
            networks: the players, by name.

        Returns:
            All results, each metric's primary score first. The protocol of each names the split, spec and versions.
        """
        results: list[Result] = []
        for metric in self.metrics:
            real = self.real(metric)
            labels = self.labels(networks, real)
            batches = data_batches(self.reals) if self.game.needs_data else noise_batches(self.spec, labels)
            made = outputs(self.game, networks, batches, n=len(real.x), seed=self.seed)
            if self.game.output_kind == "samples":  # logits of classes are not written
                domain = self.reals.domain
                made = domain.as_written(made) if isinstance(domain, HasWrittenForm) else made
                made = scoring_pictures(made, self.spec)
            assessed = assessments(self.game, networks, real)
            fake = replace(real, x=made, y=labels, given={**real.given, **assessed})
            real_vs_real_values = {each.name: each.value for each in self.real_vs_real(metric, real)}
            measured = self.measured(metric, real, fake)
            self.headlines |= dict.fromkeys(result.name for result in measured[:1])
            for result in measured:
                protocol = {
                    **result.protocol,
                    **trained_in(result.name, self.trained),
                    **({} if self.game.needs_data else class_protocol(len(self.spec.classes), self.training_labels)),
                    "split": self.split,
                    **({"real": self.data} if self.data else {}),
                    **({"ground": SCORING_GROUND} if self.spec.has_alpha else {}),
                    "spec_sha256": self.spec.sha256,
                    "seed": self.seed,
                    "versions": VERSIONS,
                }
                results.append(replace(result, real_vs_real=real_vs_real_values.get(result.name), protocol=protocol))
        return tuple(results)

    def labels(self, networks: Mapping[str, nn.Module], real: Batch) -> Tensor | None:
        """Class numbers for the fakes, int64 [n]; None if no network takes a class.

        They have the shares of the training split, or are uniform if the game does not use labels, as InfoGAN's. They
        are never the labels of the reals. A game that needs data gets the labels of its inputs.
        """
        if not any(getattr(network, "conditional", False) for network in networks.values()):
            return None
        if self.game.needs_data or not self.spec.classes:
            return real.y
        return class_labels(len(self.spec.classes), self.training_labels, len(real.x), self.seed)

    @property
    def training_labels(self) -> Tensor | None:
        """The labels that the players were trained with; None if there are none or the game does not use them."""
        return self.train.store.y if self.game.uses_labels else None

    def baselines(self) -> None:
        """Compute the values that depend only on reals, so that later scorings are faster."""
        for metric in self.metrics:
            self.real_vs_real(metric, self.real(metric))

    def real(self, metric: Metric) -> Batch:
        """The items of the split that a metric uses."""
        return self.first(self.reals, min(metric.n, len(self.reals.store)))

    def first(self, stream: Stream, n: int) -> Batch:
        """The first n items as metrics get them: transparent pictures on a grey ground."""
        batch = first_items(stream, n)
        return replace(batch, x=scoring_pictures(batch.x, self.spec))

    def real_vs_real(self, metric: Metric, real: Batch) -> tuple[Result, ...]:
        """The metric of as many training reals as there are fakes; () if there are fewer, or the game needs data."""
        n = len(real.x)
        if self.game.needs_data or len(self.train.store) < n:
            return ()
        return self.once(("real_vs_real", metric, self.split, n), lambda: self.real_vs_real_of(metric, real))

    def real_vs_real_of(self, metric: Metric, real: Batch) -> tuple[Result, ...]:
        """`real_vs_real` without the cache."""
        n = len(real.x)
        if not isinstance(metric, TwoSided):
            return metric.measure(real=real, fake=self.first(self.train, n))
        train = self.once(("summary", metric, "train", n), lambda: metric.summarize(self.first(self.train, n)))
        return metric.compare(real=self.summary_of_reals(metric, real), fake=train, errors=False)

    def measured(self, metric: Metric, real: Batch, fake: Batch) -> tuple[Result, ...]:
        """The metric's results."""
        if not isinstance(metric, TwoSided):
            return metric.measure(real=real, fake=fake)
        return metric.compare(real=self.summary_of_reals(metric, real), fake=metric.summarize(fake))

    def summary_of_reals(self, metric: TwoSided, real: Batch) -> Any:
        """The metric's summary of the split's reals, computed once."""
        return self.once(("summary", metric, self.split, len(real.x)), lambda: metric.summarize(real))

    def once(self, key: tuple[Any, ...], compute: Callable[[], T]) -> T:
        """The cached value of the key, computed if it is missing."""
        if key not in self.cache:
            self.cache[key] = compute()
        found: T = self.cache[key]
        return found


def first_items(stream: Stream, n: int) -> Batch:
    """The first n items in one batch."""
    return stream.at(np.arange(n), np.zeros(n, np.int64))
