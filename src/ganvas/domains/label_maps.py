"""Maps of classes: uint8 [N, H, W, 1] outside, a channel for each class inside."""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Spec
from ..data.source import Items
from ..ops.palette import coloured
from .contract import Domain
from .images import Images

MOST = 64  # classes of a map


@dataclass(frozen=True)
class LabelMaps:
    """x = 1 in the channel of a pixel's class and -1 in all others, [N, classes, h, w]; -1 in all where it is unknown.

    The given pictures of the same items are encoded by `pictures`.

    Args:
        values: the value of each class in the data's bytes, in rising order; empty: those of the training split.
        unknown: the value of pixels without a class; -1: there are none.
        pictures: the domain of the given pictures.
    """

    sheet: ClassVar[int] = 100
    values: tuple[int, ...] = ()
    unknown: int = 255
    pictures: Images = field(default_factory=Images)

    def fit(self, items: Items) -> "LabelMaps":
        x = items.x
        if x.ndim != 4 or x.shape[3] != 1 or x.dtype != np.uint8:
            raise DataError(f"maps of classes are uint8 [N, H, W, 1]; these data are {x.dtype} {list(x.shape)}")
        found = tuple(int(value) for value in np.unique(x) if value != self.unknown)
        if not found or len(found) > MOST:
            raise DataError(
                f"the maps have {len(found)} values, and from 1 to {MOST} classes can be learnt",
                hint="Maps must be stored without loss (PNG, not JPEG), one value for each class, in one channel.",
            )
        if self.values and not set(found) <= set(self.values):
            raise DataError(f"the recipe knows the classes {list(self.values)}, and the maps have {list(found)}")
        pictures = next((items.given[name] for name in items.given if items.is_like_x(name)), None)
        fitted = self.pictures if pictures is None else self.pictures.fit(replace(items, x=pictures, given={}))
        return replace(self, values=self.values or found, pictures=fitted)

    def domain_of_given(self) -> Domain:
        """The domain of given arrays that are stored as x is."""
        return self.pictures

    def spec(self, items: Items) -> Spec:
        height, width = items.x.shape[1:3]
        return Spec(domain="label maps", shape=(len(self.values), height, width), bounded=True, classes=items.classes)

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        return items.x.reshape(-1, 1, *items.x.shape[1:3])

    def to_tensor(self, stored: Tensor) -> Tensor:
        numbers = torch.full((256,), len(self.values), dtype=torch.int64)
        numbers[list(self.values)] = torch.arange(len(self.values))
        maps = F.one_hot(numbers[stored[:, 0].long()], len(self.values) + 1)[..., :-1]
        return maps.permute(0, 3, 1, 2).float().mul_(2).sub_(1).contiguous()

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """The value of the most probable class, uint8 [N, H, W, 1]."""
        return np.array(self.values, np.uint8)[x.detach().cpu().argmax(1).numpy()][..., None]

    def decode_tensor(self, x: Tensor) -> Tensor:
        """`decode` as a tensor, uint8 [N, H, W, 1]."""
        return torch.tensor(self.values, dtype=torch.uint8)[x.argmax(1)][..., None]

    def view(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Values from `decode` in the colours of their classes, uint8 [N, H, W, 3]."""
        return np.ascontiguousarray(
            ((coloured(self.to_tensor(torch.from_numpy(values).permute(0, 3, 1, 2))) + 1) * 127.5)
            .round()
            .to(torch.uint8)
            .permute(0, 2, 3, 1)
            .numpy()
        )

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """A grid of maps in the colours of their classes, or of pictures in colour."""
        return Images().render(x if x.shape[1] == 3 else coloured(x), columns)
