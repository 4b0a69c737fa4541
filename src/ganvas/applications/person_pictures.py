"""A person's pictures in the form that a model's networks have them, as its training pictures were read."""

import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..base.errors import DataError, UsageError
from ..data.source import Items
from ..ingest.decode import decode, read_header
from ..ingest.decode_options import BEHIND, DecodeOptions, UnreadablePicture, colour
from ..sessions.model import Model
from .picture_files import read_data

Pictures = Sequence[str | os.PathLike[str]] | str | os.PathLike[str] | np.ndarray[Any, Any]


def model_pictures(model: Model, pictures: Pictures) -> Tensor:
    """Pictures x [n, C, H, W] in the networks' units.

    Args:
        model: of pictures.
        pictures: files, or an array as `Model.sample` gives it, [n, H, W, C].

    Raises:
        UsageError: there are none, or the array has another shape or type.
        DataError: a file cannot be read.
    """
    if isinstance(pictures, str | os.PathLike):
        pictures = [pictures]
    values = pictures if isinstance(pictures, np.ndarray) else [read_fitted(model, Path(each)) for each in pictures]
    if not len(values):
        raise UsageError("there are no pictures", hint="Name one or several files.")
    values = np.stack(list(values))
    blank = model.domain.decode(torch.zeros(1, *model.spec.shape))
    if values.shape[1:] != blank.shape[1:] or values.dtype != blank.dtype:
        raise UsageError(
            f"the pictures are {values.dtype} {list(values.shape[1:])}, and the model's {blank.dtype} "
            f"{list(blank.shape[1:])}",
            hint="Give them in the form that Model.sample has, or as files.",
        )
    encoded = model.domain.encode(Items(x=values, units=model.units))
    return model.domain.to_tensor(torch.from_numpy(np.ascontiguousarray(encoded)))


def read_fitted(model: Model, path: Path) -> np.ndarray[Any, Any]:
    """A file as [H, W, C] in the model's shape and type, cropped, padded or stretched as the training pictures were.

    Raises DataError.
    """
    source: Any = model.experiment.recipe.source
    channels, height, width = model.spec.shape
    units, background = model.units, getattr(source, "background", "")
    behind = colour(background) if background and channels != 4 else BEHIND
    fit, data = getattr(source, "fit", "crop"), read_data(path)
    options = DecodeOptions(height, width, channels, fit, behind)
    if units.depth != "uint8":
        options = options._replace(depth=units.depth, low=units.low, high=units.high)
    try:
        read_header(BytesIO(data))
        return decode(BytesIO(data), options)
    except UnreadablePicture as error:
        raise DataError(f"cannot read the picture: {error}", where=str(path)) from error
