"""What is made of the values and colours of a person's pictures: their range, depth and colour profiles, and the sentences that say so."""

from collections.abc import Iterator
from typing import Any

from ..base.errors import UsageError
from ..base.wording import counted
from . import colour_profiles, value_ranges
from .decode_options import colour
from .survey import HeaderSummary, Survey


def infer_range(found: Survey, given: str | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The source's depth, low and high where pictures have more than 8 bits, and the messages about values and colours.

    Args:
        found: the pictures.
        given: LOW:HIGH as in --range; None: inferred from the values.

    Raises:
        DataError: no picture can be decoded, or the range is empty.
        UsageError: a range is given, and no picture has more than 8 bits.
    """
    headers = found.headers
    messages = tuple(colour_sentences(headers))
    if headers.deep:
        chosen = value_ranges.chosen(found.values, headers.depths, given or "")
        about = value_ranges.sentences(found.values, chosen, headers.depths, bool(given))
        return chosen._asdict(), (*about, *messages)
    if given:
        hint = "Leave --range out. With --init-from the range is the run's, which was trained on pictures of more than 8 bits."
        what = "--range is about pictures of more than 8 bits, and these have 8"
        raise UsageError(what, where=headers.path, hint=hint)
    return {}, messages


def coloured(seen: HeaderSummary, background: str) -> bool:
    """Whether grey pictures become coloured by what they are put on. Of more than 8 bits they do so only where that is a colour."""
    if not seen.transparent:
        return False
    try:
        grey = len(set(colour(background))) == 1
    except ValueError:  # which is refused where the source is read
        grey = False
    return "uint8" in seen.depths or not grey


def colour_sentences(seen: HeaderSummary) -> Iterator[str]:
    """Of colour profiles, and of colours that are not read in full."""
    if count := seen.profiles.get(colour_profiles.OTHER):
        yield f"{counted(count, 'picture')} with a colour profile other than sRGB: converted to sRGB"
    if count := seen.profiles.get(colour_profiles.UNUSABLE):
        yield f"{counted(count, 'picture')} with a colour profile that cannot be used: the colours are taken as they are"
    if count := seen.profiles.get(colour_profiles.KEPT):
        yield f"{counted(count, 'picture')} of more than 8 bits with a colour profile: the values are taken as they are"
    if seen.partly:
        yield f"{counted(seen.partly, 'picture')} with 16 bits a channel in a form that is read with 8: the lower 8 bits are lost"
