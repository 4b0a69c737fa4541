"""Whether there are enough pairs of pictures, and messages about those that are left out."""

import math
from collections.abc import Iterator
from typing import Any

from ..base.errors import DataError
from ..base.wording import counted
from ..ingest.cache import CacheEntry
from ..ingest.cache_checks import ENOUGH, causes
from ..ingest.read_pairs import PairReading
from ..ingest.splits import SPLITS

ALLOW = "Remove them, or allow more with source.broken={enough:g}."


def check_partners(reading: PairReading, share: float, where: str) -> None:
    """Raises DataError where more pictures than the share have no partner."""
    without, pairs = reading.names.without, len(reading.names.pairs)
    total = len(without) + 2 * pairs
    if len(without) > math.ceil(share * total):
        names = ", ".join(without[:3]) + (f" and {len(without) - 3:,} more" if len(without) > 3 else "")
        raise DataError(
            f"{len(without):,} of {total:,} pictures have no partner of the same name: {names}",
            where=where,
            hint=ALLOW.format(enough=enough_share(len(without), total)),
        )


def check_usable(entry: CacheEntry, share: float, where: str) -> None:
    """Raises DataError where too many pairs are broken, too few are different, or they cannot be split."""
    facts = entry.facts
    broken, usable = facts["broken_pairs"], facts["pictures"]
    if broken > math.ceil(share * (broken + usable)):
        raise DataError(
            f"{broken:,} of {broken + usable:,} pairs are broken: {causes(facts['broken'])}",
            where=where,
            hint=ALLOW.format(enough=enough_share(broken, broken + usable)),
        )
    if facts["different"] < ENOUGH:
        same = f", only {facts['different']} of them different" if facts["different"] < usable else ""
        skipped = f"; {broken:,} skipped: {causes(facts['broken'])}" if broken else ""
        raise DataError(
            f"{counted(usable, 'usable pair')}{same}{skipped}",
            where=where,
            hint=f"Bring at least {ENOUGH} different ones.",
        )
    empty = [name for name in SPLITS if not facts["splits"][name]]
    if empty:
        raise DataError(
            f"no pair is left for {' and '.join(empty)}: pairs that share a picture or a group stay together, "
            f"and these make {counted(facts['components'], 'set')}",
            where=where,
            hint="Bring other pictures, or put the pairs into folders named train, val and test on both sides.",
        )


def enough_share(count: int, total: int) -> float:
    """The least share in hundredths that allows so many."""
    return min(0.99, math.ceil(100 * count / total) / 100)


def pair_messages(facts: Any) -> Iterator[str]:
    """How many pairs there are, and which pictures are left out."""
    train, val, test = facts["splits"].values()
    yield f"{counted(facts['pictures'], 'pair')} ({train:,} train, {val:,} val, {test:,} test)"
    if without := facts["without"]:
        names = ", ".join(without[:3]) + (f" and {len(without) - 3:,} more" if len(without) > 3 else "")
        yield f"{counted(len(without), 'picture has', 'pictures have')} no partner and are left out: {names}"
    if facts["broken_pairs"]:
        yield f"{counted(facts['broken_pairs'], 'pair is', 'pairs are')} broken and left out: {causes(facts['broken'])}"
    if facts["components"] < facts["different"]:
        yield (
            f"{facts['different']:,} different pairs make {counted(facts['components'], 'set')} that share pictures or "
            "groups: each is in one split"
        )
    if facts["across"]:
        yield (
            f"{counted(facts['across'], 'pair shares', 'pairs share')} a picture with another split, where the folders "
            "put them: scores on these flatter the run"
        )
