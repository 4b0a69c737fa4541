"""state.json of a checkpoint, read with types and limits. Nothing here imports torch."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, MaxLen
from pydantic import TypeAdapter, ValidationError

from ..base.errors import CheckFailed
from ..base.files import read_regular
from ..base.trees import is_count

STATE = "state.json"
MAX_STATE_BYTES = 1 << 22
MAX_X_NUMBERS = 1 << 30  # numbers in one x

Whole = Annotated[int, Ge(0), Le(1 << 53)]
Positive = Annotated[int, Gt(0), Le(1 << 20)]
Shape = Annotated[tuple[Whole, ...], MaxLen(8)]
Dtype = Literal["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]


@dataclass(frozen=True)
class BestScore:
    """The best value of a score so far, and the number of samples seen at that time."""

    name: str
    value: float
    samples: Whole


@dataclass(frozen=True)
class AppliedRemedy:
    """A return to an earlier checkpoint, with changes of the recipe from there on.

    Args:
        finding: the fault that was the reason.
        message: a sentence with the evidence.
        samples: the checkpoint that the run went back to; 0 for the start.
        found_at: samples seen at the finding.
        overrides: of the recipe, as arguments of `ganvas train`.
    """

    finding: str
    message: str
    samples: Whole
    found_at: Whole
    overrides: str

    def __post_init__(self) -> None:
        if self.found_at < self.samples:
            raise ValueError(f"a remedy went from {self.found_at} samples back to {self.samples}")


@dataclass(frozen=True)
class StoredSpec:
    """Shape, range and classes of one x: the fields of `base.types.Spec`."""

    domain: str
    shape: Shape
    bounded: bool
    classes: tuple[str, ...]
    given: dict[str, tuple[Shape, Dtype]]  # shape and dtype by name
    units: str
    dtype: Dtype
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        for shape in (self.shape, *(shape for shape, _ in self.given.values())):
            if math.prod(shape) > MAX_X_NUMBERS:
                raise ValueError(f"one x of shape {list(shape)} is too large")
        if 0 in self.shape or not self.shape:
            raise ValueError(f"no x has the shape {list(self.shape)}")


@dataclass(frozen=True)
class CheckpointState:
    """state.json of a checkpoint: the trainer's counters, and what the run was made from. Every field is required."""

    samples_seen: Whole
    position: Whole  # in the main stream, samples
    attempt: Whole  # rollbacks so far
    rollback_level: Whole
    rollback_from: Whole  # samples
    lr_scale: Annotated[float, Gt(0), Le(1)]
    turns: dict[str, Whole]  # how often each turn was played
    micro_batches: Positive  # of a batch, over all processes
    processes: Positive
    spec: StoredSpec
    data: str  # fingerprint
    best: tuple[BestScore, ...]
    scheduled: Whole  # samples at the newest scheduled checkpoint
    pinned: Whole | None  # samples at the checkpoint that a rollback went to
    sound: Whole | None  # samples at the newest scheduled checkpoint of which the doctor found that G had not collapsed
    remedies: Annotated[tuple[AppliedRemedy, ...], MaxLen(100)]
    recipe: dict[str, Any]
    torch: str | None
    device: str | None
    instructions: str | None

    def __post_init__(self) -> None:
        samples, phases = self.recipe.get("samples"), self.recipe.get("phases", [])
        lengths = (
            [phase.get("samples") if isinstance(phase, dict) else None for phase in phases]
            if isinstance(phases, list)
            else [None]
        )
        if not all(is_count(length) for length in (samples, *lengths)):
            raise ValueError("its recipe, or a phase of it, has no number of samples")


READER = TypeAdapter(CheckpointState)


def read_state(path: Path) -> CheckpointState:
    """Read state.json of a verified checkpoint.

    Args:
        path: the checkpoint's folder.

    Raises:
        CheckFailed: a value is missing, of another type, or belongs to another checkpoint.
    """
    try:
        state = READER.validate_json(read_regular(path / STATE, MAX_STATE_BYTES, inside=path), strict=True)
    except (OSError, ValueError, RecursionError) as error:
        raise damaged_checkpoint(path, f"{STATE}: {error_reason(error)}") from error
    if path.name != f"samples-{state.samples_seen:012d}":
        raise damaged_checkpoint(path, f"{STATE} is of {state.samples_seen:,} samples")
    return state


def damaged_checkpoint(path: Path, what: str, hint: str = "") -> CheckFailed:
    """The error for a checkpoint whose content differs from what ganvas writes.

    Args:
        path: the checkpoint's folder.
        what: which file, and what is wrong with it.
        hint: how to fix it.
    """
    return CheckFailed(f"{path.name} is damaged: {what}", where=str(path), hint=hint)


def error_reason(error: Exception) -> str:
    """At most 200 characters on why reading failed; of a ValidationError, its first fault and field."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the whole file'}: {first['msg']}"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]
