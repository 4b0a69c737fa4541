"""Samples edited in the latent space of a run: on the way between two, truncated, and along directions."""

from typing import TYPE_CHECKING

from .base.lazy import lazy_face

if TYPE_CHECKING:
    from .applications.edit import Edited, directions, interpolate, truncation
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Edited",
    "directions",
    "interpolate",
    "truncation",
]
