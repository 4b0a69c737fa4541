"""Which rows of a recording belong to which split, and the windows that are cut from them."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ..base.draws import permutation
from ..base.errors import DataError
from ..base.wording import command, counted
from ..ingest.raw_column import Numbers
from .csv import SHARES
from .source import SPLITS, Split

PARTS = Literal["blocks", "end"]
Span = tuple[int, int]  # first row, and the row behind the last
TEN = 10  # blocks of a group, one of which is val and one test
MOST_GROUPS, LONG = 10, 4  # groups at most; windows that a block is long, where there are several groups


def spans(rows: int, window: int, split: Split, parts: PARTS, seed: int) -> list[Span]:
    """The stretches of rows of one split of a recording; no row is in two splits.

    Args:
        rows: of the recording.
        window: rows of a window.
        split: of which.
        parts: "end": the first 80 % are train, then 10 % val, then 10 % test. "blocks": the recording is cut into 10 to
            100 blocks; of each ten that follow one another, one is val and one test.
        seed: of the choice of blocks.

    Raises:
        DataError: the recording is too short for a window in each split.
    """
    if rows < TEN * window:
        short = "shorter than one window" if rows < window else "too short to split"
        shorter = command("--window", max(2, rows // TEN))
        raise DataError(
            f"a recording of {counted(rows, 'row')} is {short} of {window:,} rows",
            hint=f"Bring {TEN * window:,} rows or more, or a shorter window: {shorter}.",
        )
    if parts == "end":
        first, last = (round(share * rows) for share in SHARES[split])
        return [(first, last)]
    groups = max(1, min(MOST_GROUPS, rows // (TEN * LONG * window)))
    owner: list[Split] = []
    for group in range(groups):
        order = permutation((seed, "blocks", group), TEN).tolist()
        owner += ["val" if place == order[0] else "test" if place == order[1] else "train" for place in range(TEN)]
    edges = [round(place * rows / len(owner)) for place in range(len(owner) + 1)]
    found: list[Span] = []
    for place, of in enumerate(owner):
        if of == split:
            joined = bool(found) and found[-1][1] == edges[place]
            found[-1:] = (
                [(found[-1][0], edges[place + 1])] if joined else [*found[-1:], (edges[place], edges[place + 1])]
            )
    return found


def windows(values: Numbers, cut: Sequence[Span], window: int, step: int) -> Numbers:
    """Windows [N, window, F] of rows [R, F], every `step` rows, none across the end of a stretch."""
    starts = [np.arange(first, last - window + 1, step) for first, last in cut if last - first >= window]
    every = np.concatenate(starts) if starts else np.empty(0, np.int64)
    found: Numbers = values[every[:, None] + np.arange(window)]
    return found


def sequences_of(count: int, split: Split, seed: int) -> list[int]:
    """The numbers of the sequences of one split, in ascending order.

    Raises DataError where there are too few to have some in each split.
    """
    if count < TEN:
        message = f"{counted(count, 'sequence')}, too few to split"
        raise DataError(message, hint=f"Bring {TEN} or more, or leave --sequence out for one recording.")
    order = permutation((seed, "sequences"), count)
    assert split in SPLITS
    first, last = (round(share * count) for share in SHARES[split])
    return sorted(order[first:last].tolist())


def padded(values: Numbers, cut: Sequence[Span], length: int) -> Numbers:
    """Whole stretches as [N, length, F], NaN behind the end of each."""
    found = np.full((len(cut), length, values.shape[1]), np.nan)
    for place, (first, last) in enumerate(cut):
        found[place, : last - first] = values[first:last]
    return found
