"""Which range of values becomes [-1, 1], where pictures have more than 8 bits: surveyed over the data, or as a person says."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError, UsageError
from ..base.progress import report_progress
from ..base.wording import command, counted
from . import decode_pool, depth, npz
from .listing import Listing
from .units import plain, span

MOST = 1_000  # pictures that are surveyed, evenly among all
LEAST_SHARE = 0.25  # of 0..2^k - 1 that whole numbers take, for it to be the range
OUTLIERS = (0.1, 99.9)  # percentiles that are named where most values lie far within
MEND = "Write --range LOW:HIGH, with numbers, min, max or percentiles: 0:4095, min:max, 1%:99%."
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
    asked: int  # pictures that were looked at, deep or not

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
            f"{command('--range', text)} is empty: its first value must be less than its second", hint=MEND
        )


def sides(text: str) -> tuple[float | str, float | str]:
    """Numbers; or min, max and percentiles as texts. Raises UsageError."""
    words = [word.strip().lower() for word in text.split(":")]
    if len(words) != 2:
        raise UsageError(f"{command('--range', text)} is no range", hint=MEND)
    low, high = (side(word, text) for word in words)
    return low, high


def side(word: str, text: str) -> float | str:
    """One of both. Raises UsageError."""
    if word in ("min", "max"):
        return word
    try:
        value = float(word.removesuffix("%"))
    except ValueError as error:
        raise UsageError(f"{command('--range', text)}: '{word}' is no value", hint=MEND) from error
    if not np.isfinite(value) or (word.endswith("%") and not 0 <= value <= 100):
        raise UsageError(f"{command('--range', text)}: '{word}' is no value", hint=MEND)
    return word if word.endswith("%") else value


def sample_values(listing: Listing, where: str) -> ValueSample:
    """The values of pictures of more than 8 bits, of at most 1,000 of the listing. Raises DataError where none can be decoded."""
    found = list[depth.Extent]()
    if listing.kind == "npz":
        found += npz.extents(listing.path, MOST)
        asked = len(found)
    else:
        chosen = np.unique(
            np.linspace(0, len(listing.places) - 1, min(MOST, len(listing.places))).round().astype(int)
        ).tolist()
        asked, causes = len(chosen), list[str]()
        for number, answer in enumerate(
            decode_pool.answers("extent", [listing.places[place] for place in chosen], archive=listing.archive), start=1
        ):
            extent = None if answer.cause else json.loads(answer.payload)
            found += [] if extent is None else [depth.Extent(*extent)]
            causes += [answer.cause] if answer.cause else []
            report_progress("looking at values", number, asked)
        if not found:
            raise DataError(
                f"no picture of more than 8 bits can be decoded: {causes[0] if causes else 'none was found'}",
                where=where,
            )
    lows, highs = (np.array([getattr(extent, name) for extent in found]) for name in ("low", "high"))
    return ValueSample(lows, highs, np.concatenate([extent.drawn for extent in found]), asked)


def chosen(seen: ValueSample, depths: Mapping[str, int], text: str) -> ValueRange:
    """The range for pictures of these depths. Raises DataError where it is empty."""
    kind = common(depths)
    whole = "float32" not in depths
    low, high = (valued(side, seen, whole) for side in sides(text)) if text else default(seen, whole)
    if not low < high:
        if text:
            raise DataError(f"{command('--range', text)} is {span(low, high)} in these data, which is empty", hint=MEND)
        high = low + 1  # all values are the same
    if kind not in ("uint8", "float32"):
        bounds = np.iinfo(kind)
        if not bounds.min <= low < high <= bounds.max:
            hint = f"These pictures have values from {plain(seen.low)} to {plain(seen.high)}."
            raise DataError(f"the range {span(low, high)} is not within what {kind} holds", hint=hint)
    return ValueRange(kind, low, high)


def common(depths: Mapping[str, int]) -> str:
    """What all are stored as: bytes where there are bytes among them, else a type that holds the values of all."""
    kinds = set(depths)
    if "uint8" in kinds:
        return "uint8"
    if len(kinds) == 1:
        return next(iter(kinds))
    return WIDER.get(frozenset(kinds), "float32")


def valued(side: float | str, seen: ValueSample, whole: bool) -> float:
    """A number for one side of a range."""
    if isinstance(side, float):
        return side
    if side in ("min", "max"):
        return seen.low if side == "min" else seen.high
    value = float(np.percentile(seen.drawn, float(side.removesuffix("%"))))
    return float(round(value)) if whole else value


def default(seen: ValueSample, whole: bool) -> tuple[float, float]:
    """0 to the smallest 2^k - 1 that holds all, for whole numbers that fill a quarter of that; 0 to 1 for floats that do; else least to greatest."""
    top = float(max(255, 2 ** int(seen.high).bit_length() - 1)) if whole and seen.high > 0 else 1.0
    fits = seen.low >= 0 and seen.high <= top and seen.high - seen.low >= LEAST_SHARE * top
    return (0.0, top) if fits else (seen.low, seen.high)


def sentences(seen: ValueSample, found: ValueRange, depths: Mapping[str, int], given: bool) -> list[str]:
    """What was found and chosen."""
    deep = {kind: count for kind, count in depths.items() if kind != "uint8"}
    total = sum(deep.values())
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in deep.items()) if len(deep) > 1 else next(iter(deep))
    hint = "" if given else " (--range)"
    within = "" if len(seen.lows) >= total else f" in {len(seen.lows):,} that were looked at"
    said = [
        f"{counted(total, 'picture')} of more than 8 bits ({kinds}), values from {plain(seen.low)} to {plain(seen.high)}{within}: "
    ]
    said[0] += f"mapped from {span(found.low, found.high)}{hint}"
    if found.depth == "uint8":
        said[0] += f", and made 8 bits like the other {depths['uint8']:,}"
    elif len(deep) > 1:
        said[0] += f", taken for values in the same units and kept as {found.depth}"
    outside = int(((seen.lows < found.low) | (seen.highs > found.high)).sum())
    if outside:
        share = float(((seen.drawn < found.low) | (seen.drawn > found.high)).mean())
        looked = counted(len(seen.lows), "picture")
        said.append(
            f"{outside:,} of {looked} have values outside of the range, about {share:.2%} of all values: these are clipped"
        )
    inner = np.percentile(seen.drawn, OUTLIERS)
    if not given and inner[1] - inner[0] < LEAST_SHARE * (found.high - found.low):
        percent = ":".join(f"{each:g}%" for each in OUTLIERS)
        said.append(
            f"most values lie within {span(*(float(f'{each:.6g}') for each in inner))}, little of the range: {command('--range', percent)} takes that alone"
        )
    return said
