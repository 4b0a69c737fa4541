"""Where data lie: a source yields items with id, group and split."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ..ingest.splits import SPLITS as SPLITS
from ..ingest.splits import Split as Split
from ..ingest.units import BYTES as BYTES
from ..ingest.units import Depth as Depth
from ..ingest.units import Units as Units
from ..ingest.units import head_of as head_of


@dataclass(frozen=True)
class Items:
    """x [N, ...]: [N, H, W, C] for pictures, float [N, F] for points; y [N] class numbers; one id and one group an item.

    Pictures are uint8, or values in other `units`, stored as uint16, int16 or float32.
    """

    x: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any] | None = None
    classes: tuple[str, ...] = ()
    id: np.ndarray[Any, Any] = field(default_factory=lambda: np.empty(0, np.int64))
    group: np.ndarray[Any, Any] | None = None  # items of one group never stand in two splits
    sha256: str = ""  # the fingerprint, where it is known already
    units: Units = BYTES  # of pictures
    columns: tuple[
        str, ...
    ] = ()  # of x [N, F] whose columns are quantities of their own: their names, empty texts where they have none

    def __post_init__(self) -> None:
        if not len(self.id):
            object.__setattr__(self, "id", np.arange(len(self.x)))

    def __len__(self) -> int:
        return len(self.x)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the numbers and labels: which data a model has seen."""
        if self.sha256:
            return self.sha256
        digest = hashlib.sha256(head_of(self.x.shape, self.x.dtype, self.classes, self.units.words))
        digest.update(np.ascontiguousarray(self.x).data)
        digest.update(b"" if self.y is None else np.ascontiguousarray(self.y, dtype=np.int64).data)
        return digest.hexdigest()


@runtime_checkable
class Source(Protocol):
    """A frozen dataclass that says where the data are; every source has train, val and test."""

    def items(self, split: Split) -> Items: ...
