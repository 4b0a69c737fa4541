"""What a report page shows of an evaluation: plain values, without torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from .markup import Pixels

Scored = Mapping[str, Any]  # name, value, n, error, lower_is_better, protocol, real_vs_real


@dataclass(frozen=True)
class ClassHistogram:
    """How often each class came; counts or shares."""

    classes: Sequence[str]
    fake: Sequence[float]
    real: Sequence[float]


@dataclass(frozen=True)
class TrainingDistances:
    """Distances to the nearest training sample."""

    fake: Sequence[float]
    held_out: Sequence[float]


@dataclass(frozen=True)
class ImagePair:
    """A fake and the training picture nearest to it, uint8 [h, w, c]."""

    fake: Pixels
    nearest: Pixels
    distance: float


@dataclass(frozen=True)
class Extrapolation:
    """The values of a score at several n, and its limit for endless n with the limit's standard error."""

    n: Sequence[float]
    values: Sequence[float]
    limit: float
    error: float | None = None
    name: str = "distance"


@dataclass(frozen=True)
class ReportContent:
    """What the page shows; whatever is left out has no section."""

    title: str
    results: Sequence[Scored]  # headline first, as `plain(result)` gives them
    scored: str = ""  # what was scored against what, one sentence
    facts: Mapping[str, object] = field(default_factory=dict)
    histogram: ClassHistogram | None = None
    neighbours: TrainingDistances | None = None
    pairs: Sequence[ImagePair] = ()  # nearest first
    history: Sequence[Scored] = ()  # the run's metrics.jsonl: also `samples`
    extrapolation: Extrapolation | None = None
    grid: Image.Image | None = None
    notes: Sequence[str] = ()
