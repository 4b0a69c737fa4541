"""What to make of a person's pictures: told from their headers, and said aloud."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np

from ..base.errors import DataError, UsageError
from ..base.wording import counted
from . import profiles, ranges
from .headers import Survey, survey
from .how import colour
from .own import Own, kind_of

Fit = Literal["crop", "pad", "stretch"]
SIDES = (32, 64, 128)  # that pictures of many sizes are brought to
DEFAULT_SIDE = 64  # the largest that is chosen unasked: what a CPU can learn in minutes
KEPT_SIDE = 128  # pictures that are all of one size keep it up to here
QUANTILE = 10  # per cent of the pictures may be enlarged
LONG = 1.5  # sides in a ratio beyond this lose much to a square crop


def guess(
    path: str,
    *,
    size: int | tuple[int, int] | None = None,
    fit: Fit | None = None,
    channels: Literal[1, 3] | None = None,
    background: str | None = None,
    labels: str | None = None,
    range: str | None = None,
) -> tuple[Own, tuple[str, ...]]:
    """The source with what is not given told from the data, and the sentences that say so. `size`: one side, or (width, height); `range`: LOW:HIGH.

    Raises DataError, and UsageError for a range where no picture has more than 8 bits.
    """
    seen = survey(path)
    if not seen.pictures:
        causes = "; ".join(f"{name}: {cause}" for name, cause in list(seen.broken.items())[:3])
        held = ", ".join(f"{count:,} {ending or 'without an ending'}" for ending, count in list(seen.others.items())[:3])
        raise DataError("no pictures that can be opened", where=path, mend=(causes and f"The first: {causes}.") or (held and f"It holds {held}."))
    values, said = ranged(path, seen, range)
    width, height = (size, size) if isinstance(size, int) else size or fitting(seen)
    found = kind_of(path)(
        path=path,
        height=height,
        width=width,
        channels=channels or (1 if seen.grey == seen.pictures and not coloured(seen, background or "white") else 3),
        fit=fit or "crop",
        background=background or "white",
        labels=labels or "",
        **values,
    )
    given = {"size": size is not None, "fit": fit is not None, "channels": channels is not None, "background": background is not None}
    return found, (*sentences(seen, found, given, labels), *said)


def ranged(path: str, seen: Survey, given: str | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The source's depth and range where pictures have more than 8 bits, and what is said of values and colours. Raises DataError, UsageError."""
    said = [*colour_sentences(seen)]
    if not seen.deep:
        if given:
            mend = "Leave --range out. With --init-from the range is the run's, which was trained on pictures of more than 8 bits."
            raise UsageError("--range is about pictures of more than 8 bits, and these have 8", where=path, mend=mend)
        return {}, tuple(said)
    found = ranges.surveyed(path)
    chosen = ranges.chosen(found, seen.depths, given or "")
    return chosen._asdict(), (*ranges.sentences(found, chosen, seen.depths, bool(given)), *said)


def coloured(seen: Survey, background: str) -> bool:
    """Whether grey pictures become coloured by what they are put on. Of more than 8 bits they do so only where that is a colour."""
    if not seen.transparent:
        return False
    try:
        grey = len(set(colour(background))) == 1
    except ValueError:  # which is refused where the source is read
        grey = False
    return "uint8" in seen.depths or not grey


def colour_sentences(seen: Survey) -> Iterator[str]:
    """Of colour profiles, and of colours that are not read in full."""
    if count := seen.profiles.get(profiles.OTHER):
        yield f"{counted(count, 'picture')} with a colour profile other than sRGB: converted to sRGB"
    if count := seen.profiles.get(profiles.UNUSABLE):
        yield f"{counted(count, 'picture')} with a colour profile that cannot be used: the colours are taken as they are"
    if count := seen.profiles.get(profiles.KEPT):
        yield f"{counted(count, 'picture')} of more than 8 bits with a colour profile: the values are taken as they are"
    if seen.partly:
        yield f"{counted(seen.partly, 'picture')} with 16 bits a channel in a form that is read with 8: the lower 8 bits are lost"


def fitting(seen: Survey) -> tuple[int, int]:
    """Width and height: the pictures' own if all are of one that is small enough, else a square that few must be enlarged for."""
    if len(seen.sizes) == 1 and max(only := next(iter(seen.sizes))) <= KEPT_SIDE:
        return only
    shorter = np.repeat([min(size) for size in seen.sizes], list(seen.sizes.values()))
    enough = [side for side in SIDES if side <= min(DEFAULT_SIDE, np.percentile(shorter, QUANTILE))]
    side = max(enough, default=SIDES[0])
    return side, side


def sentences(seen: Survey, found: Own, given: Mapping[str, bool], labels: str | None) -> Iterator[str]:
    """What was told from the data, one sentence each, with the option that says otherwise."""
    if seen.shards:
        shards = f"{seen.shards:,} shard{'s' * (seen.shards != 1)}"
        yield f"{shards} of pictures: read and decoded while it trains; only an index and the pictures kept aside are stored"
    yield from size_sentences(seen, found, given)
    if seen.transparent and not given["background"]:
        yield f"{seen.transparent:,} have transparency: put on {found.background} (--background)"
    if not given["channels"]:
        if found.channels == 1:
            yield "all are grey: 1 channel (--channels)"
        elif seen.grey:
            yield f"{seen.grey:,} of {seen.pictures:,} are grey: made colour like the rest (--channels)"
    classes = [name for name in seen.folders if name]
    if labels is None and len(classes) > 1:
        yield f"{len(classes):,} folders with pictures could be classes: --labels folders"
    if labels is None and seen.labelled:
        yield f"{seen.labelled:,} have a class in a .cls or .json beside them: --labels cls"
    if seen.splits:
        yield "the folders " + ", ".join(f"{name} ({count:,})" for name, count in seen.splits.items()) + " are taken for the splits"
    if seen.broken:
        name, cause = next(iter(seen.broken.items()))
        yield f"{len(seen.broken):,} cannot be opened and {'is' if len(seen.broken) == 1 else 'are'} left out, such as {name}: {cause}"


def size_sentences(seen: Survey, found: Own, given: Mapping[str, bool]) -> Iterator[str]:
    """Of sizes and shapes."""
    at = f"{found.width} x {found.height}"
    options = ", ".join(f"--{name}" for name in ("size", "fit") if not given[name])
    hint = f" ({options})" if options else ""
    if len(seen.sizes) == 1:
        width, height = next(iter(seen.sizes))
        same = (width, height) == (found.width, found.height)
        changed = "trained" if same else f"{WORDS[found.fit]} and trained"
        yield f"{seen.pictures:,} pictures, all {width} x {height}: {changed} at {at}" + (hint if not same else "" if given["size"] else " (--size)")
    else:
        least, most = min(seen.sizes, key=area), max(seen.sizes, key=area)
        yield f"{seen.pictures:,} pictures, sizes from {least[0]} x {least[1]} to {most[0]} x {most[1]}: {WORDS[found.fit]} to {at}{hint}"
    long = sum(count for size, count in seen.sizes.items() if max(size) > LONG * min(size))
    if found.fit == "crop" and found.width == found.height and long > seen.pictures / 2:
        yield f"{long:,} are more than {LONG:g} times as long as wide: the crop keeps their middle (--fit pad keeps all of them)"


WORDS = {"crop": "resized and cropped", "pad": "resized and padded", "stretch": "stretched"}


def area(size: tuple[int, int]) -> Any:
    """For sorting sizes."""
    return size[0] * size[1], size
