"""Which split a pair of pictures is in: pairs that share a picture or a group stay together."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

from .splits import LARGEST_SHARE, held_out
from .splits import SPLITS as SPLITS
from .splits import Split as Split
from .splits import order as order

FEWEST = 3  # components that can be split


def components(keys: Sequence[Sequence[Hashable]]) -> list[int]:
    """The connected components of items that share a key, as the number of each one's first item.

    Args:
        keys: of each item.

    Returns:
        Equal numbers for items of one component.
    """
    parent = list(range(len(keys)))
    first: dict[Hashable, int] = {}
    for number, own in enumerate(keys):
        for key in own:
            a, b = root_of(parent, first.setdefault(key, number)), root_of(parent, number)
            parent[max(a, b)] = min(a, b)
    return [root_of(parent, number) for number in range(len(keys))]


def root_of(parent: list[int], number: int) -> int:
    """The root of a tree in a forest; paths to it are shortened."""
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number


def component_splits(
    component: Sequence[int], digests: Sequence[bytes], named: Sequence[str], seed: int
) -> list[Split]:
    """A split for each pair: the one that its folder names, else that of its component, by rank of SHA-256.

    As many of the components make val and test as `splits.held_out` says, out of those with no pair in another
    folder's split. A component of more than a fifth of the pairs stays in train where enough others are left.

    Args:
        component: of each pair.
        digests: of each pair's pixels.
        named: the split that each pair's folder names, or "".
        seed: of the choice.

    Returns:
        The splits; val and test are empty where there are fewer than 3 components to choose from.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for number, root in enumerate(component):
        members[root].append(number)
    free = [each for each in members.values() if all(named[number] in ("", "train") for number in each)]
    ranked = sorted(free, key=lambda each: rank(min(digests[number] for number in each), seed))
    count = held_out(len(ranked)) or int(len(ranked) >= FEWEST)
    small = [each for each in ranked if len(each) <= LARGEST_SHARE * len(component)]
    pool = small if len(small) >= 2 * count + (len(small) == len(ranked)) else ranked
    chosen: list[Split] = [next((split for split in SPLITS if split == name), "train") for name in named]
    if "val" not in named:
        fill(chosen, pool[:count], "val")
    if "test" not in named:
        fill(chosen, pool[len(pool) - count :], "test")
    return chosen


def rank(digest: bytes, seed: int) -> bytes:
    """The key that components are sorted by."""
    return hashlib.sha256(f"{seed} split ".encode() + digest).digest()


def fill(chosen: list[Split], of: Sequence[Sequence[int]], split: Split) -> None:
    """Move the pairs of these components into a split."""
    for members in of:
        for number in members:
            chosen[number] = split


def across(component: Sequence[int], splits: Sequence[Split]) -> dict[int, Counter[str]]:
    """The components with pairs in several splits, which only folders can cause, and their numbers of pairs."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for root, split in zip(component, splits, strict=True):
        found[root][split] += 1
    return {root: counts for root, counts in found.items() if len(counts) > 1}
