"""The one loop and everything that stands around it."""

from .autotune import Measured, cores, measure, rehearse
from .best_checkpoints import Best
from .callbacks import RecoveryLogger, Reports, Saves, Scores, Snapshots, record
from .distributed import ProcessGroup, loopback_store
from .inference import (
    BUCKET,
    batches_of,
    class_labels,
    class_protocol,
    data_batches,
    drawn_latents,
    noise_batches,
    output_batches,
    outputs,
)
from .interrupts import listening, pass_on
from .rank_sync import RankSync, check_same_weights
from .read_checkpoint import read_checkpoint
from .recovery import NonFinite, lacks_memory
from .scoring import Scorer, first
from .state import tensors
from .tensor_files import read_tensors, stored
from .trainer import Callback, Save, Trainer

__all__ = [
    "BUCKET",
    "Best",
    "Callback",
    "Measured",
    "NonFinite",
    "ProcessGroup",
    "RankSync",
    "RecoveryLogger",
    "Reports",
    "Save",
    "Saves",
    "Scorer",
    "Scores",
    "Snapshots",
    "Trainer",
    "batches_of",
    "check_same_weights",
    "class_labels",
    "class_protocol",
    "cores",
    "data_batches",
    "drawn_latents",
    "first",
    "lacks_memory",
    "listening",
    "loopback_store",
    "measure",
    "noise_batches",
    "output_batches",
    "outputs",
    "pass_on",
    "read_checkpoint",
    "read_tensors",
    "record",
    "rehearse",
    "stored",
    "tensors",
]
