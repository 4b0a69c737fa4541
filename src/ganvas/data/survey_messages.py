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


def check_openable(headers: HeaderSummary) -> None:
    """Raises DataError where no picture can be opened."""
    if headers.pictures:
        return
    causes = "; ".join(f"{name}: {cause}" for name, cause in list(headers.broken.items())[:3])
    kinds = f"It holds {kinds_text(headers.others)}.{conversion_hint(headers.others)}" if headers.others else ""
    hint = f"The first: {causes}." if causes else kinds
    raise DataError("no pictures that can be opened", where=headers.path, hint=hint)


def survey_messages(headers: HeaderSummary, found: Own, options: PictureOptions) -> Iterator[str]:
    """What was inferred from the headers, one message each, with the option that overrides it."""
    if headers.shards:
        shards = f"{headers.shards:,} shard{'s' * (headers.shards != 1)}"
        yield f"{shards} of pictures: decoded during training; only an index, val and test are stored"
    if len(headers.joined) > 1:
        parts = shortened([f"{printable(name)} ({count:,})" for name, count in headers.joined.items()])
        yield f"{counted(len(headers.joined), 'folder')} are joined to one data set: {parts}"
    yield from size_messages(headers, found, options.given)
    if headers.transparent and options.background is None:
        yield transparency_message(headers.transparent, found)
    if options.channels is None:
        if found.channels == 1:
            yield "all are grey: 1 channel (--channels)"
        elif headers.grey:
            yield f"{headers.grey:,} of {headers.pictures:,} are grey: made colour like the rest (--channels)"
    classes = [name for name in headers.folders if name]
    if options.labels is None and len(classes) > 1:
        yield f"{len(classes):,} folders with pictures could be classes: --labels folders"
    if options.labels is None and headers.tables:
        tables = shortened([printable(name) for name in headers.tables], 3)
        yield f"{tables} may hold classes: {command('--labels', headers.tables[0])}"
    if options.labels is None and headers.labelled:
        yield f"{headers.labelled:,} have a class in a .cls or .json of their name: --labels cls"
    if headers.splits:
        yield (
            "the folders "
            + ", ".join(f"{name} ({count:,})" for name, count in headers.splits.items())
            + " are taken for the splits"
        )
    yield from unopened_messages(headers)
    mentioned = Counter(PurePath(name).suffix.lower() for name in headers.tables)
    if message := left_out_message(Counter(headers.others) - mentioned):
        yield message


def unopened_messages(headers: HeaderSummary) -> Iterator[str]:
    """How many pictures cannot be opened, and the first; nothing where all can."""
    if headers.broken:
        name, cause = next(iter(headers.broken.items()))
        left = "is" if len(headers.broken) == 1 else "are"
        yield f"{len(headers.broken):,} cannot be opened and {left} left out, such as {printable(name)}: {cause}"


def transparency_message(transparent: int, found: Own) -> str:
    """What becomes of so many pictures with transparency."""
    if found.channels == 4:
        return f"{transparent:,} have transparency: it is kept, samples will have it too (--background white fills it)"
    return f"{transparent:,} have transparency: put on {found.background} (--background)"


def size_messages(headers: HeaderSummary, found: Own, given: Collection[str]) -> Iterator[str]:
    """Messages about sizes and shapes."""
    at = f"{found.width} x {found.height}"
    options = ", ".join(f"--{name}" for name in ("size", "fit") if name not in given)
    hint = f" ({options})" if options else ""
    if len(headers.sizes) == 1:
        width, height = next(iter(headers.sizes))
        same = (width, height) == (found.width, found.height)
        changed = "trained" if same else f"{FIT_TEXTS[found.fit]} and trained"
        yield f"{headers.pictures:,} pictures, all {width} x {height}: {changed} at {at}" + (
            hint if not same else "" if "size" in given else " (--size)"
        )
    else:
        least, most = min(headers.sizes, key=area), max(headers.sizes, key=area)
        sizes = f"{least[0]} x {least[1]} to {most[0]} x {most[1]}"
        yield f"{headers.pictures:,} pictures, sizes from {sizes}: {FIT_TEXTS[found.fit]} to {at}{hint}"
    long = sum(count for size, count in headers.sizes.items() if max(size) > LONG * min(size))
    if found.fit == "crop" and found.width == found.height and long > headers.pictures / 2:
        more = f"{long:,} are more than {LONG:g} times as long as wide"
        yield f"{more}: the crop keeps their middle (--fit pad keeps all of them)"


FIT_TEXTS = {"crop": "resized and cropped", "pad": "resized and padded", "stretch": "stretched"}


def area(size: tuple[int, int]) -> Any:
    """For sorting sizes."""
    return size[0] * size[1], size
