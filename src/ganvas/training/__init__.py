"""The one loop and everything that stands around it."""

from .doctor import Doctor, rarely
from .examiner import Examiner
from .observers import Interrupts, Reports, Saves, Scores, Snapshots, record
from .probe import Measured, measure, rehearse
from .sampling import BUCKET, asked, buckets, outputs, shown
from .scoring import Scorer, first
from .signals import listening
from .trainer import Observer, Trainer
from .world import World

__all__ = [
    "BUCKET",
    "Doctor",
    "Examiner",
    "Interrupts",
    "Measured",
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
    "rarely",
    "record",
    "rehearse",
    "shown",
]
