"""A small table that is made: three kinds of shops, with columns of every kind that networks learn."""

from dataclasses import dataclass

import numpy as np

from ..base.draws import normal_rows, uniform_rows
from ..base.types import Count
from .source import Items, Split
from .table_column import TableColumn

KINDS = ("bakery", "garage", "library")
SHARES = (0.6, 0.3, 0.1)
MEANS = ((12.0, 40.0), (300.0, 900.0), (2.0, 5.0))  # of the price: of the two sizes of shop


@dataclass(frozen=True)
class MadeTable:
    """Rows of shops: kind (three, of shares 0.6, 0.3 and 0.1), open on Sunday (yes or no), price (two modes for each
    kind), visitors (whole numbers, missing in one row of ten).

    Args:
        samples: rows of the training split; val and test have a quarter each.
        seed: of all rows.
    """

    samples: Count = 4_000
    seed: int = 0

    def items(self, split: Split) -> Items:
        n = self.samples if split == "train" else max(1, self.samples // 4)
        u, z = (
            uniform_rows((self.seed, "shops", split), range(n), 4),
            normal_rows((self.seed, "shop", split), range(n), 2),
        )
        kind = np.searchsorted(np.cumsum(SHARES)[:-1], u[:, 0], side="right")
        large = (u[:, 1] < 0.4).astype(int)
        mean = np.array(MEANS)[kind, large]
        price = (mean * np.exp(0.1 * z[:, 0])).round(2)
        sunday = (u[:, 2] < np.array([0.8, 0.05, 0.3])[kind]).astype(float)
        visitors = np.maximum(0, (50 + 100 * large + 30 * z[:, 1]).round())
        visitors = np.where(u[:, 3] < 0.1, np.nan, visitors)
        columns = (
            TableColumn("kind", "category", "made", categories=KINDS),
            TableColumn("sunday", "yes/no", "made", categories=("no", "yes")),
            TableColumn("price", "number", "made", decimals=2, low=1.0, high=1500.0),
            TableColumn("visitors", "whole", "made", decimals=0, low=0.0, high=400.0, missing=1),
        )
        x = np.stack([kind.astype(float), sunday, price, visitors], axis=1)
        return Items(x=x, columns=tuple(column.name for column in columns), table=columns)
