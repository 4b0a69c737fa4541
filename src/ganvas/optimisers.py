"""Optimisers of the players, and the average of their weights."""

from typing import TYPE_CHECKING

from .base.lazy import lazy_face

if TYPE_CHECKING:
    from .base.updates import Averaging, GradientRule, Optimiser
    from .training.clipping import PerSampleClip
    from .training.ema import Ema
    from .training.optimisers import Adam, RMSprop, Sgd
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Adam",
    "Averaging",
    "Ema",
    "GradientRule",
    "Optimiser",
    "PerSampleClip",
    "RMSprop",
    "Sgd",
]
