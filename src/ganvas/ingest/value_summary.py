"""The range, depth and colour profiles of a person's pictures, and the messages about them."""

from collections.abc import Iterator
from typing import Any

from ..base.errors import UsageError
from ..base.wording import counted
from . import colour_profiles, value_ranges
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
    messages = tuple(colour_messages(headers))
    if headers.deep:
        chosen = value_ranges.choose_range(found.values, headers.depths, given or "")
        about = value_ranges.range_messages(found.values, chosen, headers.depths, bool(given))
        return chosen._asdict(), (*about, *messages)
    if given:
        hint = (
            "Leave --range out. With --init-from the range is the run's, "
            "which was trained on pictures of more than 8 bits."
        )
        what = "--range is about pictures of more than 8 bits, and these have 8"
        raise UsageError(what, where=headers.path, hint=hint)
    return {}, messages


def colour_messages(headers: HeaderSummary) -> Iterator[str]:
    """Of colour profiles, and of colours that are not read in full."""
    if count := headers.profiles.get(colour_profiles.OTHER):
        yield f"{counted(count, 'picture')} with a colour profile other than sRGB: converted to sRGB"
    if count := headers.profiles.get(colour_profiles.UNUSABLE):
        yield f"{counted(count, 'picture')} with a colour profile that cannot be used: the colours are used as they are"
    if count := headers.profiles.get(colour_profiles.NOT_CONVERTED):
        yield f"{counted(count, 'picture')} of more than 8 bits with a colour profile: the values are taken as they are"
    if count := headers.modes.get("MONOCHROME1"):
        yield f"{counted(count, 'DICOM file')} whose least value is white (MONOCHROME1): the values are mirrored"
    if headers.partly:
        pictures = counted(headers.partly, "picture")
        yield f"{pictures} with 16 bits a channel in a form that is read with 8: the lower 8 bits are lost"
