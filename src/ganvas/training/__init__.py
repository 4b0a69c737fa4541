"""The one loop and everything that stands around it."""

from .best import Best
from .healing import Broken
from .observers import Interrupts, Mends, Reports, Saves, Scores, Snapshots, record
from .probe import Measured, measure, rehearse
from .sampling import BUCKET, asked, buckets, outputs, shown
from .scoring import Scorer, first
from .signals import listening
from .trainer import Observer, Trainer
from .world import World

__all__ = [
    "BUCKET",
    "Best",
    "Broken",
    "Interrupts",
    "Measured",
    "Mends",
    "Observer",
    "Reports",
    "Saves",
    "Scorer",
    "Scores",
    "Snapshots",
    "Trainer",
    "World",
    "asked",
    "buckets",
    "first",
    "listening",
    "measure",
    "outputs",
    "record",
    "rehearse",
    "shown",
]
