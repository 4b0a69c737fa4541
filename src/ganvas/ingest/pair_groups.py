"""The pairs that can be decoded, their groups and their splits."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..base.errors import DataError, UsageError
from ..base.wording import counted
from .folder_names import splits_and_classes
from .labels import some_names
from .pair_splits import SPLITS, Split, across, component_splits, components, order
from .read_pairs import DecodedSide


class UsablePairs(NamedTuple):
    """The pairs that can be decoded: their numbers, digests, components and splits."""

    numbers: list[int]
    digests: list[bytes]
    component: list[int]
    splits: list[Split]

    @property
    def counts(self) -> dict[Split, int]:
        """Pairs of each split."""
        return {name: self.splits.count(name) for name in SPLITS}

    @property
    def across(self) -> int:
        """Pairs that share a picture or a group with another split, which only folders can cause."""
        return sum(counts.total() for counts in across(self.component, self.splits).values())

    def ordered(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Places of the pairs split by split, by digest within."""
        return order(self.digests, self.splits)


def group_keys(group: str, names: Sequence[str]) -> list[str]:
    """The group of each name: what the expression's first parentheses match, or all of it; "" without an expression.

    Raises:
        UsageError: this is no regular expression.
        DataError: a name has no match.
    """
    try:
        pattern = re.compile(group)
    except re.error as error:
        raise UsageError(f"source.group is no regular expression: {error}", where=group) from error
    if not group:
        return [""] * len(names)
    matches = [pattern.search(name) for name in names]
    without = [name for name, match in zip(names, matches, strict=True) if match is None]
    if without:
        raise DataError(
            f"{len(without):,} of {len(names):,} names have no group: {some_names(without)}",
            where=group,
            hint="source.group is searched in names without endings, such as 'patient_[0-9]+'.",
        )
    return [match[1 if pattern.groups else 0] or "" for match in matches if match is not None]


def usable_pairs(
    inputs: DecodedSide, truths: DecodedSide, groups: Sequence[str], names: tuple[str, ...], seed: int
) -> UsablePairs:
    """The pairs of which both pictures can be decoded. Those that share a picture or a group are one component.

    A picture of one plain colour joins nothing: empty masks are common, and nothing can be memorised of them. Nor
    does a pair of two such pictures that has a group: blank slices are at the ends of most volumes.

    Args:
        inputs, truths: what came of each side.
        groups: of every pair, "" for none.
        names: of every pair; folders in them may name splits.
        seed: of the splits.
    """
    named = splits_and_classes(names)[0]
    numbers = [number for number in truths.digests if number in inputs.digests]
    keys = [
        [
            (kind, key)
            for kind, key, joins in (
                ("input", inputs.digests[number], number not in inputs.plain),
                ("truth", truths.digests[number], number not in truths.plain),
                ("group", groups[number].encode(), bool(groups[number])),
            )
            if joins
        ]
        for number in numbers
    ]
    digests = [hashlib.sha256(inputs.digests[number] + truths.digests[number]).digest() for number in numbers]
    blank = [bool(groups[number]) and number in inputs.plain & truths.plain for number in numbers]
    keys = [own if empty else [*own, ("pair", digest)] for own, digest, empty in zip(keys, digests, blank, strict=True)]
    component = components(keys)
    splits = component_splits(component, digests, [named[number] for number in numbers], seed)
    return UsablePairs(numbers, digests, component, splits)


def check_groups(groups: Sequence[str], found: UsablePairs, group: str) -> None:
    """Raises DataError where folders put one group into two splits."""
    known: dict[str, set[str]] = defaultdict(set)
    for number, split in zip(found.numbers, found.splits, strict=True):
        known[groups[number]].add(split)
    torn = [name for name, splits in known.items() if name and len(splits) > 1]
    if torn:
        raise DataError(
            f"folders put {counted(len(torn), 'group')} into two splits: {some_names(torn)}",
            where=group,
            hint="Move all pictures of a group into one of the folders, or leave source.group out.",
        )
