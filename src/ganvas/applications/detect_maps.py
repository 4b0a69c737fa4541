"""Maps of where pictures are abnormal: as pictures, and against masks that a person has drawn."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..base.errors import DataError
from ..metrics.region_overlap import RegionOverlap, region_overlap
from ..runs import cannot_write, mark_of, save_picture
from .detect import Detection, pictures_of
from .detector import scored
from .picture_files import read_mask
from .translate_folder import masks_in

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


def map_overlap(detection: Detection, masks: Path, normal: Sequence[bool]) -> RegionOverlap:
    """How well maps cover the regions that masks mark, over all pictures.

    Args:
        detection: of the pictures.
        masks: a folder with a mask of the same name for each abnormal picture, white where it is abnormal. They are
            brought to the model's size.
        normal: for each picture whether it is normal; normal ones need no mask.

    Raises:
        DataError: a mask is missing or cannot be read, or nothing is marked.
    """
    names = [job.name for job, is_normal in zip(detection.jobs, normal, strict=True) if not is_normal]
    known = masks_in(masks, names)
    maps = torch.cat([scored(detection.model, x)[1] for _, x in pictures_of(detection.model, detection.jobs)])
    shape = tuple(maps.shape[1:])
    truths = [
        torch.zeros(shape, dtype=torch.bool) if job.name not in known else mask_like(known[job.name], shape)
        for job in detection.jobs
    ]
    return region_overlap(maps, torch.stack(truths))


def mask_like(path: Path, shape: tuple[int, ...]) -> Tensor:
    """A mask [H, W] in the size of the maps: a pixel is marked where half of it is. Raises DataError."""
    mask = torch.from_numpy(np.ascontiguousarray(read_mask(path))).float()
    height, width = mask.shape
    if abs(height * shape[1] - width * shape[0]) > max(height, width):
        raise DataError(
            f"the mask has {width} x {height} pixels, of other proportions than the model's {shape[1]} x {shape[0]}",
            where=str(path),
        )
    return F.interpolate(mask[None, None], size=shape, mode="area")[0, 0] >= 0.5
