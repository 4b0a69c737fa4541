"""The contract of data sources: a source returns the items of a split, with id and group."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ..base.errors import DataError
from ..ingest.splits import SPLITS as SPLITS
from ..ingest.splits import Split as Split
from ..ingest.units import BYTES as BYTES
from ..ingest.units import Depth as Depth
from ..ingest.units import Units as Units
from ..ingest.units import head_of as head_of
from .table_column import TableColumn


@dataclass(frozen=True)
class Items:
    """N items of one split, as a source has them.

    Args:
        x: [N, ...]: [N, H, W, C] for images, float [N, F] for points, objects [N] for lines of text and for recordings
            (each int16 [L]). Images are uint8, or values in other `units`, stored as uint16, int16 or float32.
        y: class numbers [N], or None.
        classes: class names, in the order of their numbers.
        id: a number or a name for each item; counted from 0 where empty.
        group: items of one group are never in two splits.
        sha256: the fingerprint, where it is known already.
        units: the meaning of an image's values.
        columns: names of the columns of x [N, F], where they are quantities of their own; empty texts without names.
        table: all columns of a table, those too that are no part of x.
        given: further arrays [N, ...] of the same items, by name: the other half of a pair, a mask, a length. An array
            like x (same dtype, and same height and width, or same shape where x is no image) is encoded as x is;
            networks get the numbers of all others, as float32 or int64.
        rate: of recordings, numbers in a second; 0 for other data.
        affine: of volumes, 12 numbers from voxels to millimetres, see `ganvas.domains.Volumes`; empty: voxels of 1 mm.

    Raises:
        DataError: a given array has not as many rows as x.
    """

    x: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any] | None = None
    classes: tuple[str, ...] = ()
    id: np.ndarray[Any, Any] = field(default_factory=lambda: np.empty(0, np.int64))
    group: np.ndarray[Any, Any] | None = None
    sha256: str = ""
    units: Units = BYTES
    columns: tuple[str, ...] = ()
    table: tuple[TableColumn, ...] = ()
    given: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    rate: int = 0
    affine: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.id):
            object.__setattr__(self, "id", np.arange(len(self.x)))
        for name, values in self.given.items():
            if len(values) != len(self.x):
                raise DataError(f"the source gives {len(values)} of '{name}' for {len(self.x)} items")

    def __len__(self) -> int:
        return len(self.x)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the numbers and labels: it identifies the data that a model was trained on."""
        if self.sha256:
            return self.sha256
        digest = hashlib.sha256(head_of(self.x.shape, self.x.dtype, self.classes, self.units.text))
        digest.update(content(self.x))
        digest.update(b"" if self.y is None else np.ascontiguousarray(self.y, dtype=np.int64).data)
        if self.table:
            digest.update(repr(self.table).encode())
        if self.affine:
            digest.update(repr(self.affine).encode())
        for name in sorted(self.given):
            values = np.ascontiguousarray(self.given[name])
            digest.update(repr((name, values.shape, str(values.dtype))).encode())
            digest.update(content(values))
        return digest.hexdigest()

    def is_like_x(self, name: str) -> bool:
        """Whether this given array is encoded as x is."""
        values, x = self.given[name], self.x
        sizes = slice(1, 3) if x.ndim == 4 else slice(1, None)
        return values.dtype == x.dtype and values.ndim == x.ndim and values.shape[sizes] == x.shape[sizes]


def content(values: np.ndarray[Any, Any]) -> bytes | memoryview:
    """What a fingerprint is taken of: the numbers' bytes; of texts and recordings [N], each with its length."""
    if values.dtype == object:
        return b"".join(b"%d:%b" % (len(data), data) for data in map(bytes_of, values.ravel()))
    return np.ascontiguousarray(values).data


def bytes_of(item: object) -> bytes:
    """One text, or one recording."""
    return item.tobytes() if isinstance(item, np.ndarray) else str(item).encode()


def as_array(lines: list[str]) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """Texts as an array [N] of objects."""
    array = np.empty(len(lines), object)
    array[:] = lines
    return array


@runtime_checkable
class Source(Protocol):
    """A frozen dataclass that names the place of the data; every source has train, val and test."""

    def items(self, split: Split) -> Items:
        """The items of a split, the same at every call.

        Args:
            split: "train", "val" or "test".

        Returns:
            All of them; x may be mapped from a file.
        """
        ...
