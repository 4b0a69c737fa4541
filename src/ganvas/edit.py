"""The latent space of a run: walks, truncation, directions, inversion of pictures, style mixing, units switched off."""

from typing import TYPE_CHECKING

from .base.lazy import lazy_face

if TYPE_CHECKING:
    from .applications.attribute import Moved, attribute
    from .applications.dissect import Dissection, ablate, dissect
    from .applications.edit import Edited, directions, interpolate, truncation
    from .applications.invert import Inverted, invert
    from .applications.nearest_samples import nearest
    from .applications.style_mixing import mix
    from .applications.train_encoder import train_encoder
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Dissection",
    "Edited",
    "Inverted",
    "Moved",
    "ablate",
    "attribute",
    "directions",
    "dissect",
    "interpolate",
    "invert",
    "mix",
    "nearest",
    "train_encoder",
    "truncation",
]
