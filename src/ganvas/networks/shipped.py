"""The files of weights that come with ganvas."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from safetensors.torch import load
from torch import Tensor


@lru_cache(maxsize=2)
def shipped_weights(file: str) -> tuple[Mapping[str, Tensor], str]:
    """The weights by name, as they are stored, and the SHA-256 of their file.

    Args:
        file: name of a .safetensors file in this folder.
    """
    data = (resources.files("ganvas.networks") / file).read_bytes()
    return load(data), hashlib.sha256(data).hexdigest()
