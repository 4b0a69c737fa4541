"""Which unit of a generator changes which measure of its pictures most: every unit is switched off by itself."""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..base.errors import UsageError
from .dissect_scores import Measured, effect_of, measured_by
from .edit import Edited, as_model, check_count
from .latent_paths import Start, start_points
from .latent_space import LatentSpace, has_styles
from .units import Unit, check_units, layers_with_units, without_units

SHOWN = 8  # samples in a row
MOST = 512


@dataclass(frozen=True, kw_only=True)
class Dissection(Edited):
    """The samples in the first row; below them, for each measure, the same with the unit of this measure switched off.

    Args:
        units: all units, layer by layer.
        names: of the measures.
        effects: mean of |change of the measure| over samples where the unit is off, in standard deviations of the
            measure over samples, [units, measures].
        changes: root mean square change of the pixels, of values in [-1, 1], [units].
    """

    units: tuple[Unit, ...]
    names: tuple[str, ...]
    effects: Tensor
    changes: Tensor

    def unit_of(self, name: str) -> Unit:
        """The unit that changes this measure most beyond all other measures.

        Args:
            name: of a measure.

        Raises:
            UsageError: there is no such measure.
        """
        if name not in self.names:
            raise UsageError(f"there is no measure '{name}'", hint=f"There are: {', '.join(self.names)}.")
        return self.units[best_unit(self.effects, self.names.index(name))]

    def table(self) -> list[dict[str, Any]]:
        """A row for each unit: layer, channel, change of the pixels, and the effect on each measure."""
        return [
            {"layer": unit.layer, "channel": unit.channel, "change": round(float(change), 5)}
            | {name: round(float(value), 4) for name, value in zip(self.names, effects, strict=True)}
            for unit, change, effects in zip(self.units, self.changes, self.effects, strict=True)
        ]

    def save_table(self, out: str | os.PathLike[str]) -> Path:
        """Write the table as a CSV.

        Args:
            out: the file.

        Raises:
            OSError: it cannot be written.
        """
        text = io.StringIO()
        writer = csv.DictWriter(text, ["layer", "channel", "change", *self.names], lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.table())
        path = Path(out)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.getvalue(), encoding="utf-8")
        return path


def dissect(
    run: Any,
    by: Measured = None,
    *,
    n: int = 64,
    layers: Sequence[str] | None = None,
    seed: int = 0,
    classes: Sequence[str | int] | str | int | None = None,
    at: str = "auto",
) -> Dissection:
    """Switch off each unit by itself, and measure what changes: GAN Dissection's intervention.

    Bau et al. 2019, section 3.2. https://arxiv.org/abs/1811.10597. A unit is a feature map that a convolution reads;
    off means 0 everywhere. They ablate sets of units and measure classes of objects by a segmentation network; here
    each unit is alone, and the measures are yours.

    Args:
        run: a run's folder, or the Model that `load` returned; its generator has convolutions.
        by: measures. Names such as ("brightness", "detail"); "classes" for every class of the data; or a pair of names
            and a function that gets pictures as `Model.sample` gives them and returns a row of numbers for each,
            NaN where there is none. None: all named measures.
        n: samples.
        layers: names of layers; None: all.
        seed: of the samples.
        classes: one or several, as in `Model.sample`.
        at: the checkpoint, as `load` takes it.

    Returns:
        The effects of all units, and a sheet of the units found.

    Raises:
        UsageError: the model has no latent vectors or no convolutions, or no such layer, measure or class.
        DataError: the classes' data are missing.
    """
    check_count("samples", n, MOST)
    space = LatentSpace(as_model(run, at))
    points = space.start(n, seed=seed, label=classes)
    measure = measured_by(space.model, by)
    known = layers_with_units(space, points)
    for layer in layers or ():
        check_units([Unit(layer, 0)], known)
    units = [Unit(layer, channel) for layer in layers or known for channel in range(known[layer])]
    effects, changes = effect_of(space, points, units, measure)
    first = start_points(space, None, min(n, SHOWN), seed=seed, label=classes)
    found = [units[best_unit(effects, place)] for place in range(len(measure.names))]
    rows = [plain_samples(space, len(first.z), seed, classes), *(without_units(space, first, [each]) for each in found)]
    named = ", ".join(f"{name} {unit.layer}:{unit.channel}" for name, unit in zip(measure.names, found, strict=True))
    note = f"{len(units):,} units. Rows: the samples; without the unit of {named}."
    return Dissection(
        space.model,
        torch.cat(rows),
        len(first.z),
        seed,
        note,
        units=tuple(units),
        names=measure.names,
        effects=effects,
        changes=changes,
    )


def best_unit(effects: Tensor, place: int) -> int:
    """The unit whose effect on this measure is furthest above its largest effect on another one."""
    others = torch.cat([effects[:, :place], effects[:, place + 1 :]], 1)
    return int((effects[:, place] - (others.amax(1) if others.shape[1] else 0)).argmax())


def ablate(
    run: Any,
    units: Sequence[tuple[str, int]],
    n: int = SHOWN,
    *,
    seed: int = 0,
    start: Start = None,
    classes: Sequence[str | int] | str | int | None = None,
    at: str = "auto",
) -> Edited:
    """Samples, and below them the same with units switched off.

    Args:
        run: a run's folder, or the Model that `load` returned.
        units: (layer, channel) of each, as `dissect` names them.
        n: samples.
        seed: of the samples.
        start: latents instead of samples: a file of `invert`, or its points.
        classes: one or several, as in `Model.sample`.
        at: the checkpoint, as `load` takes it.

    Returns:
        Two rows.

    Raises:
        UsageError: there is no such unit, or the model has no latent vectors.
    """
    check_count("samples", n, MOST)
    plain = LatentSpace(as_model(run, at))
    space = plain if start is None else LatentSpace(plain.model, styles=has_styles(plain.G))
    points = start_points(space, start, n, seed=seed, label=classes)
    off = [Unit(*each) for each in units]
    check_units(off, layers_with_units(space, points))
    before = space.generate(points) if start is not None else plain_samples(space, n, seed, classes)
    x = torch.cat([before, without_units(space, points, off)])
    named = ", ".join(f"{layer}:{channel}" for layer, channel in off)
    return Edited(plain.model, x, len(points.z), seed, f"Rows: the samples; without {named}.")


def plain_samples(space: LatentSpace, n: int, seed: int, classes: Any) -> Tensor:
    """What `Model.sample` gives."""
    return space.samples(n, seed=seed, label=classes)
