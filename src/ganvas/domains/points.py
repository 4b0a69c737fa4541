"""Rows of numbers: float [N, F] outside, the same shifted and scaled inside."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Spec
from ..data.source import Items

SIDE = 384  # pixels of a rendered picture
REACH = 2.5  # standard deviations from the middle to its edge


@dataclass(frozen=True)
class Points:
    """x = (v - mean) / scale, one mean a column and one scale for all, both of the training split.

    Args:
        mean: one number a column; empty before `fit`.
        scale: one number for all columns.
    """

    sheet: ClassVar[int] = 2500
    mean: tuple[float, ...] = ()
    scale: float = 1.0

    def fit(self, items: Items) -> "Points":
        if items.x.ndim != 2 or not np.issubdtype(items.x.dtype, np.floating):
            raise DataError(f"points are floats [N, F]; these data are {items.x.dtype} {list(items.x.shape)}")
        if self.mean:  # fitted already, and stored with the run
            if len(self.mean) != items.x.shape[1]:
                raise DataError(f"the recipe knows {len(self.mean)} columns, the data have {items.x.shape[1]}")
            return self
        mean = items.x.mean(axis=0, dtype=np.float64)
        scale = float(np.sqrt(np.square(items.x - mean).mean()))
        return replace(self, mean=tuple(float(value) for value in mean), scale=scale or 1.0)

    def spec(self, items: Items) -> Spec:
        return Spec(domain="points", shape=(len(self.mean),), bounded=False, classes=items.classes)

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        return ((items.x - np.array(self.mean)) / self.scale).astype(np.float32)

    def to_tensor(self, stored: Tensor) -> Tensor:
        return stored

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        return x.detach().double().cpu().numpy() * self.scale + np.array(self.mean)

    def decode_tensor(self, x: Tensor) -> Tensor:
        """`decode` as a tensor, float64 [N, F]."""
        return x.double() * self.scale + torch.tensor(self.mean, dtype=torch.float64)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """A scatter plot of the first two columns, density as darkness."""
        return scatter(x)


def scatter(x: Tensor) -> Image.Image:
    """The first two columns of x [N, F], within REACH of 0, as a picture of SIDE x SIDE pixels; density as darkness."""
    x = x.detach().float().cpu()
    plane = torch.stack([x[:, 0], x[:, min(1, x.shape[1] - 1)]], dim=1)
    place = ((plane / REACH + 1) / 2 * SIDE).long()
    inside = ((place >= 0) & (place < SIDE)).all(dim=1)
    canvas = torch.zeros(SIDE, SIDE)
    canvas.index_put_((SIDE - 1 - place[inside, 1], place[inside, 0]), torch.tensor(1.0), accumulate=True)
    dots = torch.nn.functional.max_pool2d(canvas[None, None], 3, 1, 1)[0, 0]
    return Image.fromarray(
        (255 - 200 * dots.clamp(0, 1) - 55 * (dots / dots.max().clamp(min=1))).to(torch.uint8).numpy()
    )
