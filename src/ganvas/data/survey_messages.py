"""Messages about a person's pictures: what was inferred from their headers, and the option that overrides it."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import PurePath
from typing import Any

from ..base.errors import DataError
from ..base.wording import command, counted, shortened
from ..ingest.header_summary import HeaderSummary
from ..ingest.listing_messages import conversion_hint, kinds_text, left_out_message, printable
from ..ingest.picture_options import PictureOptions
from .custom_pictures import Own

LONG = 1.5  # sides in a ratio beyond this lose much to a square crop


def check_openable(seen: HeaderSummary) -> None:
    """Raises DataError where no picture can be opened."""
    if seen.pictures:
        return
    causes = "; ".join(f"{name}: {cause}" for name, cause in list(seen.broken.items())[:3])
    kinds = f"It holds {kinds_text(seen.others)}.{conversion_hint(seen.others)}" if seen.others else ""
    hint = f"The first: {causes}." if causes else kinds
    raise DataError("no pictures that can be opened", where=seen.path, hint=hint)


def survey_messages(seen: HeaderSummary, found: Own, options: PictureOptions) -> Iterator[str]:
    """What was inferred from the headers, one message each, with the option that overrides it."""
    if seen.shards:
        shards = f"{seen.shards:,} shard{'s' * (seen.shards != 1)}"
        yield f"{shards} of pictures: read and decoded while it trains; only an index and the pictures kept aside are stored"
    if len(seen.joined) > 1:
        parts = shortened([f"{printable(name)} ({count:,})" for name, count in seen.joined.items()])
        yield f"{counted(len(seen.joined), 'folder')} are joined to one data set: {parts}"
    yield from size_messages(seen, found, options.given)
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
    if message := left_out_message(Counter(seen.others) - tables):
        yield message


def size_messages(seen: HeaderSummary, found: Own, given: Collection[str]) -> Iterator[str]:
    """Messages about sizes and shapes."""
    at = f"{found.width} x {found.height}"
    options = ", ".join(f"--{name}" for name in ("size", "fit") if name not in given)
    hint = f" ({options})" if options else ""
    if len(seen.sizes) == 1:
        width, height = next(iter(seen.sizes))
        same = (width, height) == (found.width, found.height)
        changed = "trained" if same else f"{FIT_TEXTS[found.fit]} and trained"
        yield f"{seen.pictures:,} pictures, all {width} x {height}: {changed} at {at}" + (
            hint if not same else "" if "size" in given else " (--size)"
        )
    else:
        least, most = min(seen.sizes, key=area), max(seen.sizes, key=area)
        yield f"{seen.pictures:,} pictures, sizes from {least[0]} x {least[1]} to {most[0]} x {most[1]}: {FIT_TEXTS[found.fit]} to {at}{hint}"
    long = sum(count for size, count in seen.sizes.items() if max(size) > LONG * min(size))
    if found.fit == "crop" and found.width == found.height and long > seen.pictures / 2:
        yield f"{long:,} are more than {LONG:g} times as long as wide: the crop keeps their middle (--fit pad keeps all of them)"


FIT_TEXTS = {"crop": "resized and cropped", "pad": "resized and padded", "stretch": "stretched"}


def area(size: tuple[int, int]) -> Any:
    """For sorting sizes."""
    return size[0] * size[1], size
