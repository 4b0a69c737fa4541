"""Optimisers of the players, and the average of their weights."""

from typing import TYPE_CHECKING

from .base.lazy import lazy_face

if TYPE_CHECKING:
    from .base.types import Averaging, Optimiser
    from .training.ema import Ema
    from .training.optimisers import Adam, RMSprop
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Adam",
    "Averaging",
    "Ema",
    "Optimiser",
    "RMSprop",
]
