"""The content of a report page as plain values, without torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from .markup import Pixels

Scored = Mapping[str, Any]  # name, value, n, error, lower_is_better, protocol, real_vs_real


@dataclass(frozen=True)
class ClassHistogram:
    """Counts or shares of the classes among fakes and reals."""

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
    """The values of a score at several n, and its limit for infinite n with the standard error of the limit."""

    n: Sequence[float]
    values: Sequence[float]
    limit: float
    error: float | None = None
    name: str = "distance"


@dataclass(frozen=True)
class TextTable:
    """A table of texts under a title, with a note below."""

    title: str
    note: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """A picture under a title, with a note above."""

    title: str
    note: str
    picture: Image.Image


@dataclass(frozen=True)
class ReportContent:
    """What the page shows. An empty field has no section.

    Args:
        title: the heading.
        results: first the headline score, as `plain_result` returns them.
        scored: a sentence on what was scored.
        facts: names and values below the heading.
        verdict: one sentence for each main score.
        histogram: of the classes.
        neighbours: distances to the nearest training sample.
        pairs: fakes with their nearest training pictures, nearest first.
        history: the records of metrics.jsonl: results with `samples`.
        extrapolation: of the first score to infinite n.
        grid: of samples.
        notes: messages of the evaluation.
        tables: of texts, which a kind of data has besides.
        pictures: likewise.
    """

    title: str
    results: Sequence[Scored]
    scored: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    verdict: Sequence[str] = ()
    histogram: ClassHistogram | None = None
    neighbours: TrainingDistances | None = None
    pairs: Sequence[ImagePair] = ()
    history: Sequence[Scored] = ()
    extrapolation: Extrapolation | None = None
    grid: Image.Image | None = None
    notes: Sequence[str] = ()
    tables: Sequence[TextTable] = ()
    pictures: Sequence[Picture] = ()
