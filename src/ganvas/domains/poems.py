"""Chinese poems: lines of one length outside, with their punctuation; the numbers of their characters inside."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from unicodedata import category

import numpy as np
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Count, Spec
from ..base.wording import counted
from ..data.source import Items
from ..ingest.graphemes import graphemes
from .text import Text

BREAKS = "\uff0c\u3002"  # comma and full stop, behind a line of an odd and of an even number


@dataclass(frozen=True)
class Poems(Text):
    """x = the numbers of a poem's characters [T], line after line, without punctuation.

    Every line has T / lines characters and every sample all lines: punctuation is no token, it is put where a line
    ends when a sample is decoded. So length of lines and place of punctuation hold by construction. What stands for
    punctuation or white space in the data is left out, in prompts too.

    Args:
        lines: of a poem.
    """

    sheet: ClassVar[int] = 20
    lines: Count = 4

    def fit(self, items: Items) -> "Poems":
        if items.x.ndim != 1 or items.x.dtype != object:
            raise DataError(f"poems are an array of texts [N]; these data are {items.x.dtype} {list(items.x.shape)}")
        self.check_form(items.x.tolist())
        fitted = super().fit(replace(items, given={}))
        return replace(self, **{name: getattr(fitted, name) for name in ("tokens", "vocabulary", "length", "ends")})

    def check_form(self, poems: Iterable[str]) -> None:
        """Raises DataError for poems that have not all the same number of characters, in lines of one length."""
        sizes = sorted({len(self.split(poem)) for poem in poems})
        if len(sizes) > 1 or sizes[0] % self.lines or not sizes[0]:
            found = " and ".join(map(str, sizes[:3])) + (" and more" if len(sizes) > 3 else "")
            raise DataError(
                f"these poems have {found} characters, and a model makes poems of {counted(self.lines, 'line')} of "
                "one length",
                hint="Bring poems of one form, one a line; domain.lines says how many lines a poem has.",
            )

    def split(self, line: str) -> list[str]:
        return [each for each in graphemes(line) if not category(each[0]).startswith(("P", "Z", "C"))]

    def spec(self, items: Items) -> Spec:
        made = super().spec(items)
        return replace(made, settings={**made.settings, "lines": self.lines})

    def cut(self, poem: str) -> list[str]:
        """The lines of a poem, without punctuation."""
        characters, size = self.split(poem), self.length // self.lines
        return ["".join(characters[at : at + size]) for at in range(0, max(1, len(characters)), size)]

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """Poems as text, objects [N]."""
        poems = super().decode(x)
        for place, poem in enumerate(poems):
            poems[place] = "".join(line + BREAKS[number % 2] for number, line in enumerate(self.cut(poem)))
        return poems
