"""Small text files of results: written in one step, into folders that are made."""

from pathlib import Path

from ..base.errors import UsageError
from ..base.files import replace_file
from ..runs import cannot_write


def write_text_file(place: Path, text: str) -> Path:
    """Write a file, and return it. Raises ResourceError."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, text)
    except OSError as error:
        raise cannot_write(place, error) from error
    return place


def check_new_folder(place: Path) -> None:
    """Raises UsageError unless nothing is at this path, or an empty folder."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise UsageError("this folder is not empty", where=str(place), hint="Name a new one with -o.")
