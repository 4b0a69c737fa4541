"""Maps of where pictures are abnormal against masks that a person has drawn."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.errors import DataError
from ..metrics.region_overlap import RegionOverlap, region_overlap
from .detect_pictures import pictures_of, scored
from .picture_files import read_mask
from .translate_folder import masks_in

if TYPE_CHECKING:
    from .detect import Detection


def map_overlap(detection: "Detection", masks: Path, normal: Sequence[bool]) -> RegionOverlap:
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
