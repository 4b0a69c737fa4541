"""The place of a model that a person names: a path, the name of a ready-made model, or a place on a hub."""

import os
import re
from pathlib import Path

from ..runs import MARKER
from ..runs.model_folder import FACTS as FACTS
from ..runs.model_folder import WEIGHTS
from ..runs.model_folder import is_model_folder as is_model_folder
from .hub import downloaded

READY = Path(__file__).parents[1] / "ready"
HUB = re.compile(r"hf:/+(?P<name>[^/@]+/[^/@]+)(?:@(?P<revision>.+))?")  # a Path makes one slash of two


def found_model(place: str | os.PathLike[str], revision: str = "") -> Path:
    """The folder of a model.

    Args:
        place: a run, a model folder, a file of one (model.json or model.safetensors), the name of a ready-made model,
            or hf://owner/name, also with @revision.
        revision: on a hub: a branch, a tag or a commit.

    Returns:
        A folder that exists, or the path as it is, so that its reader can say what is missing.

    Raises:
        GanvasError: a place on a hub cannot be read.
    """
    path = Path(place)
    if on_hub := HUB.fullmatch(str(place)):
        return downloaded(on_hub["name"], revision or on_hub["revision"] or "")
    if path.exists():
        inside = path.name in (FACTS, WEIGHTS) and path.is_file() and is_model_folder(path.parent)
        return path.parent if inside else path
    return READY / str(place) if str(place) in ready_made() else path


def ready_made() -> tuple[str, ...]:
    """The names of the models that come with ganvas."""
    return tuple(sorted(path.name for path in READY.iterdir() if is_model_folder(path))) if READY.is_dir() else ()


def holds_model(place: str | os.PathLike[str]) -> bool:
    """Whether a place is a run or a model folder, or the name of a ready-made model."""
    folder = found_model(place)
    return (folder / MARKER).is_file() or is_model_folder(folder)
