"""The model that a command works with."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..runs.model_folder import is_model_folder
from .output import print_message

if TYPE_CHECKING:
    from ..sessions.model import Model


def opened(run: Path, at: str) -> "Model":
    """The model of a run at a checkpoint, which is printed, or of a model folder."""
    from ..sessions.load_model import load

    model = load(run, at=at)
    newest = f"The newest checkpoint, of {model.samples_seen:,} samples, is used."
    for note in model.notes or (() if is_model_folder(model.run) else (newest,)):
        print_message(note)
    return model
