"""Near-duplicate pictures: near in a coarse hash of their edges, and in the pixels of their thumbnails."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .validate import Checked

NEAR = 3  # of 64 bits that two hashes may differ in
BANDS = 4  # of 16 bits: two hashes that differ in fewer bits than there are bands share one
MAX_BUCKET = 2_000  # hashes in a bucket of a band; larger buckets are common shapes and are skipped
# Root mean square of the difference of two similar thumbnails, at most, in units of the larger contrast.
APART = 0.25
GATHERED = 20_000  # pairs that are compared at a time
BITS = np.array([number.bit_count() for number in range(256)], np.uint8)
Array = np.ndarray[Any, Any]


def alike(pictures: Sequence[Checked]) -> Iterator[tuple[str, str]]:
    """Pairs of near duplicates, by name; pictures without any edge are left out.

    The hash does not distinguish small pictures on a plain background, so the thumbnails decide.
    """
    hashes = np.array([one.hash for one in pictures], np.uint64)
    found: set[tuple[int, int]] = set()
    for band in range(BANDS):
        buckets: dict[int, list[int]] = defaultdict(list)
        for number, one in enumerate(pictures):
            if one.hash:
                buckets[one.hash >> 16 * band & 0xFFFF].append(number)
        for bucket in buckets.values():
            if 1 < len(bucket) <= MAX_BUCKET:
                found |= set(confirmed(near_in_hash(np.array(bucket), hashes), pictures))
    for first, second in sorted(found):
        yield pictures[first].name, pictures[second].name


def near_in_hash(bucket: Array, hashes: Array) -> Array:
    """Pairs of these numbers [n, 2] whose hashes differ in few bits."""
    apart = (hashes[bucket][:, None] ^ hashes[bucket][None]).view(np.uint8).reshape(len(bucket), len(bucket), 8)
    first, second = np.nonzero(BITS[apart].sum(2) <= NEAR)
    return np.asarray(np.stack([bucket[first], bucket[second]], axis=1)[first < second])


def confirmed(pairs: Array, pictures: Sequence[Checked]) -> Iterator[tuple[int, int]]:
    """Those of the pairs whose thumbnails are near as well."""
    for start in range(0, len(pairs), GATHERED):
        part = pairs[start : start + GATHERED]
        sides = [
            np.frombuffer(b"".join(pictures[number].small for number in side), np.uint8).reshape(len(part), -1, 3)
            for side in part.T.tolist()
        ]
        one, other = (side.astype(np.float32) for side in sides)
        contrast = np.maximum(
            *(np.sqrt(((side - side.mean(1, keepdims=True)) ** 2).mean((1, 2))) for side in (one, other))
        )
        apart = np.sqrt(((one - other) ** 2).mean((1, 2)))
        yield from ((int(a), int(b)) for a, b in part[apart <= APART * contrast])
