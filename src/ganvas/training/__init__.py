"""The training loop, and what it needs: players, checkpoints, callbacks, processes, inference."""

from .accumulation import MicroBatches
from .autotune import TunedSettings, cores, dry_round, tune
from .best_checkpoints import BestScores
from .callbacks import (
    NO_PROGRESS,
    CheckpointScheduler,
    EarlyStop,
    RecoveryLogger,
    ScoreLogger,
    SnapshotWriter,
    crossed,
    record_scores,
)
from .distributed import ProcessGroup, loopback_store
from .inference import (
    BUCKET,
    assessments,
    batches_of,
    class_labels,
    class_protocol,
    data_batches,
    drawn_latents,
    noise_batches,
    output_batches,
    outputs,
)
from .interrupts import catch_signals, raise_signal
from .optimisers import Adam
from .phases import LivePhase, players_at
from .player import LivePlayer
from .progress_log import ProgressLogger
from .rank_sync import RankSync, check_same_weights
from .read_checkpoint import read_checkpoint
from .recovery import NonFinite, lacks_memory
from .run_control import RunControl
from .scoring import Scorer, first_items
from .state import state_tensors
from .tensor_files import read_tensors, tensor_info
from .trainer import Callback, Request, Rewind, Save, Trainer

__all__ = [
    "BUCKET",
    "NO_PROGRESS",
    "Adam",
    "BestScores",
    "Callback",
    "CheckpointScheduler",
    "EarlyStop",
    "LivePhase",
    "LivePlayer",
    "MicroBatches",
    "NonFinite",
    "ProcessGroup",
    "ProgressLogger",
    "RankSync",
    "RecoveryLogger",
    "Request",
    "Rewind",
    "RunControl",
    "Save",
    "ScoreLogger",
    "Scorer",
    "SnapshotWriter",
    "Trainer",
    "TunedSettings",
    "assessments",
    "batches_of",
    "catch_signals",
    "check_same_weights",
    "class_labels",
    "class_protocol",
    "cores",
    "crossed",
    "data_batches",
    "drawn_latents",
    "dry_round",
    "first_items",
    "lacks_memory",
    "loopback_store",
    "noise_batches",
    "output_batches",
    "outputs",
    "players_at",
    "raise_signal",
    "read_checkpoint",
    "read_tensors",
    "record_scores",
    "state_tensors",
    "tensor_info",
    "tune",
]
