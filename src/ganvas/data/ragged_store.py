"""A store of recordings of different lengths: a row is followed by silence."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .stream import GivenRows, Index, Sampler


class RaggedStore:
    """Recordings int16 [L_i], in memory or mapped; rows are [B, length], with zeros behind shorter ones.

    given["length"] has the numbers of each recording, at most `length`.

    Args:
        recordings: N arrays.
        y: class numbers [N], or None.
        length: of a row; what goes beyond is cut off.
    """

    def __init__(self, recordings: np.ndarray[Any, Any], y: np.ndarray[Any, Any] | None, length: int) -> None:
        self.recordings, self.length, self.ahead = recordings, length, 0
        self.y = None if y is None else torch.from_numpy(np.asarray(y, np.int64))
        lengths = torch.tensor([min(len(each), length) for each in recordings], dtype=torch.int64)
        self.given: Mapping[str, GivenRows] = {"length": GivenRows(lengths)}

    def order(self, *, seed: int, name: str) -> Sampler:
        """All recordings shuffled."""
        return Sampler(len(self), seed=seed, name=name)

    def expect(self, index: Index) -> None:
        """Nothing to do: all recordings are in memory or mapped."""

    def rows(self, index: Tensor) -> Tensor:
        """These recordings: int16 [B, length]."""
        made = torch.zeros(len(index), self.length, dtype=torch.int16)
        for row, number in zip(made, index.tolist(), strict=True):
            values = np.array(self.recordings[number][: self.length], np.int16)
            row[: len(values)] = torch.from_numpy(values)
        return made

    def __len__(self) -> int:
        return len(self.recordings)
