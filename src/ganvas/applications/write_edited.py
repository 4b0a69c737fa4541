"""Edited samples to a file: a sheet, or a film, marked as generated."""

from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from ..base.errors import UsageError
from ..base.files import replace_file
from ..runs import cannot_write, encode_picture, mark_of, write_sidecar, xmp
from .video import animated, check_makes_video

FILMS = (".gif", ".webp", ".mp4")
SHEETS = (".png", ".webp")
SIDE = 256  # pixels of a film's longer side, at least


class Showable(Protocol):
    """What can be written: a model's samples as one picture, or as many."""

    @property
    def model(self) -> Any:
        """Whose samples."""

    @property
    def seed(self) -> int:
        """For the mark."""

    def sheet(self) -> Image.Image:
        """All in one picture."""

    def frames(self) -> list[Image.Image]:
        """One picture each."""


def check_edited_ending(out: Path, *, film: bool) -> str:
    """The ending, in small letters. Raises UsageError for one that is not written, MissingExtra for an MP4."""
    known = (".png", *FILMS) if film else SHEETS
    ending = out.suffix.lower()
    if ending not in known:
        what = "an interpolation" if film else "a sheet"
        raise UsageError(f"cannot write {what} as '{out.suffix}'", where=str(out), hint=f"Use {', '.join(known)}.")
    if ending == ".mp4":
        check_makes_video()
    return ending


def write_edited(edited: Showable, out: Path, *, film: bool, per_second: float, mark: bool) -> list[Path]:
    """Write samples, and return the files.

    Args:
        edited: the samples.
        out: .png, or .webp, or for a film .gif, .webp or .mp4.
        film: whether endings of films mean one.
        per_second: pictures of a film a second.
        mark: whether the file says that it is generated; GIF and MP4 in a second file.

    Raises:
        UsageError: the ending, or the picture is too large for it, or the rate is not from 1 to 60.
        MissingExtra, ResourceError: as `animated` raises them; the file cannot be written.
    """
    ending = check_edited_ending(out, film=film)
    if not 1 <= per_second <= 60:
        raise UsageError(f"cannot show {per_second:g} pictures a second", hint="From 1 to 60 are possible.")
    marked = mark_of(edited.model.sha256, edited.seed) if mark else None
    try:
        if film and ending in FILMS:
            # lossless, so that the ends are the samples themselves
            settings: dict[str, Any] = {"lossless": True, "xmp": xmp(marked).encode() if marked else b""}
            frames = [enlarged(each) for each in edited.frames()]
            data = animated(frames, ending[1:], per_second, **(settings if ending == ".webp" else {}))
        else:
            data = encode_picture(edited.sheet(), ending, marked)
        out.parent.mkdir(parents=True, exist_ok=True)
        replace_file(out, data)
        return [out, *([write_sidecar(out, marked)] if marked and ending in (".gif", ".mp4") else [])]
    except OSError as error:
        raise cannot_write(out, error) from error
    except ValueError as error:  # WebP ends at 16,383 pixels
        raise UsageError(f"cannot write this picture: {error}", where=str(out), hint="Use .png.") from error


def enlarged(picture: Image.Image) -> Image.Image:
    """A picture of at least SIDE pixels a side, by a whole factor."""
    times = max(1, -(-SIDE // max(picture.size)))
    return picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
