"""Few labels: a small part of another source, the same number of each class."""

from dataclasses import dataclass, replace

import numpy as np

from ..base.draws import permutation
from ..base.errors import DataError
from ..base.types import Count
from .source import Items, Source, Split


@dataclass(frozen=True)
class LabelledSubset:
    """`per_class` training items of each class, drawn by `seed`; val and test are the source's own, whole.

    Args:
        source: labelled data.
        per_class: training items of each class.
        seed: another choice for another number.
    """

    source: Source
    per_class: Count = 10
    seed: int = 0

    def items(self, split: Split) -> Items:
        items = self.source.items(split)
        return items if split != "train" else select_rows(items, np.sort(self._rows(items)))

    def _rows(self, items: Items) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        if items.y is None:
            raise DataError(
                "few items a class can be chosen only where there are classes, and the data have none",
                hint="Bring labels.",
            )
        order = permutation((self.seed, "few"), len(items))
        found = [order[items.y[order] == number][: self.per_class] for number in range(len(items.classes))]
        for name, rows in zip(items.classes, found, strict=True):
            if len(rows) < self.per_class:
                raise DataError(
                    f"class '{name}' has {len(rows)} training items, fewer than per_class={self.per_class}",
                    hint="Lower per_class.",
                )
        return np.concatenate(found)


def select_rows(items: Items, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Items:
    """These rows of the items, each with its own id and group; the fingerprint of the whole is not theirs."""
    y, group = (None if value is None else value[rows] for value in (items.y, items.group))
    return replace(items, x=items.x[rows], y=y, id=items.id[rows], group=group, sha256="")
