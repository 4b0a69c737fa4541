"""Two sets of a person's own pictures that are no pairs, at one size, for translation from one to the other."""

from dataclasses import replace
from typing import Any, NamedTuple

from ..base.errors import UsageError
from ..ingest.survey import Survey, survey
from ..ingest.units import span
from .custom_pairs import folders_named
from .custom_pictures import Own, decode
from .infer_options import PictureOptions, infer_options


class TwoDomains(NamedTuple):
    """The source of the domain that pictures come from, that of the domain they are translated to, and messages."""

    input: Own
    main: Own
    messages: tuple[str, ...]


def infer_domains(path: str, options: PictureOptions) -> TwoDomains:
    """Sources for two sets of pictures, with one size, number of channels and range; the rest is inferred for each.

    Args:
        path: of the pictures that are translated; without `to`, of a folder with both sets in it (`two_sets`).
        options: of both; `to` is the path of the other domain.

    Raises:
        DataError: pictures cannot be read.
        UsageError: the other domain is missing, or an option does not apply.
    """
    inside = None if options.to else two_sets(path)
    paths = (path, options.to) if inside is None else inside[:2]
    check_domain_options(path, options, paths)
    first, second = (survey(str(each)) for each in (reversed(paths) if options.reverse else paths))
    shared = one_form(first, second, options)
    (of_first, about_first), (of_second, about_second) = (
        infer_options(found, replace(shared, range=shared.range if found.headers.deep else None))
        for found in (first, second)
    )
    of_first, of_second = one_range(of_first, of_second)
    messages = (
        f"translates from {first.where} to {second.where}, which are no pairs (--reverse for the other direction)",
        *(f"in {first.where}: {each}" for each in about_first),
        *(f"in {second.where}: {each}" for each in about_second),
    )
    if inside is not None and inside.unused:
        messages = (
            *messages,
            f"not used: {' and '.join(inside.unused)}; val and test are taken out of the pictures above",
        )
    if of_first.depth != "uint8":
        messages = (*messages, f"both are mapped from {span(of_first.low, of_first.high)}")
    return TwoDomains(of_first, of_second, messages)


class TwoSets(NamedTuple):
    """Two folders of pictures in one folder, and those of their test pictures."""

    first: str
    second: str
    unused: tuple[str, ...]


def two_sets(path: str) -> TwoSets | None:
    """The folders trainA and trainB, or A and B, of any letter case, directly in a folder; None: it has neither."""
    for names in (("traina", "trainb"), ("a", "b")):
        both = folders_named(path, names)
        if both is not None:
            return TwoSets(*both, folders_named(path, ("testa", "testb")) or ())
    return None


def check_domain_options(path: str, options: PictureOptions, paths: tuple[str, str | None]) -> None:
    """Raises UsageError where the other domain is missing, and for options that two domains do not have."""
    if paths[1] is None:
        raise UsageError(
            "this recipe translates between two sets of pictures, and --data names one",
            where=path,
            hint="Name the other set with --to PATH, or a folder that holds both as trainA/ and trainB/.",
        )
    if options.labels or options.background == "keep":
        name = "--labels" if options.labels else "--background keep"
        raise UsageError(f"{name} does not apply to two sets of pictures", hint=f"Leave {name} out.")


def one_form(first: Survey, second: Survey, options: PictureOptions) -> PictureOptions:
    """The options with a size and a number of channels that suit both: the smaller sides, colour if one is coloured.

    Raises DataError where no picture can be opened.
    """
    options = replace(options, labels="", background=options.background or "white")
    single = replace(options, range=None)
    both = [infer_options(found, single).source for found in (first, second)]
    size = (min(each.width for each in both), min(each.height for each in both))
    channels = max(each.channels for each in both)
    return replace(options, size=options.size or size, channels=options.channels or channels)


def one_range(first: Own, second: Own) -> tuple[Own, Own]:
    """Both sources with one type of values and one range; bytes from each one's own range where the types differ."""
    if first.depth != second.depth:
        return replace(first, depth="uint8"), replace(second, depth="uint8")
    if first.depth == "uint8":
        return first, second
    shared: dict[str, Any] = {"low": min(first.low, second.low), "high": max(first.high, second.high)}
    return replace(first, **shared), replace(second, **shared)


def decode_domains(first: Own, second: Own) -> tuple[tuple[int, int, int], tuple[str, ...]]:
    """Decode both into the cache: numbers of the second's pictures by split, and messages. Raises DataError."""
    known = [decode(each) for each in (first, second)]
    messages = [message for each in known for message in each.messages]
    counts = [f"{sum(each.splits):,} pictures ({each.splits[0]:,} train)" for each in known]
    return known[1].splits, (*messages, f"from {counts[0]} to {counts[1]}")
