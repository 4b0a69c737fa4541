"""Transforms of the data and views of the discriminator, made on the fly."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from ..base.types import Transform
    from ..ops.mel import Mel
    from ..penalties.views import View
    from .bands import BandGains
    from .blit import Blit
    from .colour_map import ColourMap
    from .degrade import Degrade
    from .differentiable import Colour, Cutout, Translate
    from .downscale import Downscale
    from .edges import Edges
    from .flip import Flip
    from .grey import Grey
    from .ground import RandomGround
    from .hole import Hole
    from .mel_segments import MelSegments
    from .noise import InstanceNoise
    from .shift import Shift
    from .strokes import Strokes
    from .varied_noise import VariedNoise
    from .varied_voice import VariedVoice
    from .warp import Warp
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "BandGains",
    "Blit",
    "Colour",
    "ColourMap",
    "Cutout",
    "Degrade",
    "Downscale",
    "Edges",
    "Flip",
    "Grey",
    "Hole",
    "InstanceNoise",
    "Mel",
    "MelSegments",
    "RandomGround",
    "Shift",
    "Strokes",
    "Transform",
    "Translate",
    "VariedNoise",
    "VariedVoice",
    "View",
    "Warp",
]
