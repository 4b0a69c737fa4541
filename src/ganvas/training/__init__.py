"""The one loop and everything that stands around it."""

from .best import Best
from .doctor import Doctor, rarely
from .examiner import Examiner
from .files import read_tensors, stored
from .healing import Broken, lacks_memory
from .observers import Mends, Reports, Saves, Scores, Snapshots, record
from .probe import Measured, cores, measure, rehearse
from .reading import read_checkpoint
from .sampling import BUCKET, asked, buckets, dealt, outputs, shown
from .scoring import Scorer, first
from .signals import listening, pass_on
from .state import tensors
from .together import Together, compare
from .trainer import Observer, Save, Trainer
from .world import World, loopback_store

__all__ = [
    "BUCKET",
    "Best",
    "Broken",
    "Doctor",
    "Examiner",
    "Measured",
    "Mends",
    "Observer",
    "Reports",
    "Save",
    "Saves",
    "Scorer",
    "Scores",
    "Snapshots",
    "Together",
    "Trainer",
    "World",
    "asked",
    "buckets",
    "compare",
    "cores",
    "dealt",
    "first",
    "lacks_memory",
    "listening",
    "loopback_store",
    "measure",
    "outputs",
    "pass_on",
    "rarely",
    "read_checkpoint",
    "read_tensors",
    "record",
    "rehearse",
    "shown",
    "stored",
    "tensors",
]
