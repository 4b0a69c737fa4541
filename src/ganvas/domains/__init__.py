"""Kinds of data: how each is encoded for networks, decoded and drawn."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from .audio import Audio
    from .clips import Clips
    from .columns import Columns
    from .contract import Domain
    from .images import Images
    from .label_maps import LabelMaps
    from .mels import Mels
    from .poems import Poems
    from .points import Points
    from .series import Series
    from .tables import Tables
    from .text import Text
    from .text_pairs import TextPairs
    from .volumes import Volumes
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Audio",
    "Clips",
    "Columns",
    "Domain",
    "Images",
    "LabelMaps",
    "Mels",
    "Poems",
    "Points",
    "Series",
    "Tables",
    "Text",
    "TextPairs",
    "Volumes",
]
