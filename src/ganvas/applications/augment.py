"""`ganvas.augment_report`: is a classifier better for generated samples? Measured beside what needs no generator."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import UsageError
from ..base.progress import report_progress
from ..metrics import difference_of, mean_of
from ..sessions.ledger import add_scoring
from ..sessions.load_model import Model, load
from .augment_classifiers import BOTH, CLASSIC, CONDITIONS, GENERATED, REAL, Classifiers

if TYPE_CHECKING:
    from ..data.source import Split

Place = str | os.PathLike[str]


@dataclass(frozen=True)
class Point:
    """Accuracies of classifiers for one run.

    Args:
        model: whose samples were used.
        per_class: real training pictures of the smallest class.
        accuracy: for each condition one accuracy a seed.
        accepted: share of samples that the filter accepted, on average.
    """

    model: Model = field(repr=False)
    per_class: int
    accuracy: Mapping[str, tuple[float, ...]]
    accepted: float

    def mean(self, condition: str) -> tuple[float, float, float]:
        """Mean over the seeds, and the ends of its 95 % interval (Student)."""
        found = mean_of(self.accuracy[condition])
        assert found.low is not None
        assert found.high is not None
        return found.mean, found.low, found.high

    def gain(self, condition: str, over: str) -> tuple[float, float, float]:
        """The mean difference of two conditions, and the ends of its 95 % interval (Welch)."""
        found = difference_of(mean_of(self.accuracy[over]), mean_of(self.accuracy[condition]))
        assert found.low is not None
        assert found.high is not None
        return found.value, found.low, found.high


@dataclass(frozen=True)
class AugmentReport:
    """Accuracies of classifiers with and without generated samples.

    Args:
        points: one a run, from few real pictures to many.
        split: that the accuracies are of.
        seeds: of each.
        samples: pictures that each classifier was trained on.
        messages: on test, how often each test split had been scored before.
    """

    points: tuple[Point, ...]
    split: "Split"
    seeds: int
    samples: int
    messages: tuple[str, ...] = ()

    @property
    def verdict(self) -> tuple[str, ...]:
        """A sentence for each run: what generated samples add to the better of real and shifted real pictures."""
        return tuple(verdict_of(point) for point in self.points)


def verdict_of(point: Point) -> str:
    """What generated samples add, in words."""
    best = max((REAL, CLASSIC), key=lambda name: point.mean(name)[0])
    with_generated = max((GENERATED, BOTH), key=lambda name: point.mean(name)[0])
    value, low, high = point.gain(with_generated, best)
    begin = f"With {point.per_class:,} real pictures a class, "
    if low > 0:
        return f"{begin}generated samples add {value:.1%} [{low:.1%}, {high:.1%}] to the best accuracy without them."
    if high < 0:
        return f"{begin}generated samples cost {-value:.1%} [{-high:.1%}, {-low:.1%}]: leave them out."
    return f"{begin}nothing was gained: the difference is {value:+.1%} [{low:+.1%}, {high:+.1%}]."


def augment_report(
    runs: "Model | Place | Sequence[Model | Place]",
    *,
    seeds: int = 5,
    samples: int = 30_000,
    generated: int = 500,
    confidence: float = 0.9,
    split: "Split" = "val",
    width: int = 16,
) -> AugmentReport:
    """Train an ordinary classifier on a run's pictures, on its samples and on both, and compare the accuracies.

    Each run's classifiers get the very pictures that its generator was trained on: one that has seen more labels
    than the classifier would make the comparison unfair. For a curve bring several runs, each trained on another
    number of pictures (`LabelledSubset`). Samples are those that a classifier of the real pictures takes for the class
    that was asked for, with at least `confidence`. Every classifier is trained on as many pictures as any other.

    Args:
        runs: runs of generators that take a class, with labelled pictures.
        seeds: trainings of each classifier, at least 2.
        samples: pictures that each classifier is trained on, repeats counted.
        generated: samples of each class, before the filter.
        confidence: the least probability that the filter keeps, from 0 to 1.
        split: whose accuracy is measured.
        width: of the classifier's first layer.

    Returns:
        Accuracies with intervals over seeds.

    Raises:
        UsageError: a generator takes no class, or the data have no labels; or a number is out of its range.
        DataError: the data are missing or have changed.
    """
    places = [runs] if isinstance(runs, Model | str | os.PathLike) else list(runs)
    if seeds < 2 or not 0 <= confidence <= 1:
        raise UsageError(f"seeds={seeds} and confidence={confidence:g} are impossible", hint="Such as 5 and 0.9.")
    models = [each if isinstance(each, Model) else load(each) for each in places]
    for model in models:
        check_model(model)
    points = []
    for place, model in enumerate(models):
        classifiers = Classifiers(model, samples=samples, width=width, split=split)
        accuracy: dict[str, list[float]] = {name: [] for name in CONDITIONS}
        accepted: list[float] = []
        for seed in range(seeds):
            report_progress("training classifiers", place * seeds + seed, len(models) * seeds)
            found, share = classifiers.accuracies(seed, generated, confidence)
            accepted.append(share)
            for name in CONDITIONS:
                accuracy[name].append(found[name])
        assert classifiers.real.y is not None
        smallest = int(np.bincount(classifiers.real.y, minlength=len(model.spec.classes)).min())
        points.append(
            Point(model, smallest, {name: tuple(each) for name, each in accuracy.items()}, float(np.mean(accepted)))
        )
    report_progress("training classifiers", len(models) * seeds, len(models) * seeds)
    return AugmentReport(
        tuple(sorted(points, key=lambda point: point.per_class)), split, seeds, samples, counted_on_test(models, split)
    )


def counted_on_test(models: Sequence[Model], split: "Split") -> tuple[str, ...]:
    """Count the scoring of each test split in the ledgers; a sentence for each. On val nothing is counted."""
    if split != "test":
        return ()
    shas = {model.experiment.split_items("test").fingerprint: model.sha256 for model in models}
    return tuple(add_scoring(data, model=sha256, run=None).text for data, sha256 in shas.items())


def check_model(model: Model) -> None:
    """Raises UsageError for a model that makes no pictures of classes, DataError for other data."""
    if not model.conditional or not model.spec.classes or len(model.spec.shape) != 3:
        raise UsageError(
            "this model makes no pictures of classes", where=str(model.run), hint="Train one with labels: recipe mnist."
        )
    model.check_data()
