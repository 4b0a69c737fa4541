"""Where translated pictures go: names, and checks that nothing of the user's is lost."""

import warnings
from collections.abc import Iterable
from pathlib import Path

from ..base.errors import GanvasWarning, UsageError
from ..runs import cannot_write, mark_of, value_suffix
from .gallery import MOST_PAIRS, write_gallery
from .picture_files import check_ending, write_picture
from .translate_folder import Job, Translated
from .translator import Translator

GALLERY = (".html", ".htm")


def default_place(source: Path, suffix: str) -> Path:
    """The output where none is named: `translated` in the current folder, with this ending unless it is a folder."""
    return Path("translated" if source.is_dir() else f"translated{suffix}")


def picture_places(translator: Translator, source: Path, jobs: list[Job], out: Path | None) -> list[Path]:
    """The file of each result.

    Args:
        translator: that makes them.
        source: the input.
        jobs: its pictures.
        out: a folder, in which names and subfolders of the input are kept, or the file of a single picture.

    Raises:
        UsageError: a file for several pictures, or an ending that cannot hold the result.
    """
    ending = value_suffix(translator.made_dtype)
    single = len(jobs) == 1 and not source.is_dir()
    out = (default_place(source, ending) if single else Path("translated")) if out is None else out
    if single and out.suffix and not out.is_dir():
        exact = "known pixels" if translator.fills_holes else "classes" if translator.palette is not None else ""
        check_ending(out, translator.made_dtype, lossless=exact)
        return [out]
    if out.suffix and not out.is_dir():
        raise UsageError(
            f"{len(jobs)} pictures cannot be written as one '{out.suffix}'",
            where=str(out),
            hint="Use a folder, or .html for a page of pictures before and after.",
        )
    return [out / f"{job.target}{ending}" for job in jobs]


def check_places(source: Path, inputs: Iterable[Path], places: list[Path]) -> None:
    """Check that no input is overwritten, and warn of other files that are.

    Args:
        source: the input, whose folder results may not be put into if it is a folder.
        inputs: pictures and masks.
        places: files that are written.

    Raises:
        UsageError: a result would replace an input, or be taken for one next time.
    """
    root = source.resolve()
    if source.is_dir() and any(place.resolve().is_relative_to(root) for place in places):
        raise UsageError(
            "the output is inside the folder of the input, so that results would be translated again next time",
            where=str(places[0].parent),
            hint="Choose another place with --out.",
        )
    replaced = [place for place in places if place.exists()]
    if replaced:
        known = {(facts.st_dev, facts.st_ino) for path in {*inputs, source} if (facts := path.stat())}
        for place in replaced:
            if (place.stat().st_dev, place.stat().st_ino) in known:
                raise UsageError("the output is an input", where=str(place), hint="Choose another place with --out.")
        count = f"{len(replaced)} files that were" if len(replaced) > 1 else "a file that was"
        warnings.warn(f"{replaced[0]}: {count} there before will be replaced.", GanvasWarning, stacklevel=3)


def write_pictures(
    translator: Translator, pairs: Iterable[Translated], places: dict[str, Path], mark: bool
) -> list[Path]:
    """Write each result as soon as it is there.

    Args:
        translator: that makes them.
        pairs: the results.
        places: the file of each picture, by its name.
        mark: whether files say that they are generated.

    Returns:
        The files that were written.

    Raises:
        ResourceError: a file cannot be written.
    """
    written = []
    for pair in pairs:
        place = places[pair.job.name]
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(place.parent, error) from error
        marked = mark_of(translator.model.sha256, 0) if mark else None
        write_picture(pair.after, pair.alpha, place, marked, translator.palette)
        written.append(place)
    return written


def write_page(translator: Translator, pairs: Iterable[Translated], out: Path, title: str, mark: bool) -> list[Path]:
    """Write the gallery of pictures before and after; see `write_gallery`. Raises ResourceError."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(out.parent, error) from error
    write_gallery(translator, pairs, out, title, mark_of(translator.model.sha256, 0) if mark else None)
    return [out]


def at_most_a_page(jobs: list[Job]) -> list[Job]:
    """The pictures of a gallery, with a warning where some are left out."""
    if len(jobs) > MOST_PAIRS:
        warnings.warn(f"The page shows the first {MOST_PAIRS} of {len(jobs):,} pictures.", GanvasWarning, stacklevel=3)
    return jobs[:MOST_PAIRS]
