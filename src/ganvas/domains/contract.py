"""All that is particular to a kind of data."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from PIL import Image
from torch import Tensor

from ..base.types import Spec
from ..data.source import Items


@runtime_checkable
class Domain(Protocol):
    """The contract of a domain: a frozen dataclass; `fit` returns it with the numbers of the training split."""

    @property
    def sheet(self) -> int:
        """How many samples make a picture."""
        ...

    def fit(self, items: Items) -> "Domain": ...
    def spec(self, items: Items) -> Spec: ...
    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        """Items to the numbers that are stored."""
        ...

    def to_tensor(self, stored: Tensor) -> Tensor:
        """Stored numbers to x, as networks see it."""
        ...

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """x back to what the source had: uint8 [N, H, W, C], float [N, F]."""
        ...

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """One picture to look at."""
        ...
