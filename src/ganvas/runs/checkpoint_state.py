"""state.json of a checkpoint, read with types and limits. Nothing here needs torch."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, MaxLen
from pydantic import TypeAdapter, ValidationError

from ..base.errors import CheckFailed
from ..base.files import read_regular
from ..base.trees import is_count

STATE = "state.json"
LARGEST = 1 << 22  # bytes
LARGEST_X = 1 << 30  # numbers in one x

Whole = Annotated[int, Ge(0), Le(1 << 53)]
Positive = Annotated[int, Gt(0), Le(1 << 20)]
Shape = Annotated[tuple[Whole, ...], MaxLen(8)]
Dtype = Literal["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]


@dataclass(frozen=True)
class BestScore:
    """The best value of a score so far, and at how many samples it was reached."""

    name: str
    value: float
    samples: Whole


@dataclass(frozen=True)
class StoredSpec:
    """What one x looks like; the fields of `Spec`."""

    domain: str
    shape: Shape
    bounded: bool
    classes: tuple[str, ...]
    given: dict[str, tuple[Shape, Dtype]]
    units: str = ""
    dtype: Dtype = "float32"
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for shape in (self.shape, *(shape for shape, _ in self.given.values())):
            if math.prod(shape) > LARGEST_X:
                raise ValueError(f"one x of shape {list(shape)} is too large")
        if 0 in self.shape or not self.shape:
            raise ValueError(f"no x has the shape {list(self.shape)}")


@dataclass(frozen=True)
class CheckpointState:
    """state.json of a checkpoint. Fields with a default are missing from checkpoints of an older ganvas, which have no recipe."""

    samples_seen: Whole  # samples
    position: Whole  # in the main stream, samples
    attempt: Whole  # rollbacks so far
    turns: dict[str, Whole]  # how often each turn was played
    parts: Positive  # micro-batches of all processes together
    spec: StoredSpec
    data: str  # fingerprint
    rollback_level: Whole = 0
    rollback_from: Whole = 0
    lr_scale: Annotated[float, Gt(0), Le(1)] = 1.0
    processes: Positive = 1
    best: tuple[BestScore, ...] = ()
    scheduled: Whole = 0  # where the newest scheduled checkpoint stands, in samples
    pinned: Whole | None = None  # where the checkpoint stands that a rollback went to
    recipe: dict[str, Any] | None = None
    torch: str | None = None
    device: str | None = None
    instructions: str | None = None

    def __post_init__(self) -> None:
        if self.recipe is not None:
            samples, phases = self.recipe.get("samples"), self.recipe.get("phases", [])
            lengths = (
                [phase.get("samples") if isinstance(phase, dict) else None for phase in phases]
                if isinstance(phases, list)
                else [None]
            )
            if not all(is_count(length) for length in (samples, *lengths)):
                raise ValueError("its recipe, or a phase of it, has no number of samples")


READER = TypeAdapter(CheckpointState)
FIELDS = frozenset(CheckpointState.__dataclass_fields__)


def read_state(path: Path) -> CheckpointState:
    """state.json of a verified checkpoint. Raises CheckFailed where a value is missing, of another type, or not of this checkpoint."""
    try:
        text = read_regular(path / STATE, LARGEST, inside=path)
        state = READER.validate_json(text, strict=True)
        missing = FIELDS - json.loads(text).keys() if state.recipe is not None else frozenset()
    except (OSError, ValueError, RecursionError) as error:
        raise damaged_checkpoint(path, f"{STATE}: {error_reason(error)}") from error
    if missing:
        raise damaged_checkpoint(path, f"{STATE} lacks {', '.join(sorted(missing))}")
    if path.name != f"samples-{state.samples_seen:012d}":
        raise damaged_checkpoint(path, f"{STATE} is of {state.samples_seen:,} samples")
    return state


def damaged_checkpoint(path: Path, what: str, hint: str = "") -> CheckFailed:
    """The error for a checkpoint whose content is not what ganvas writes."""
    return CheckFailed(f"{path.name} is damaged: {what}", where=str(path), hint=hint)


def error_reason(error: Exception) -> str:
    """One line of an error; of pydantic's the first fault and its place."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'all of it'}: {first['msg']}"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]
