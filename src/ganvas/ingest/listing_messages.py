"""Messages about a listing: files of other kinds, and names as a terminal can show them."""

from collections.abc import Mapping

from ..base.errors import DataError
from ..base.wording import counted, shortened
from .listing import ENDINGS, Listing

CONVERTED = (
    ".heic",
    ".heif",
    ".avif",
    ".jxl",
    ".jp2",
    ".psd",
    ".svg",
    ".dng",
    ".cr2",
    ".cr3",
    ".nef",
    ".arw",
    ".tga",
    ".ico",
    ".pgm",
    ".ppm",
    ".eps",
    ".pdf",
)


def printable(name: str) -> str:
    """A file's name as any terminal can show it."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def check_pictures(found: Listing) -> None:
    """Raises DataError where no file has the ending of a picture."""
    if not found.names:
        held = f" It holds {kinds_text(found.others)}.{conversion_hint(found.others)}" if found.others else ""
        raise DataError("no pictures", where=str(found.path), hint=f"Known are {', '.join(sorted(ENDINGS))}.{held}")


def kinds_text(others: Mapping[str, int]) -> str:
    """'7 .heic, 3 .txt, 2 without an ending', the most frequent first."""
    common = sorted(others.items(), key=lambda item: (-item[1], item[0]))
    return shortened([f"{count:,} {printable(ending) or 'without an ending'}" for ending, count in common])


def conversion_hint(others: Mapping[str, int]) -> str:
    """What to do about pictures of kinds that are not read; "" where there are none."""
    known = sorted(set(others) & set(CONVERTED))
    return f" Save {shortened(known)} as PNG or JPEG to use them." if known else ""


def left_out_message(others: Mapping[str, int]) -> str:
    """A message about other files than pictures, "" where there are none."""
    total = sum(others.values())
    return (
        f"{counted(total, 'other file is', 'other files are')} left out: {kinds_text(others)}.{conversion_hint(others)}"
        if total
        else ""
    )
