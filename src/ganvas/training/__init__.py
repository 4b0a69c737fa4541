"""The one loop and everything that stands around it."""

from .autotune import Measured, cores, measure, rehearse
from .best_checkpoints import Best
from .callbacks import Mends, Reports, Saves, Scores, Snapshots, record
from .distributed import World, loopback_store
from .inference import BUCKET, asked, buckets, class_labels, class_protocol, dealt, outputs, shown
from .interrupts import listening, pass_on
from .rank_sync import Together, compare
from .read_checkpoint import read_checkpoint
from .recovery import Broken, lacks_memory
from .scoring import Scorer, first
from .state import tensors
from .tensor_files import read_tensors, stored
from .trainer import Observer, Save, Trainer

__all__ = [
    "BUCKET",
    "Best",
    "Broken",
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
    "class_labels",
    "class_protocol",
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
    "read_checkpoint",
    "read_tensors",
    "record",
    "rehearse",
    "shown",
    "stored",
    "tensors",
]
