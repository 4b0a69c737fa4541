"""What is in a person's pictures, before anything is trained: every file decoded, duplicates, classes."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..base.progress import report_progress
from .build_cache import rare, untrained
from .header_summary import HeaderSummary, summarise
from .near_duplicates import alike
from .survey import Survey
from .validate import Checked, checked


@dataclass(frozen=True)
class Report:
    """What `ganvas data check` found. Names of pictures are as they stand below the path."""

    headers: HeaderSummary
    classes: Mapping[str, int]
    untrained: Mapping[str, int]  # of those, the ones of which folders leave no picture to train
    rare: Mapping[str, int]  # and those of one or two pictures to train
    duplicates: tuple[tuple[str, ...], ...]  # names of pictures with the same pixels
    across_splits: int  # of those groups, how many stand in two split folders
    near: tuple[tuple[str, str], ...]  # pairs of near duplicates
    budget: float

    @property
    def share_broken(self) -> float:
        return len(self.headers.broken) / max(1, self.headers.pictures + len(self.headers.broken))

    @property
    def passed(self) -> bool:
        """Whether training would start with these pictures."""
        return self.headers.pictures > 0 and len(self.headers.broken) <= self.allowed

    @property
    def allowed(self) -> int:
        """How many files may be broken: the budget, rounded up."""
        return math.ceil(self.budget * (self.headers.pictures + len(self.headers.broken)))

    @property
    def budget_text(self) -> str:
        """The number of broken files beside the one that is allowed; shares could round both to the same."""
        broken = len(self.headers.broken)
        total = self.headers.pictures + broken
        return f"{broken:,} of {total:,} files are broken, and {self.allowed:,} may be ({self.budget:.3g} rounded up)"

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        headers = vars(self.headers) | {
            "sizes": {f"{width}x{height}": count for (width, height), count in self.headers.sizes.items()}
        }
        return {
            **headers,
            "classes": dict(self.classes),
            "classes_without_training": dict(self.untrained),
            "classes_of_few": dict(self.rare),
            "duplicates": [list(names) for names in self.duplicates],
            "across_splits": self.across_splits,
            "near_duplicates": [list(pair) for pair in self.near],
            "broken_share": self.share_broken,
            "broken_budget": self.budget,
            "passed": self.passed,
        }


def check_pictures(source: Survey, *, labels: str = "", budget: float = 0.01) -> Report:
    """Decode every picture and compare them. Raises DataError where nothing can be read or labels do not match."""
    found = checked(source.listing, labels, source.encoding)
    checked_pictures: list[Checked] = []
    broken: dict[str, str] = {}
    for number, (name, one) in enumerate(found.pictures, start=1):
        if isinstance(one, str):
            broken[name] = one
        else:
            checked_pictures.append(one)
        report_progress("checking pictures", number, found.total)
    by_digest: dict[str, list[Checked]] = defaultdict(list)
    for one in checked_pictures:
        by_digest[one.digest].append(one)
    trained = Counter(one.label for one in checked_pictures if one.label and one.split in ("", "train"))
    same = [group for group in by_digest.values() if len(group) > 1]
    return Report(
        headers=summarise(source.where, found.listing, [one.header for one in checked_pictures], broken),
        classes=dict(sorted(Counter(one.label for one in checked_pictures if one.label).items())),
        untrained=untrained((one.label for one in checked_pictures if one.label), trained),
        rare=rare(trained),
        duplicates=tuple(tuple(one.name for one in group) for group in same),
        across_splits=sum(len({one.split for one in group}) > 1 for group in same),
        near=tuple(alike([group[0] for group in by_digest.values()])),
        budget=budget,
    )
