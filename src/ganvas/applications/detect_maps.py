"""Maps of where pictures are abnormal, as pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..runs import cannot_write, mark_of, save_picture
from .detect import Detection
from .detect_pictures import pictures_of, scored

SIDE = 128  # pixels of a picture's longer side, at least, in a file of maps
COLOURS = ((0.0, 0.0, 0.0), (0.55, 0.05, 0.35), (0.98, 0.45, 0.10), (1.0, 0.95, 0.75))  # of 0, 1/3, 2/3 and 1


def write_maps(detection: Detection, out: Path, *, mark: bool = True) -> list[Path]:
    """Write a picture for each file: the picture, what the model draws in its place, and the map of the difference.

    Brightness means the same in every file: black is no difference, the brightest colour the value that one pixel in
    1,000 of a held-out normal picture exceeds, times two.

    Args:
        detection: of the pictures.
        out: a folder; names and subfolders are kept.
        mark: whether the files say that they are generated.

    Raises:
        ResourceError: a file cannot be written.
    """
    model, top = detection.model, 2 * detection.detector.map_top or 1.0
    marked = mark_of(model.sha256, 0) if mark else None
    written: list[Path] = []
    for jobs, x in pictures_of(model, detection.jobs):
        maps, again = scored(model, x)[1], model.answer(x)
        heat = coloured((maps / top).clamp(0, 1))
        for job, row, drawn, colours in zip(jobs, x, again, heat, strict=True):
            parts = [model.domain.render(each[None], 1).convert("RGB") for each in (row, drawn)]
            parts.append(Image.fromarray(colours).resize(parts[0].size, Image.Resampling.NEAREST))
            place = out / f"{job.target}.png"
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                save_picture(side_by_side(parts), place, marked)
            except OSError as error:
                raise cannot_write(place, error) from error
            written.append(place)
    return written


def coloured(values: Tensor) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Colours uint8 [n, H, W, 3] of values [n, H, W] in [0, 1]."""
    known = torch.tensor(COLOURS)
    place = values * (len(COLOURS) - 1)
    low = place.long().clamp(max=len(COLOURS) - 2)
    share = (place - low)[..., None]
    mixed = known[low] * (1 - share) + known[low + 1] * share
    return (mixed * 255).round().to(torch.uint8).numpy()


def side_by_side(parts: Sequence[Image.Image]) -> Image.Image:
    """Pictures of one size in a row, enlarged by a whole factor where they are small."""
    picture = Image.fromarray(np.concatenate([np.asarray(each) for each in parts], axis=1))
    factor = max(1, SIDE // picture.height)
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
