"""The model that a command works with."""

from pathlib import Path
from typing import TYPE_CHECKING

from .output import print_message

if TYPE_CHECKING:
    from ..sessions.model import Model


def opened(run: Path, at: str) -> "Model":
    """The model of a run at a checkpoint; which one it is, is printed."""
    from ..sessions.model import load

    model = load(run, at=at)
    for note in model.notes or (f"The newest checkpoint, of {model.samples_seen:,} samples, is used.",):
        print_message(note)
    return model
