"""What a column of a table is taken for, and all that is needed to write it again."""

from dataclasses import dataclass
from typing import ClassVar, Literal

Kind = Literal["number", "whole", "category", "yes/no", "date", "constant", "identifier", "text"]
KINDS: tuple[Kind, ...] = ("number", "whole", "category", "yes/no", "date", "constant", "identifier", "text")


@dataclass(frozen=True)
class TableColumn:
    """One column of a table.

    Args:
        name: of the column.
        type: "number" or "whole" (numbers), "date" (seconds since 1970), "category" or "yes/no" (one of `categories`),
            "constant" (one value, which samples hold), "identifier" (made anew in samples), "text" (left out).
        why: the reason for the kind.
        categories: every value of a category, as it is written; the one value of a constant.
        decimals: of numbers; -1 where they are not rounded.
        low, high: the least and largest number or date.
        step: seconds to which dates are rounded.
        form: of dates, as `strftime` takes it; of identifiers "PREFIX|DIGITS|NEXT" or "uuid".
        rows: of the table.
        missing: how many cells are missing.
        distinct: how many values there are.
        missing_text: how a missing cell is written.
        padding: spaces before every cell.
        dtype: of pandas, where the table has types.
    """

    DISCRETE: ClassVar[tuple[str, ...]] = ("category", "yes/no")
    NUMERIC: ClassVar[tuple[str, ...]] = ("number", "whole", "date")
    name: str
    type: Kind
    why: str = ""
    categories: tuple[str, ...] = ()
    decimals: int = -1
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    form: str = ""
    rows: int = 0
    missing: int = 0
    distinct: int = 0
    missing_text: str = ""
    padding: str = ""
    dtype: str = ""

    @property
    def is_discrete(self) -> bool:
        """Whether it is one of some categories."""
        return self.type in self.DISCRETE

    @property
    def is_learnt(self) -> bool:
        """Whether networks get it."""
        return self.type in (*self.DISCRETE, *self.NUMERIC)

    @property
    def fate(self) -> str:
        """What is done with it."""
        if self.type == "constant":
            return "samples hold this value"
        if self.type == "identifier":
            return "not learnt; samples get new ones"
        if self.type == "text":
            return "left out"
        return "learnt"
