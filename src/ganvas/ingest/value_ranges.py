"""The range of values that becomes [-1, 1] in pictures of more than 8 bits: given, or inferred from the values."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError, UsageError
from ..base.progress import report_progress
from ..base.wording import command, counted
from . import decode_pool, depth, npz
from .listing import Listing
from .units import plain_number, span

MOST = 1_000  # pictures that are surveyed, evenly among all
LEAST_SHARE = 0.25  # of 0..2^k - 1 that whole numbers take, for it to be the range
OUTLIERS = (0.1, 99.9)  # percentiles that are suggested where most values are far within
HINT = "Write --range LOW:HIGH, with numbers, min, max or percentiles: 0:4095, min:max, 1%:99%."
WIDER = {
    frozenset(("uint16", "int16")): "int32",
    frozenset(("uint16", "uint32")): "uint32",
    frozenset(("int16", "int32")): "int32",
}


class ValueSample(NamedTuple):
    """Least and greatest value of each surveyed picture, and a sample of all values."""

    lows: np.ndarray[Any, Any]
    highs: np.ndarray[Any, Any]
    drawn: np.ndarray[Any, Any]
    pictures: int  # pictures that were sampled, deep or not
    window: tuple[float, float] | None = None  # that all of them are shown with, where the files say so

    @property
    def low(self) -> float:
        """The least value."""
        return float(self.lows.min())

    @property
    def high(self) -> float:
        """The greatest value."""
        return float(self.highs.max())


class ValueRange(NamedTuple):
    """What the values of all pictures are stored as, and which of them become -1 and 1."""

    depth: str
    low: float
    high: float


def check_range(text: str) -> None:
    """Raises UsageError for what is no --range."""
    low, high = sides(text)
    if isinstance(low, float) and isinstance(high, float) and not low < high:
        raise UsageError(
            f"{command('--range', text)} is empty: its first value must be less than its second", hint=HINT
        )


def sides(text: str) -> tuple[float | str, float | str]:
    """Numbers; or min, max and percentiles as texts. Raises UsageError."""
    parts = [part.strip().lower() for part in text.split(":")]
    if len(parts) != 2:
        raise UsageError(f"{command('--range', text)} is no range", hint=HINT)
    low, high = (side(word, text) for word in parts)
    return low, high


def side(word: str, text: str) -> float | str:
    """One of both. Raises UsageError."""
    if word in ("min", "max"):
        return word
    try:
        value = float(word.removesuffix("%"))
    except ValueError as error:
        raise UsageError(f"{command('--range', text)}: '{word}' is no value", hint=HINT) from error
    if not np.isfinite(value) or (word.endswith("%") and not 0 <= value <= 100):
        raise UsageError(f"{command('--range', text)}: '{word}' is no value", hint=HINT)
    return word if word.endswith("%") else value


def sample_values(listing: Listing, where: str) -> ValueSample:
    """The values of at most 1,000 listed pictures of more than 8 bits. Raises DataError where none can be decoded."""
    found, windows = list[depth.Extent](), set[tuple[float, float] | None]()
    if listing.kind == "npz":
        found += npz.extents(listing.path, MOST)
        pictures = len(found)
    else:
        chosen = np.unique(
            np.linspace(0, len(listing.places) - 1, min(MOST, len(listing.places))).round().astype(int)
        ).tolist()
        pictures, causes = len(chosen), list[str]()
        for number, answer in enumerate(
            decode_pool.answers("extent", [listing.places[place] for place in chosen], archive=listing.archive), start=1
        ):
            extent = None if answer.cause else json.loads(answer.payload)
            if extent is not None:
                *values, window = extent
                found.append(depth.Extent(*values))
                windows.add(None if window is None else (window[0], window[1]))
            causes += [answer.cause] if answer.cause else []
            report_progress("reading values", number, pictures)
        if not found:
            raise DataError(
                f"no picture of more than 8 bits can be decoded: {causes[0] if causes else 'none was found'}",
                where=where,
            )
    lows, highs = (np.array([getattr(extent, name) for extent in found]) for name in ("low", "high"))
    drawn = np.concatenate([extent.drawn for extent in found])
    return ValueSample(lows, highs, drawn, pictures, windows.pop() if len(windows) == 1 else None)


def choose_range(sample: ValueSample, depths: Mapping[str, int], text: str) -> ValueRange:
    """The range for pictures of these depths. Raises DataError where it is empty."""
    kind = common_depth(depths)
    whole = "float32" not in depths
    own = sample.window is not None and not text
    low, high = (value_of(side, sample, whole) for side in sides(text)) if text else default_range(sample, whole)
    if not low < high:
        if text:
            raise DataError(f"{command('--range', text)} is {span(low, high)} in these data, which is empty", hint=HINT)
        high = low + 1  # all values are the same
    if kind not in ("uint8", "float32"):
        bounds = np.iinfo(kind)
        if own and not bounds.min <= low < high <= bounds.max:
            return ValueRange("float32", low, high)  # a window that is wider than the type
        if not bounds.min <= low < high <= bounds.max:
            hint = f"These pictures have values from {plain_number(sample.low)} to {plain_number(sample.high)}."
            raise DataError(f"the range {span(low, high)} is not within what {kind} holds", hint=hint)
    return ValueRange(kind, low, high)


def common_depth(depths: Mapping[str, int]) -> str:
    """What all are stored as: bytes where there are bytes among them, else a type that holds the values of all."""
    kinds = set(depths)
    if "uint8" in kinds:
        return "uint8"
    if len(kinds) == 1:
        return next(iter(kinds))
    return WIDER.get(frozenset(kinds), "float32")


def value_of(side: float | str, sample: ValueSample, whole: bool) -> float:
    """A number for one side of a range."""
    if isinstance(side, float):
        return side
    if side in ("min", "max"):
        return sample.low if side == "min" else sample.high
    value = float(np.percentile(sample.drawn, float(side.removesuffix("%"))))
    return float(round(value)) if whole else value


def default_range(sample: ValueSample, whole: bool) -> tuple[float, float]:
    """The range where none is given: the window of the files, where all have the same.

    Whole numbers: 0 to the smallest 2^k - 1 that holds all, if they fill a quarter of that. Floats: 0 to 1, likewise.
    Else least to greatest.
    """
    if sample.window is not None:
        low, high = sample.window
        return (float(np.floor(low)), float(np.ceil(high))) if whole else (low, high)
    top = float(max(255, 2 ** int(sample.high).bit_length() - 1)) if whole and sample.high > 0 else 1.0
    fits = sample.low >= 0 and sample.high <= top and sample.high - sample.low >= LEAST_SHARE * top
    return (0.0, top) if fits else (sample.low, sample.high)


def range_messages(sample: ValueSample, found: ValueRange, depths: Mapping[str, int], given: bool) -> list[str]:
    """What was found and chosen."""
    deep = {kind: count for kind, count in depths.items() if kind != "uint8"}
    total = sum(deep.values())
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in deep.items()) if len(deep) > 1 else next(iter(deep))
    hint = "" if given else " (--range)" if sample.window is None else ", the window of the files (--range)"
    within = "" if len(sample.lows) >= total else f" in {len(sample.lows):,} that were sampled"
    messages = [
        f"{counted(total, 'picture')} of more than 8 bits ({kinds}), "
        f"values from {plain_number(sample.low)} to {plain_number(sample.high)}{within}: "
    ]
    messages[0] += f"mapped from {span(found.low, found.high)}{hint}"
    if found.depth == "uint8":
        messages[0] += f", and made 8 bits like the other {depths['uint8']:,}"
    elif len(deep) > 1:
        messages[0] += f", taken for values in the same units and stored as {found.depth}"
    outside = int(((sample.lows < found.low) | (sample.highs > found.high)).sum())
    if outside:
        share = float(((sample.drawn < found.low) | (sample.drawn > found.high)).mean())
        sampled = counted(len(sample.lows), "picture")
        messages.append(
            f"{outside:,} of {sampled} have values outside of the range, about {share:.2%} of all values: "
            "these are clipped"
        )
    inner = np.percentile(sample.drawn, OUTLIERS)
    if not given and sample.window is None and inner[1] - inner[0] < LEAST_SHARE * (found.high - found.low):
        most = span(*(float(f"{each:.6g}") for each in inner))
        percent = ":".join(f"{each:g}%" for each in OUTLIERS)
        messages.append(
            f"most values are within {most}, little of the range: {command('--range', percent)} takes only that"
        )
    return messages
