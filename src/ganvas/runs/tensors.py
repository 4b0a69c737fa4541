"""The header of a safetensors file, read with limits before any tensor is read. Nothing here imports torch."""

import json
import math
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from ..base.files import open_regular
from .checkpoint_state import Whole, damaged_checkpoint, error_reason

LARGEST = 1 << 23  # bytes of a header
MAX_NAMED = 3  # differences named in an error
BYTES = {
    "F64": 8,
    "I64": 8,
    "U64": 8,
    "C64": 8,
    "F32": 4,
    "I32": 4,
    "U32": 4,
    "F16": 2,
    "BF16": 2,
    "I16": 2,
    "U16": 2,
    "I8": 1,
    "U8": 1,
    "BOOL": 1,
}


@dataclass(frozen=True)
class TensorInfo:
    """Dtype (a key of BYTES) and shape of one tensor in a file."""

    dtype: str
    shape: tuple[Whole, ...]


@dataclass(frozen=True)
class TensorEntry(TensorInfo):
    """Dtype, shape and byte offsets after the header."""

    data_offsets: tuple[Whole, Whole]


READER = TypeAdapter(dict[str, TensorEntry])


def read_header(path: Path) -> Mapping[str, TensorInfo]:
    """The tensors that a safetensors file holds.

    Args:
        path: the file.

    Returns:
        Dtype and shape by name.

    Raises:
        CheckFailed: the header is damaged or too large, or a byte of the file belongs to no tensor or to two.
    """
    try:
        with open_regular(path, inside=path.parent) as file:
            size = os.fstat(file.fileno()).st_size
            (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\xff"))
            if length > min(LARGEST, size - 8):
                raise ValueError(f"a header of {length:,} bytes")
            tree = json.loads(file.read(length))
        if not isinstance(tree, dict):
            raise ValueError("a header that is no object")
        tree.pop("__metadata__", None)
        found = READER.validate_json(json.dumps(tree), strict=True)
    except (OSError, ValueError, RecursionError) as error:
        raise damaged_checkpoint(path.parent, f"{path.name}: {error_reason(error)}") from error
    end = 0
    for name, entry in sorted(found.items(), key=lambda item: item[1].data_offsets):
        begin, after = entry.data_offsets
        if begin != end or after - begin != math.prod(entry.shape) * BYTES.get(entry.dtype, 0):
            raise damaged_checkpoint(path.parent, f"{path.name}: {name} does not fit into its place")
        end = after
    if end != size - 8 - length:
        raise damaged_checkpoint(path.parent, f"{path.name} is {size:,} bytes long")
    return {name: TensorInfo(entry.dtype, entry.shape) for name, entry in found.items()}


def check_header(path: Path, found: Mapping[str, TensorInfo], expected: Mapping[str, TensorInfo]) -> None:
    """Raises CheckFailed unless a file's header `found` names exactly the `expected` tensors."""
    names = [name for name in sorted(expected.keys() | found.keys()) if expected.get(name) != found.get(name)]
    if names:
        more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
        differences = ", ".join(
            f"{name} is {tensor_text(found.get(name))}, not {tensor_text(expected.get(name))}"
            for name in names[:MAX_NAMED]
        )
        raise damaged_checkpoint(
            path.parent,
            f"{path.name} does not fit the recipe: {differences}{more}",
            hint="Was config.yaml changed since?",
        )


def tensor_text(stored: TensorInfo | None) -> str:
    """Dtype and shape of a tensor as text."""
    return "missing" if stored is None else f"{stored.dtype} {list(stored.shape)}"
