"""Numbers that change over training, as functions of the samples shown to D."""

from typing import TYPE_CHECKING

from .base.lazy import lazy_face

if TYPE_CHECKING:
    from .base.schedule import Cosine, Exponential, Linear, Logistic, Number, Ramp, Schedule
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Cosine",
    "Exponential",
    "Linear",
    "Logistic",
    "Number",
    "Ramp",
    "Schedule",
]
