"""What to make of a person's pictures: told from their headers, and said aloud."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Literal, cast

import numpy as np

from ..base.errors import DataError
from ..base.wording import command, counted, shortened
from ..ingest.listing import convert, kinds, left_out, printable
from ..ingest.picture_options import INFERRED, Fit
from ..ingest.picture_options import PictureOptions as PictureOptions
from ..ingest.scan import Survey, survey
from ..ingest.value_summary import coloured, ranged
from .custom_pictures import Own, Pictures, Where, kind_of, located

SIDES = (32, 64, 128)  # that pictures of many sizes are brought to
DEFAULT_SIDE = 64  # the largest that is chosen unasked: what a CPU can learn in minutes
KEPT_SIDE = 128  # pictures that are all of one size keep it up to here
QUANTILE = 10  # per cent of the pictures may be enlarged
LONG = 1.5  # sides in a ratio beyond this lose much to a square crop


def guess(path: Where, options: PictureOptions = INFERRED) -> tuple[Own, tuple[str, ...]]:
    """The source with what is not given found out from the data, and the sentences that say so.

    Raises DataError, and UsageError for a range where no picture has more than 8 bits.
    """
    encoding, labels = options.encoding or "utf-8", options.labels
    seen = survey(path, encoding)
    if not seen.pictures:
        causes = "; ".join(f"{name}: {cause}" for name, cause in list(seen.broken.items())[:3])
        hint = (
            (causes and f"The first: {causes}.")
            or (seen.others and f"It holds {kinds(seen.others)}.{convert(seen.others)}")
            or ""
        )
        raise DataError("no pictures that can be opened", where=seen.path, hint=hint)
    values, said = ranged(path, seen, options.range, encoding)
    width, height = options.width_height or fitting(seen)
    found = kind_of(path)(
        path=path,
        height=height,
        width=width,
        channels=cast("Literal[1, 3] | None", options.channels) or channels_of(seen, options.background),
        fit=cast("Fit | None", options.fit) or "crop",
        background=options.background or "white",
        labels=located(labels, path) if labels and isinstance(path, str) else labels or "",
        **values,
    )
    if isinstance(found, Pictures):
        found = replace(found, encoding=encoding)
    return found, (*sentences(seen, found, options), *said)


def channels_of(seen: Survey, background: str | None) -> Literal[1, 3]:
    """1 where every picture is grey and stays grey on its background."""
    return 1 if seen.grey == seen.pictures and not coloured(seen, background or "white") else 3


def fitting(seen: Survey) -> tuple[int, int]:
    """Width and height: the pictures' own if all are of one that is small enough, else a square that few must be enlarged for."""
    if len(seen.sizes) == 1 and max(only := next(iter(seen.sizes))) <= KEPT_SIDE:
        return only
    shorter = np.repeat([min(size) for size in seen.sizes], list(seen.sizes.values()))
    enough = [side for side in SIDES if side <= min(DEFAULT_SIDE, np.percentile(shorter, QUANTILE))]
    side = max(enough, default=SIDES[0])
    return side, side


def sentences(seen: Survey, found: Own, options: PictureOptions) -> Iterator[str]:
    """What was told from the data, one sentence each, with the option that says otherwise."""
    if seen.shards:
        shards = f"{seen.shards:,} shard{'s' * (seen.shards != 1)}"
        yield f"{shards} of pictures: read and decoded while it trains; only an index and the pictures kept aside are stored"
    if len(seen.joined) > 1:
        parts = shortened([f"{printable(name)} ({count:,})" for name, count in seen.joined.items()])
        yield f"{counted(len(seen.joined), 'folder')} are joined to one data set: {parts}"
    yield from size_sentences(seen, found, options.given)
    if seen.transparent and options.background is None:
        yield f"{seen.transparent:,} have transparency: put on {found.background} (--background)"
    if options.channels is None:
        if found.channels == 1:
            yield "all are grey: 1 channel (--channels)"
        elif seen.grey:
            yield f"{seen.grey:,} of {seen.pictures:,} are grey: made colour like the rest (--channels)"
    classes = [name for name in seen.folders if name]
    if options.labels is None and len(classes) > 1:
        yield f"{len(classes):,} folders with pictures could be classes: --labels folders"
    if options.labels is None and seen.tables:
        yield f"{shortened([printable(name) for name in seen.tables], 3)} may hold classes: {command('--labels', seen.tables[0])}"
    if options.labels is None and seen.labelled:
        yield f"{seen.labelled:,} have a class in a .cls or .json beside them: --labels cls"
    if seen.splits:
        yield (
            "the folders "
            + ", ".join(f"{name} ({count:,})" for name, count in seen.splits.items())
            + " are taken for the splits"
        )
    if seen.broken:
        name, cause = next(iter(seen.broken.items()))
        yield f"{len(seen.broken):,} cannot be opened and {'is' if len(seen.broken) == 1 else 'are'} left out, such as {printable(name)}: {cause}"
    tables = Counter(PurePath(name).suffix.lower() for name in seen.tables)  # they are spoken of above
    if words := left_out(Counter(seen.others) - tables):
        yield words


def size_sentences(seen: Survey, found: Own, given: Collection[str]) -> Iterator[str]:
    """Of sizes and shapes."""
    at = f"{found.width} x {found.height}"
    options = ", ".join(f"--{name}" for name in ("size", "fit") if name not in given)
    hint = f" ({options})" if options else ""
    if len(seen.sizes) == 1:
        width, height = next(iter(seen.sizes))
        same = (width, height) == (found.width, found.height)
        changed = "trained" if same else f"{WORDS[found.fit]} and trained"
        yield f"{seen.pictures:,} pictures, all {width} x {height}: {changed} at {at}" + (
            hint if not same else "" if "size" in given else " (--size)"
        )
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
