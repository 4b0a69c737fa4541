"""What is measured where a unit is switched off, and by how much it changes."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..base.progress import progress_listener, report_progress
from .class_reader import ClassReader
from .latent_space import LatentPoints, LatentSpace
from .picture_measures import Scorer, measures_of, named_measure, scored
from .units import Unit, without_units

Measured = str | Sequence[str] | tuple[Sequence[str], Scorer] | None
CLASSES = "classes"
LOST = 0.25  # of the samples that may have no number where a unit is off; with more its effect is not known


class Measure(NamedTuple):
    """Named numbers of pictures.

    Args:
        names: of the columns.
        values: x [n, C, H, W] in the networks' units to float64 [n, k].
    """

    names: tuple[str, ...]
    values: Callable[[Tensor], Tensor]


def measured_by(model: Any, by: Measured) -> Measure:
    """The measures that a person names, as `dissect` takes them. Raises UsageError, or DataError without the data."""
    if by == CLASSES:
        reader = ClassReader(model)
        return Measure(tuple(model.spec.classes), reader.scores)
    if isinstance(by, tuple) and len(by) == 2 and callable(by[1]):
        names, scorer = tuple(by[0]), by[1]
        return Measure(names, lambda x: scored(model, x, scorer))
    names = (by,) if isinstance(by, str) else tuple(by or measures_of(model))
    named = named_measure(model, names)
    return Measure(names, lambda x: scored(model, x, named))


def effect_of(
    space: LatentSpace, points: LatentPoints, units: Sequence[Unit], measure: Measure
) -> tuple[Tensor, Tensor]:
    """Effects [units, measures] and changes [units] of each unit switched off, as `Dissection` has them.

    Args:
        space: of the generator.
        points: of the samples.
        units: that are switched off, one at a time.
        measure: what is measured.
    """
    x = space.generate(points)
    before = measure.values(x)
    present = torch.isfinite(before)
    spread = torch.stack([column[rows].std() for column, rows in zip(before.T, present.T, strict=True)]).clamp(
        min=1e-12
    )
    effects, changes = [], []
    for number, unit in enumerate(units):
        report_progress("switching units off", number, len(units))
        with progress_listener(lambda what, done, total: None):  # of each generation
            off = without_units(space, points, [unit])
        change = (measure.values(off) - before).abs() / spread
        lost = (present & ~torch.isfinite(change)).double().mean(0)
        effect = torch.nanmean(torch.where(torch.isfinite(change), change, torch.nan), 0)
        effects.append(torch.where(lost > LOST, 0.0, effect.nan_to_num(0.0)))
        changes.append((off - x).square().mean().sqrt())
    return torch.stack(effects), torch.stack(changes)
