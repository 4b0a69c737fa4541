"""What is made of the values and colours of a person's pictures: their range, depth and colour profiles, and the sentences that say so."""

from collections.abc import Iterator
from typing import Any

from ..base.errors import UsageError
from ..base.wording import counted
from . import colour_profiles, value_ranges
from .decode_options import colour
from .joined_paths import Where, shown
from .scan import Survey


def ranged(
    path: Where, seen: Survey, given: str | None, encoding: str = "utf-8"
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The source's depth and range where pictures have more than 8 bits, and what is said of values and colours. Raises DataError, UsageError."""
    said = [*colour_sentences(seen)]
    if not seen.deep:
        if given:
            hint = "Leave --range out. With --init-from the range is the run's, which was trained on pictures of more than 8 bits."
            raise UsageError(
                "--range is about pictures of more than 8 bits, and these have 8", where=shown(path), hint=hint
            )
        return {}, tuple(said)
    found = value_ranges.surveyed(path, encoding)
    chosen = value_ranges.chosen(found, seen.depths, given or "")
    return chosen._asdict(), (*value_ranges.sentences(found, chosen, seen.depths, bool(given)), *said)


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
    if count := seen.profiles.get(colour_profiles.OTHER):
        yield f"{counted(count, 'picture')} with a colour profile other than sRGB: converted to sRGB"
    if count := seen.profiles.get(colour_profiles.UNUSABLE):
        yield f"{counted(count, 'picture')} with a colour profile that cannot be used: the colours are taken as they are"
    if count := seen.profiles.get(colour_profiles.KEPT):
        yield f"{counted(count, 'picture')} of more than 8 bits with a colour profile: the values are taken as they are"
    if seen.partly:
        yield f"{counted(seen.partly, 'picture')} with 16 bits a channel in a form that is read with 8: the lower 8 bits are lost"
