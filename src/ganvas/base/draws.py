"""Randomness that is derived, not saved: every number is a pure function of its key and its row.

A key is (seed, attempt, stream, ...) through SHA-256 into Philox, a counter-based generator (Salmon et al. 2011,
"Parallel random numbers: as easy as 1, 2, 3"). Row i always starts at counter i * blocks, so that how many rows are
drawn, and by how many processes, never changes row i.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

BELOW_ONE = 1 - 2.0**-24  # the largest float32 below 1; larger numbers would be rounded to 1


def derive(*key: object) -> int:
    """A 128-bit integer from any printable key. SHA-256, so that it is the same in every process and on every day."""
    digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:16], "little")


def uniform_rows(key: tuple[object, ...], rows: range, size: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Uniforms in [0, 1): [len(rows), size], float64. `rows` is a contiguous range of row numbers.

    Args:
        key: what the numbers are a function of, such as (seed, "source", split).
        rows: a contiguous range of row numbers; a row does not depend on the others.
        size: numbers in a row.

    Returns:
        float64 [len(rows), size], in [0, 1).
    """
    blocks = -(-size // 4)  # one Philox counter gives four 64-bit words
    generator = np.random.Generator(np.random.Philox(key=derive(*key), counter=rows.start * blocks))
    return generator.random((len(rows), blocks * 4))[:, :size]


def normal_rows(key: tuple[object, ...], rows: range, size: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Standard normals [len(rows), size], float64, by Box and Muller (1958); each row takes as many uniforms.

    Args:
        key: what the numbers are a function of, such as (seed, "source", split).
        rows: a contiguous range of row numbers; a row does not depend on the others.
        size: numbers in a row.

    Returns:
        float64 [len(rows), size].
    """
    pairs = -(-size // 2)
    u = uniform_rows(key, rows, 2 * pairs)
    radius, angle = np.sqrt(-2 * np.log1p(-u[:, :pairs])), 2 * np.pi * u[:, pairs:]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)[:, :size]


def permutation(key: tuple[object, ...], n: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """A random permutation of 0..n-1: [n], int64."""
    return np.random.Generator(np.random.Philox(key=derive(*key))).permutation(n)


def seed_torch(device: torch.device, *key: object) -> None:
    """Seed torch's global generators from a key, for modules that draw random numbers themselves, such as dropout.

    Args:
        device: on the CPU only its generator is seeded; else those of the GPUs too.
        key: any printable values.
    """
    seed = derive(*key) >> 64
    if device.type == "cpu":
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would also start a GPU that is not in use
    else:
        torch.manual_seed(seed)


def generator(*key: object) -> torch.Generator:
    """A generator of torch on the CPU, seeded from a key: the same numbers in every process."""
    return torch.Generator().manual_seed(derive(*key) >> 64)


@contextmanager
def torch_seeded(device: torch.device, *key: object) -> Iterator[None]:
    """Within the context torch's global generators are seeded from a key; on leaving, their states are restored."""
    with preserved_rng(device):
        seed_torch(device, *key)
        yield


@contextmanager
def preserved_rng(device: torch.device) -> Iterator[None]:
    """On leaving, the states of torch's global generators, of the CPU and of all GPUs in use, are restored."""
    if device.type == "cuda":
        torch.cuda.init()  # so that its generators have a state
    gpus = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices=gpus):
        yield


class Draws:
    """The random numbers of one turn, for the rows of the global batch that a micro-batch holds.

    Args:
        key: any printable values; the same key and row give the same numbers on every device and in every process.
        rows: a contiguous range of rows of the global batch.
        device: where the tensors are put.
    """

    def __init__(self, *key: object, rows: range, device: torch.device | str = "cpu") -> None:
        self.key, self.rows, self.device = key, rows, device

    def normal(self, stream: str, *shape: int) -> Tensor:
        """Standard normals [rows, *shape], float32; streams of different names are independent."""
        return self._tensor(normal_rows((*self.key, stream), self.rows, int(np.prod(shape))), shape)

    def uniform(self, stream: str, *shape: int) -> Tensor:
        """Uniforms in [0, 1): [rows, *shape], float32; streams of different names are independent."""
        return self._tensor(
            np.minimum(uniform_rows((*self.key, stream), self.rows, int(np.prod(shape))), BELOW_ONE), shape
        )

    def _tensor(self, values: np.ndarray[Any, np.dtype[np.float64]], shape: tuple[int, ...]) -> Tensor:
        return torch.from_numpy(values.astype(np.float32)).view(len(self.rows), *shape).to(self.device)
