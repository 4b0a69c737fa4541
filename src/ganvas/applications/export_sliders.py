"""What a page needs to know of a model: inputs, classes, and directions of the latents for sliders."""

from typing import Any

from ..base.errors import UsageError
from ..sessions.model import Model
from .edit_directions import METHODS
from .export_graph import latent_classes
from .export_parts import TRUNCATION, Y, Z
from .latent_space import LatentSpace, has_styles

DIRECTIONS = 6


def page_facts(model: Model, name: str) -> dict[str, Any]:
    """What the page needs to know. Raises UsageError: the model makes no pictures from latent vectors."""
    space = LatentSpace(model)
    y = latent_classes(model, 1)
    units = model.units
    return {
        "name": name,
        "model": model.sha256,
        "inputs": [Z, *([] if y is None else [Y]), TRUNCATION],
        "latent": list(space.G.latent),
        "classes": list(model.spec.classes) if y is not None else [],
        "low": float(units.low),
        "high": float(units.high),
        "directions": slider_directions(space),
    }


def slider_directions(space: LatentSpace) -> list[list[float]]:
    """Directions of z for the sliders: those in which samples change most, a standard deviation long; else axes."""
    size = int(space.G.latent[0])
    number = min(DIRECTIONS, size)
    if not has_styles(space.G):
        for method in METHODS.values():
            try:
                vectors, deviations = method(space, number, None)
            except UsageError:  # no layer reads the whole latent
                continue
            return [
                [round(float(each), 5) for each in vector * deviation]
                for vector, deviation in zip(vectors, deviations, strict=True)
            ]
    return [[1.0 if place == axis else 0.0 for place in range(size)] for axis in range(number)]
