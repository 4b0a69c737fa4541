"""Which files a translation reads and writes, and the loop over them."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError, GanvasError, UsageError
from ..base.progress import report_progress
from ..ingest.listing import list_path, without_ending
from ..ingest.volume_slices import file_and_slice, is_volume, names_of_slices, with_slices
from .picture_files import Form, UserPicture, read_mask, read_picture
from .translator import Progress, Translator

Pixels = np.ndarray[Any, Any]


class Job(NamedTuple):
    """One picture: its name, its file, the file of its mask, and where the result goes (without an ending)."""

    name: str
    source: Path
    mask: Path | None
    target: str

    @property
    def file(self) -> Path:
        """The file, of a slice that of its volume."""
        return Path(file_and_slice(str(self.source))[0])


class Translated(NamedTuple):
    """One picture before and after.

    Args:
        job: its names.
        before: as the model read it.
        mask: bool [H, W], True where it was filled, or None.
        after: pixels of the result.
        alpha: of the result; None where it has none or `after` holds it.
    """

    job: Job
    before: UserPicture
    mask: Pixels | None
    after: Pixels
    alpha: Pixels | None


def jobs_of(source: Path, mask: Path | None) -> list[Job]:
    """The pictures of a file or a folder, with a mask for each where masks are named.

    Args:
        source: a picture, or a folder whose subfolders are read too.
        mask: one picture for all, or a folder that holds a mask of the same name for each, with any ending.

    Returns:
        In the order of their names. Two pictures whose names differ in the ending keep it in the target.

    Raises:
        DataError: there is no picture, or a mask is missing.
    """
    if mask is not None and not mask.exists():
        raise DataError("there is nothing at this path", where=str(mask), hint="It should be a mask or a folder.")
    if is_volume(source.name) and not source.is_dir():
        return [Job(each, source.with_name(each), mask, without_ending(each)) for each in names_of_slices(source)]
    if not source.is_dir():
        if mask is not None and mask.is_dir():
            return [Job(source.name, source, masks_in(mask, [source.name])[source.name], source.stem)]
        return [Job(source.name, source, mask, source.stem)]
    listed = with_slices(list_path(str(source)))
    if not listed.names:
        raise DataError("there is no picture in this folder", where=str(source))
    masks: dict[str, Path | None] = dict.fromkeys(listed.names, mask)
    if mask is not None and mask.is_dir():
        masks |= masks_in(mask, listed.names)
    stems = Counter(map(without_ending, listed.names))
    return [
        Job(name, Path(str(place)), masks[name], without_ending(name) if stems[without_ending(name)] == 1 else name)
        for name, place in zip(listed.names, listed.places, strict=True)
    ]


def masks_in(folder: Path, names: "tuple[str, ...] | list[str]") -> dict[str, Path]:
    """The mask of each picture. Raises DataError for one that has none."""
    listed = list_path(str(folder))
    exact = {name: Path(str(place)) for name, place in zip(listed.names, listed.places, strict=True)}
    by_stem = {without_ending(name): place for name, place in exact.items()}
    found = {name: exact.get(name) or by_stem.get(without_ending(name)) for name in names}
    if missing := [name for name, place in found.items() if place is None]:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise DataError(
            f"there is no mask for {missing[0]}{more}",
            where=str(folder),
            hint="A mask has the name of its picture, with any ending.",
        )
    return {name: place for name, place in found.items() if place is not None}


def form_of(translator: Translator) -> Form:
    """The form in which a translator reads pictures: that of the training data's inputs."""
    units = translator.input_domain.units
    if units.depth != "uint8":
        return Form(translator.channels, units.depth, units.low, units.high)
    source = translator.model.experiment.recipe.source
    options = getattr(source, "input_options", source)
    low, high = (float(getattr(options, name, 0.0) or 0.0) for name in ("low", "high"))
    return Form(translator.channels, low=low, high=high)


def translate_one(translator: Translator, job: Job, *, tiles: bool = False) -> Translated:
    """Read, translate, and put alpha back.

    Args:
        translator: of the run.
        job: the picture.
        tiles: report the progress over its tiles.

    Raises:
        DataError, UsageError: the picture or its mask does not fit; `where` is the picture.
    """
    before = read_picture(job.source, form_of(translator), exact=translator.fills_holes)
    mask = None if job.mask is None else read_mask(job.mask)

    def progress(done: int, total: int) -> None:
        if tiles:
            report_progress("translating tiles", done, total)

    try:
        return Translated(job, before, *translated_picture(translator, before, mask, progress))
    except (DataError, UsageError) as error:
        raise type(error)(error.what, where=str(job.source), hint=error.hint) from error


def translated_picture(
    translator: Translator,
    before: UserPicture,
    mask: Pixels | None = None,
    progress: Progress = lambda done, total: None,
) -> tuple[Pixels | None, Pixels, Pixels | None]:
    """Translate one picture, and put alpha back.

    Args:
        translator: of the run.
        before: as `read_picture` returned it.
        mask: bool [H, W], True where to fill; None: where it is transparent, if the model fills holes.
        progress: called with the number of tiles done and of all tiles.

    Returns:
        The mask that was used, the pixels of the result, and its alpha if `pixels` do not hold it.

    Raises:
        DataError, UsageError: the picture or its mask does not fit.
    """
    alpha = before.alpha
    if translator.fills_holes and mask is None and translator.channels == 4 and (before.pixels[:, :, 3] < 255).any():
        mask = before.pixels[:, :, 3] < 255
    elif translator.fills_holes and mask is None and alpha is not None:
        mask, alpha = alpha < 255, None
    after = translator(before.pixels, mask, progress)
    return mask, after, None if translator.palette is not None else alpha


def translated(translator: Translator, jobs: list[Job], faults: list[GanvasError]) -> Iterator[Translated]:
    """Every picture in turn; of several, one that cannot be translated is added to `faults` and the next is taken.

    Args:
        translator: of the run.
        jobs: what `jobs_of` returned.
        faults: the errors of the pictures that are left out.

    Raises:
        DataError, UsageError: the only picture cannot be translated.
    """
    for place, job in enumerate(jobs):
        if len(jobs) == 1:
            yield translate_one(translator, job, tiles=True)
            return
        report_progress("translating pictures", place, len(jobs))
        try:
            yield translate_one(translator, job)
        except (DataError, UsageError) as error:
            faults.append(error)
    report_progress("translating pictures", len(jobs), len(jobs))
