"""NIfTI volumes in a listing: each becomes its axial slices, named FILE#0042, counted from the feet."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..base.errors import MissingExtra
from ..base.files import open_regular
from .decode_options import UnreadablePicture
from .listing import Listing, ending_of
from .medical_files import INSTALL, NIFTI, is_medical, missing_package
from .medical_files import file_and_slice as file_and_slice
from .nifti import header_of


def with_slices(listing: Listing) -> Listing:
    """The listing with the slices of each volume in its place. Files whose package is missing are left out.

    A volume whose header cannot be read stays as one picture, and is named as broken where it is decoded.

    Raises:
        MissingExtra: a package is missing, and there is no other picture.
    """
    if listing.kind == "npz" or not any(map(is_medical, listing.names)):
        return listing
    listing = without_missing(listing)
    if not any(map(is_volume, listing.names)):
        return listing
    counts = [
        slices_of(str(place)) if is_volume(name) else 0
        for name, place in zip(listing.names, listing.places, strict=True)
    ]
    names, places = (tuple(spread(each, counts)) for each in (listing.names, map(str, listing.places)))
    state = listing.state
    if state is not None:
        state = state._replace(facts=np.repeat(state.facts, [max(1, count) for count in counts], axis=0))
    return replace(listing, names=names, places=places, state=state)


def is_volume(name: str) -> bool:
    """Whether a file's name is that of a volume."""
    return name.lower().endswith(NIFTI)


def names_of_slices(path: Path) -> list[str]:
    """The names of the slices of a volume, its own where its header cannot be read. Raises MissingExtra."""
    if package := missing_package(path.name):
        raise MissingExtra(f"NIfTI files need {package}", where=str(path), hint=INSTALL)
    return spread([path.name], [slices_of(str(path))])


def slices_of(path: str) -> int:
    """The number of slices of a volume; 0 where its header cannot be read."""
    try:
        with open_regular(path) as file:
            return header_of(file).slices
    except (OSError, UnreadablePicture):
        return 0


def spread(texts: Iterable[str], counts: Sequence[int]) -> list[str]:
    """Each text once for a count of 0, else with #0000, #0001, ..."""
    return [
        each
        for text, count in zip(texts, counts, strict=True)
        for each in ([f"{text}#{number:04}" for number in range(count)] if count else [text])
    ]


def without_missing(listing: Listing) -> Listing:
    """The listing without files whose package is not installed, which are counted among the others.

    Raises MissingExtra where no other picture is left.
    """
    packages = {
        ending: missing_package(ending) for ending in {ending_of(name) for name in listing.names} if is_medical(ending)
    }
    absent = {ending for ending, package in packages.items() if package}
    if not absent:
        return listing
    remaining = [number for number, name in enumerate(listing.names) if ending_of(name) not in absent]
    if not remaining:
        package = " and ".join(sorted({packages[ending] for ending in absent}))
        raise MissingExtra(f"{', '.join(sorted(absent))} files need {package}", where=str(listing.path), hint=INSTALL)
    others = Counter(listing.others) + Counter(ending_of(name) for name in listing.names if ending_of(name) in absent)
    state = listing.state
    if state is not None and len(state.facts):
        state = state._replace(facts=state.facts[remaining])
    names, places = tuple(listing.names[each] for each in remaining), tuple(listing.places[each] for each in remaining)
    return replace(listing, names=names, places=places, others=others, state=state)
