"""Some classes of another source, such as the normal ones."""

from dataclasses import dataclass

import numpy as np

from ..base.errors import DataError, suggest
from .labelled_subset import select_rows
from .source import Items, Source, Split


@dataclass(frozen=True)
class ClassSubset:
    """The items of these classes, in every split; the others are left out, and so are all labels.

    A detector of anomalies learns from normal items alone, without labels.

    Args:
        source: labelled data.
        classes: names of classes, at least one.
    """

    source: Source
    classes: tuple[str, ...] = ("0",)

    def items(self, split: Split) -> Items:
        items = self.source.items(split)
        unknown = [name for name in self.classes if name not in items.classes]
        if items.y is None or unknown or not self.classes:
            name = unknown[0] if unknown else ""
            raise DataError(
                f"the data have no class '{name}'" if unknown else "no class is named, or the data have none",
                hint=suggest(name, items.classes) or f"Classes: {', '.join(items.classes) or 'none'}.",
            )
        wanted = [items.classes.index(name) for name in self.classes]
        chosen = select_rows(items, np.flatnonzero(np.isin(items.y, wanted)))
        return Items(x=chosen.x, id=chosen.id, group=chosen.group, units=chosen.units, columns=chosen.columns)
