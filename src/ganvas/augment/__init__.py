"""Transforms of the data and views of the discriminator, made on the fly."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from ..base.types import Transform
    from ..penalties.contract import View
    from .differentiable import Colour, Cutout, Translate
    from .flip import Flip
    from .ground import RandomGround
    from .hole import Hole
    from .noise import InstanceNoise
    from .shift import Shift
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Colour",
    "Cutout",
    "Flip",
    "Hole",
    "InstanceNoise",
    "RandomGround",
    "Shift",
    "Transform",
    "Translate",
    "View",
]
