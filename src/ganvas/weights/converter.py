"""A process that converts one published .pth file to safetensors: `python -m ganvas.weights.converter FILE OUT SHA256`.

The only place that reads files of torch.save: tensors only, after the hash, in a process with little memory and time.
It prints JSON: the number of tensors, or an error for people.
"""

import hashlib
import json
import re
import signal
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from ..metrics.known_weights import SOURCE, TENSORS, tensors_sha256

ROOM = 2**29  # bytes of address space above what the process has and four times the file
SECONDS = 120
LARGE = "it needs too much memory"


class Refused(Exception):
    """The file is not converted; the text is for people."""


def limit_process(size: int) -> None:
    """Limits memory, time and core files of this process, where the system can."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    getattr(signal, "alarm", lambda seconds: 0)(SECONDS)
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = pages * resource.getpagesize() + 4 * size + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def state_dict_of(data: bytes) -> dict[str, torch.Tensor]:
    """The tensors by name of what torch.save wrote, if it is a state dict and nothing else. Raises Refused."""
    try:
        found: Any = torch.load(BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # a hostile file may raise anything
        requested = re.search(r"GLOBAL ([\w.]{1,80})", str(error))
        if requested:
            raise Refused(f"it refers to {requested[1]}, which is no tensor; nothing of it was run") from error
        raise Refused(LARGE if out_of_memory(error) else "it is damaged, or was not written by torch.save") from error
    if not isinstance(found, Mapping) or not found:
        raise Refused("it holds no named tensors")
    for name, value in found.items():
        if (
            not isinstance(name, str)
            or not isinstance(value, torch.Tensor)
            or value.layout is not torch.strided
            or value.is_quantized
        ):
            raise Refused(
                f"{str(name)[:80]!r} is no plain tensor; a file of named tensors, a state dict, can be converted"
            )
    return {name: value.detach().clone(memory_format=torch.contiguous_format) for name, value in found.items()}


def convert_file(path: Path, out: Path, sha256: str) -> dict[str, object]:
    """The answer for one file, as it is printed."""
    data = path.read_bytes()
    limit_process(len(data))
    if hashlib.sha256(data).hexdigest() != sha256:
        return {"error": "it was changed while it was read"}
    try:
        state = state_dict_of(data)
        digest = tensors_sha256(state)
        save_file(state, out, {SOURCE: sha256, TENSORS: digest})
    except Refused as error:
        return {"error": str(error)}
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        return {"error": LARGE}
    except (SafetensorError, OSError) as error:
        return {"unwritable": str(error)}
    return {"tensors": len(state), "sha256": digest}


def out_of_memory(error: Exception) -> bool:
    """Whether an error means that memory was short."""
    return isinstance(error, MemoryError) or "allocate" in str(error)


if __name__ == "__main__":
    print(json.dumps(convert_file(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
