"""Models that leave and come: model folders on this machine, with ganvas, and on a hub."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from .describe_model import described
from .found_model import found_model
from .hub import uploaded
from .read_model_folder import FolderModel, read_model_folder
from .save_model_folder import save_model_folder
from .stored_weights import Precision as Precision

if TYPE_CHECKING:
    from .model import Model


def opened(place: str | os.PathLike[str], revision: str, parts: Any) -> tuple[Path, FolderModel]:
    """The folder of a model, and what it holds. Raises GanvasError."""
    folder = found_model(place, revision)
    return folder, read_model_folder(folder, parts)


def saved(model: "Model", out: Path, *, every: bool, precision: Precision, stated: dict[str, str]) -> tuple[Path, ...]:
    """Write a model folder, and return its files. Raises as `save_model_folder`."""
    return save_model_folder(described(model, **stated), out, every=every, precision=precision)


def pushed(model: "Model", repository: str, *, private: bool, endpoint: str | None, options: dict[str, Any]) -> str:
    """Upload a model folder, and return the address of the commit. Raises as `uploaded`."""
    with TemporaryDirectory() as folder:
        model.save_pretrained(folder, **options)
        return uploaded(Path(folder), repository, private=private, endpoint=endpoint)
