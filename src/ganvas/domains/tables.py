"""Rows of a table: one-hot categories, and numbers by mode-specific normalisation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.types import Count, Share, Spec
from ..data.balanced import rows_of_table
from .fit_table import fitted_columns, messages_on
from .table_files import frame_of, write_rows
from .table_layout import TableLayout
from .table_picture import shares_picture

if TYPE_CHECKING:
    from ..data.source import Items
    from ..data.stream import Store


@dataclass(frozen=True)
class Tables(TableLayout):
    """x [D]: the one-hot values of all discrete columns, then a scalar and a one-hot mode of each column of numbers.

    Mode-specific normalisation: a number c of mode k becomes (c - mean_k) / (4 sigma_k) and the one-hot k; k is drawn
    from P(k | c) under a Gaussian mixture of the column. Xu et al. 2019, section 4.2. https://arxiv.org/abs/1907.00503
    A missing value is a further category, or a further mode whose scalar is 0.

    Args:
        modes: of the mixture of a column, at most.
        spikes: share of the rows from which a value is a mode of its own, which samples hold exactly; 0: none is.
        balanced: whether training sees rare categories more often, each row with the category it is asked for.
        follows: whether a column that has one value for each category of another one, in all training rows, is set by
            it (domains/following.py) and not learnt.
        rules: conditions that every sample meets, such as "start <= end" (data/table_conditions.py), and sums, such as
            "total = net + tax" (data/table_sums.py); a sum is not learnt.
        columns, codes: set by `fit`.
    """

    sheet: ClassVar[int] = 2500
    modes: Count = 10
    spikes: Share = 0.0
    balanced: bool = True
    follows: bool = False
    rules: tuple[str, ...] = ()

    def fit(self, items: "Items") -> "Tables":
        columns, codes = fitted_columns(items, self, self.modes, self.spikes, self.follows, self.rules)
        return replace(self, columns=columns, codes=codes)

    def spec(self, items: "Items") -> Spec:
        counts = [count for place in self.order[: len(self.widths)] for count in self.codes[place].counts]
        settings: Mapping[str, Any] = {"blocks": list(self.blocks), "counts": counts}
        return Spec(domain="tables", shape=(self.size,), bounded=False, settings=settings)

    def encode(self, items: "Items") -> np.ndarray[Any, Any]:
        """float32 [N, S]: a category's place; of a number its scalar and the place of its mode."""
        return self.encoded(items.x)

    def store(self, items: "Items") -> "Store":
        """The rows, in a balanced order where there are categories and `balanced` is set."""
        return rows_of_table(self.encode(items), self.widths if self.balanced else ())

    def as_written(self, x: Tensor) -> Tensor:
        """x after decode and encode: with the rounding and the bounds that samples get."""
        return self.to_tensor(torch.from_numpy(self.encoded(self.decode(x)))).to(x.device)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """The shares of every category and mode: grey those of the training rows, coloured those of x."""
        names = [self.learnt[place].name for place in self.order]
        counts = [np.array(self.codes[place].counts, float) for place in self.order]
        return shares_picture(x.detach().float().cpu().numpy(), self.blocks, names, counts)

    def write(self, samples: np.ndarray[Any, Any], out: Path) -> None:
        """Samples as a table under the columns of the data: .csv, .tsv, .csv.gz or .parquet. Raises UsageError."""
        write_rows(samples, self.columns, out)

    def frame(self, samples: np.ndarray[Any, Any]) -> Any:
        """Samples as a DataFrame with the columns and types of the data. Raises MissingExtra."""
        return frame_of(samples, self.columns)

    def messages(self, items: "Items") -> Iterator[str]:
        """What the columns are taken for, and which are not learnt."""
        return messages_on(self)
