"""What a trained translator is for: a person's pictures, folders and videos, translated into files."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ..base.errors import DataError, GanvasError, UsageError
from ..sessions.load_model import Model, load
from .translate_folder import jobs_of, translated
from .translate_outputs import (
    GALLERY,
    at_most_a_page,
    check_places,
    default_place,
    picture_places,
    write_page,
    write_pictures,
)
from .translate_video import VIDEOS, translate_video
from .translator import Translator

Place = str | os.PathLike[str]


def translate(
    run: "Model | Place",
    source: Place,
    out: Place | None = None,
    *,
    mask: Place | None = None,
    tile: int | None = None,
    reverse: bool = False,
    seed: int = 0,
    at: str = "auto",
    parts: Collection[Any] = (),
    mark: bool = True,
) -> list[Path]:
    """Translate a picture, a folder of pictures or a video by the generator of a run.

    The result has the size of the input, or is larger by the whole factor that the model was trained for. Alpha of the
    input is kept, and values of more than 8 bits where the model was trained on such. Where a model fills holes, all
    pixels outside them are those of the file.

    Args:
        run: a run's folder, or the Model that `load` returned.
        source: a picture, a folder, whose names and subfolders are kept, a NIfTI volume (a file for each slice), or a
            video (.mp4, .mov, .mkv, .webm, .avi), which needs `pip install "ganvas[video]"`.
        out: a file for a picture (.png or .webp; .tif for other depths) or a video (.mp4, .mov, .mkv), a folder for
            results as PNG, or an .html page that shows pictures before and after. None: `translated` in the current
            folder, with the ending of its kind.
        mask: of models that fill holes: a picture of the same size, white where to fill, or a folder with a mask for
            each picture. None: what is transparent is filled.
        tile: side of the tiles that large pictures are cut into, in pixels; None: 512, above 2**20 pixels.
        reverse: translate the other way, by the second generator of an unpaired model.
        seed: of models that have many answers to a picture: another seed gives another one.
        at: the checkpoint, as `load` takes it.
        parts: classes of the caller that the recipe uses, as `load` takes them.
        mark: whether the files say that they are generated.

    Returns:
        The files that were written. Of a folder, pictures that cannot be translated are left out, and an error is
        raised when all others are written.

    Raises:
        UsageError: the run translates no pictures, a mask is missing or not read, or the output is in the wrong place.
        DataError: a picture or a mask cannot be read, or does not fit.
        MissingExtra: a video, and imageio-ffmpeg is not installed.
        ResourceError: a file cannot be written.
    """
    model = run if isinstance(run, Model) else load(run, at=at, parts=parts)
    translator = Translator(model, reverse=reverse, tile=tile, seed=seed)
    here, masks, place = Path(source), None if mask is None else Path(mask), None if out is None else Path(out)
    if masks is not None and not translator.fills_holes:
        raise UsageError("this model reads no mask", where=str(model.run), hint="Leave --mask out.")
    if not here.exists():
        raise DataError("there is nothing at this path", where=str(here), hint="Check how it is spelt.")
    if here.suffix.lower() in VIDEOS and not here.is_dir():
        place = place or default_place(here, ".mp4")
        check_places(here, [masks] if masks else [], [place])
        return translate_video(translator, here, place, masks, mark=mark)
    jobs = jobs_of(here, masks)
    page = place is not None and place.suffix.lower() in GALLERY
    jobs = at_most_a_page(jobs) if page else jobs
    places = [place] if page and place is not None else picture_places(translator, here, jobs, place)
    check_places(here, [path for job in jobs for path in (job.file, job.mask) if path is not None], places)
    faults: list[GanvasError] = []
    pairs = translated(translator, jobs, faults)
    if page:
        written = write_page(translator, pairs, places[0], here.resolve().name, mark)
    else:
        names = {job.name: path for job, path in zip(jobs, places, strict=True)}
        written = write_pictures(translator, pairs, names, mark)
    if faults:
        raise left_out(faults, len(jobs), places[0] if page else places[0].parent)
    return written


def left_out(faults: list[GanvasError], total: int, out: Path) -> GanvasError:
    """The error for pictures of a folder that could not be translated: the first one's, with their number."""
    first = faults[0]
    if len(faults) == total:
        count = "none of the pictures could be translated"
    else:
        count = f"{len(faults)} of {total} pictures could not be translated, the others are in {out}"
    return type(first)(f"{count}: {first.what}", where=first.where, hint=first.hint)
