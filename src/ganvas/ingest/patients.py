"""Whose pictures medical ones are: those of one patient stay in one split."""

import re
from collections.abc import Sequence

from ..base.progress import report_progress
from . import decode_pool
from .listing import Listing, ending_of
from .medical_files import DICOM, NIFTI, SLICE

SUBJECT = re.compile(r"(?<![A-Za-z0-9])sub-[A-Za-z0-9]+")  # of BIDS, in a folder or a file


def patients(listing: Listing, numbers: Sequence[int] | None = None) -> list[str]:
    """A key for the patient of each picture; "" for pictures that are not medical, and where nothing is known.

    Of DICOM a SHA-256 of the patient's identifier, of NIfTI the subject of BIDS (sub-01) where the name has one, else
    the name of the volume without its ending.

    Args:
        listing: of the pictures.
        numbers: of those that are wanted for; None: all.
    """
    numbers = range(len(listing.names)) if numbers is None else numbers
    names = [listing.names[number] for number in numbers]
    found = [volume_key(name) for name in names]
    wanted = [place for place, name in enumerate(names) if not found[place] and ending_of(name) in DICOM]
    answers = decode_pool.answers(
        "patient", [listing.places[numbers[place]] for place in wanted], archive=listing.archive
    )
    for done, (place, answer) in enumerate(zip(wanted, answers, strict=True), start=1):
        found[place] = "" if answer.cause else answer.payload.decode()
        report_progress("reading patients", done, len(wanted))
    return found


def volume_key(name: str) -> str:
    """The patient that the name of a slice or a volume stands for; "" for other names."""
    volume = SLICE.sub(r"\1", name)
    ending = ending_of(volume)
    if ending not in NIFTI:
        return ""
    subject = SUBJECT.search(volume)
    return subject[0] if subject else volume[: len(volume) - len(ending)]
