"""Pictures of two folders or zips as pairs: an input and a truth of one name, whatever their endings."""

from collections import Counter
from pathlib import PurePosixPath
from typing import NamedTuple

from ..base.errors import DataError
from ..base.wording import counted
from .folder_names import composed, shared_root
from .labels import some_names
from .listing import Listing, without_ending
from .listing_messages import printable

KINDS = ("folder", "zip")  # of listings whose pictures have names of their own


class NamedPair(NamedTuple):
    """The common name of a pair, and the numbers of its pictures in their listings."""

    name: str
    input: int
    truth: int


class PairNames(NamedTuple):
    """Pairs in the order of their names, and the pictures that have no partner."""

    pairs: tuple[NamedPair, ...]
    without: tuple[str, ...]


def match_names(inputs: Listing, truths: Listing) -> PairNames:
    """The pairs of two listings: pictures whose paths below their folder or zip differ at most in the ending.

    Where no path is common, leading folders that all pictures of a side share do not count.

    Args:
        inputs, truths: of a folder or a zip each.

    Returns:
        Pairs, and the names of pictures without a partner, each with its folder or zip.

    Raises:
        DataError: no pair is there, or a name is not unique without its ending.
    """
    for listing in (inputs, truths):
        check_kind(listing)
    first, second = (by_key(listing, 0) for listing in (inputs, truths))
    if not first.keys() & second.keys():
        first, second = (by_key(listing, shared_root(listing.names)) for listing in (inputs, truths))
    common = sorted(first.keys() & second.keys())
    if not common:
        examples = f"{printable(inputs.names[0])} and {printable(truths.names[0])}"
        raise DataError(
            f"no picture of {inputs.path} has one of the same name in {truths.path}, which begin with {examples}",
            hint="Both pictures of a pair have one name but for the ending: inputs/street/1.jpg, truths/street/1.png.",
        )
    without = [
        f"{listing.path.name}/{listing.names[number]}"
        for listing, numbers in ((inputs, first), (truths, second))
        for key, number in numbers.items()
        if key not in first or key not in second
    ]
    return PairNames(tuple(NamedPair(key, first[key], second[key]) for key in common), tuple(without))


def own_pairs(listing: Listing) -> PairNames:
    """Every picture of a listing as a pair by itself, for pictures that hold both halves. Raises DataError."""
    check_kind(listing)
    numbers = by_key(listing, 0)
    return PairNames(tuple(NamedPair(key, numbers[key], numbers[key]) for key in sorted(numbers)), ())


def check_kind(listing: Listing) -> None:
    """Raises DataError for what is neither a folder nor a zip, or holds no pictures."""
    if listing.kind not in KINDS:
        raise DataError(
            "pairs of pictures are in folders or zips, and this is neither",
            where=str(listing.path),
            hint="Name a folder or a zip of pictures.",
        )
    if not listing.names:
        raise DataError("no pictures", where=str(listing.path), hint="Name a folder or a zip of pictures.")


def by_key(listing: Listing, depth: int) -> dict[str, int]:
    """Numbers of pictures by their names without endings and without the first `depth` folders. Raises DataError."""
    keys = [composed(without_ending(PurePosixPath(*name.split("/")[depth:]).as_posix())) for name in listing.names]
    counts = Counter(keys)
    twice = [name for name, key in zip(listing.names, keys, strict=True) if counts[key] > 1]
    if twice:
        raise DataError(
            f"{counted(len(twice), 'picture')} cannot be told apart by name without the ending: {some_names(twice)}",
            where=str(listing.path),
            hint="Rename or remove them: pairs are found by name.",
        )
    return {key: number for number, key in enumerate(keys)}
