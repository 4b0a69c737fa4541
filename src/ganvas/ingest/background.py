"""What is behind transparent pixels: a colour, or nothing, so that they stay transparent."""

from typing import Literal

from ..base.errors import UsageError
from .decode_options import TRANSPARENT, colour
from .header_summary import HeaderSummary
from .picture_options import PictureOptions
from .survey import Survey
from .transparent_share import ENOUGH, transparent_share


def infer_background(found: Survey, options: PictureOptions) -> str:
    """The background that is given; else `keep` where a fifth of the pictures or more are transparent, else white.

    Raises UsageError where transparency is to be kept of pictures of more than 8 bits.
    """
    if options.background == TRANSPARENT and found.headers.deep:
        raise UsageError(
            "--background keep is for pictures of 8 bits a channel, and some of these have more",
            where=found.where,
            hint="Give a colour, such as --background white, or convert the pictures to 8 bits.",
        )
    if options.background or options.channels is not None:
        return options.background or "white"
    return TRANSPARENT if transparent_share(found) >= ENOUGH else "white"


def infer_channels(found: Survey, background: str) -> Literal[1, 3, 4]:
    """4 with transparency; 1 where every picture is grey and stays grey on its background; else 3."""
    if background == TRANSPARENT:
        return 4
    headers = found.headers
    return 1 if headers.grey == headers.pictures and not coloured(headers, background) else 3


def coloured(headers: HeaderSummary, background: str) -> bool:
    """Whether the background makes grey pictures coloured. Of more than 8 bits only a coloured one does."""
    if not headers.transparent:
        return False
    try:
        grey = len(set(colour(background))) == 1
    except ValueError:  # which is refused where the source is read
        grey = False
    return "uint8" in headers.depths or not grey
