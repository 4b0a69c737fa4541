"""Which split a picture stands in: a function of its pixels and the seed, so that equal pictures stay together."""

import hashlib
from collections.abc import Sequence
from typing import Literal

import numpy as np

Split = Literal["train", "val", "test"]
"""Part of the data: to learn from, to choose by, and to be scored on once at the end."""
SPLITS: tuple[Split, ...] = ("train", "val", "test")

SHARE = 0.05  # of the pictures, for val and for test
LEAST, MOST = 50, 10_000  # pictures in val and in test, where there are enough: scores need 50
LARGEST_SHARE = 0.2  # that LEAST may take
SMALL_SHARE = 0.1  # of a smaller set


def held_out(n: int) -> int:
    """How many of n different pictures make val, and as many test.

    5 %, but at least 50, which scores need, from 250 on; of fewer a tenth, one at least from 5 on: no more would make
    scores possible, and training needs them.
    """
    if n * LARGEST_SHARE < LEAST:
        return max(int(SMALL_SHARE * n), min(1, int(LARGEST_SHARE * n)))
    return min(MOST, max(round(SHARE * n), LEAST))


def split(digests: Sequence[bytes], named: Sequence[str], seed: int) -> list[Split]:
    """A split for each picture: the one its folder names, else by rank of SHA-256(seed, digest), taken out of train.

    Equal pictures stand together, except where the folders put them apart.
    """
    given = {name for name in named if name}
    missing = [name for name in ("val", "test") if name not in given]
    free = [number for number, name in enumerate(named) if name in ("", "train")]
    ranked = sorted(
        {digests[number] for number in free},
        key=lambda digest: hashlib.sha256(f"{seed} split ".encode() + digest).digest(),
    )
    count = held_out(len(ranked))
    moved: dict[bytes, Split] = {}
    if "val" in missing:
        moved |= dict.fromkeys(ranked[:count], "val")
    if "test" in missing:
        moved |= dict.fromkeys(
            ranked[len(ranked) - count :], "test"
        )  # from the other end, so that neither moves the other
    chosen: list[Split] = []
    for digest, name in zip(digests, named, strict=True):
        own: Split = next((each for each in SPLITS if each == name), "train")
        chosen.append(moved.get(digest, "train") if own == "train" else own)
    return chosen


def order(digests: Sequence[bytes], splits: Sequence[Split]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Pictures split by split, by digest within: names and the order of files do not matter."""
    ranks = {name: rank for rank, name in enumerate(SPLITS)}
    return np.array(
        sorted(range(len(digests)), key=lambda number: (ranks[splits[number]], digests[number], number)), np.int64
    )


def groups(digests: Sequence[bytes]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Equal pictures have equal numbers."""
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(digest, place) for place, digest in enumerate(digests)], np.int64)
