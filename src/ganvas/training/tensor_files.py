"""Files of tensors (safetensors), read only where they hold what is expected."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ..runs.checkpoint_state import damaged_checkpoint
from ..runs.tensors import TensorInfo, check_header, read_header

DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
    torch.complex64: "C64",
}


def tensor_info(value: Tensor) -> TensorInfo:
    """The type and shape of a tensor, as a file's header has them."""
    return TensorInfo(DTYPES.get(value.dtype, str(value.dtype)), tuple(value.shape))


def read_tensors(
    file: Path, expected: Callable[[Mapping[str, TensorInfo]], Mapping[str, TensorInfo]], *, finite: bool = False
) -> dict[str, Tensor]:
    """The tensors of a file of a verified checkpoint.

    Args:
        file: in the checkpoint's folder.
        expected: from the names, types and shapes in the file's header to those that it must have; no tensor is read
            before they agree.
        finite: whether numbers must be finite.

    Returns:
        Tensors by name, on the CPU.

    Raises:
        CheckFailed: the file holds something else.
    """
    found = read_header(file)
    check_header(file, found, expected(found))
    try:
        loaded = load_file(file)
    except (OSError, SafetensorError) as error:
        raise damaged_checkpoint(file.parent, f"{file.name}: {error}") from error
    broken = [
        name
        for name, value in loaded.items()
        if finite and value.is_floating_point() and not torch.isfinite(value).all()
    ]
    if broken:
        raise damaged_checkpoint(file.parent, f"{file.name}: {broken[0]} is not finite")
    return loaded
