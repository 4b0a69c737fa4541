"""Pictures: uint8 [N, H, W, C] or values in other units outside, float [N, C, H, W] in [-1, 1] inside.

Four channels are red, green, blue and alpha: straight outside, premultiplied inside (ops/transparency.py).
"""

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from PIL import Image
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Spec
from ..data.source import Items
from ..ingest.checkerboard import on_checkerboard
from ..ingest.units import Depth, Units, span
from ..ops.transparency import SETTING, image_bytes, image_values


@dataclass(frozen=True)
class Images:
    """x = 2 (v - low) / (high - low) - 1 for a value v of the type `depth`; 2 v / 255 - 1 for a byte.

    Of four channels the fourth is alpha a, and the colours c are premultiplied: x = 2 c a / 255^2 - 1, 2 a / 255 - 1.

    Height, width and channels of 0 are taken from the data, and so are depth, low and high where the depth is uint8.

    Args:
        height, width: pixels; 0: those of the data.
        channels: 1 grey, 3 colour, 4 colour and alpha; 0: those of the data.
        depth: type of the values.
        low, high: values that become -1 and 1.
    """

    sheet: ClassVar[int] = 100
    height: int = 0
    width: int = 0
    channels: int = 0
    depth: Depth = "uint8"
    low: float = 0.0
    high: float = 255.0

    def fit(self, items: Items) -> "Images":
        units = items.units
        if items.x.ndim != 4 or items.x.dtype != units.stored:
            raise DataError(
                f"pictures are {units.stored} [N, H, W, C]; these data are {items.x.dtype} {list(items.x.shape)}"
            )
        if self.depth != "uint8" and self.units != units:
            raise DataError(
                f"the recipe expects values {self.units.text}, the pictures have {units.depth} "
                f"{span(units.low, units.high)}"
            )
        if items.x.shape[3] == 4 and units.depth != "uint8":
            raise DataError(f"pictures with alpha are uint8; these data are {units.depth} {list(items.x.shape)}")
        found = dict(zip(("height", "width", "channels"), items.x.shape[1:], strict=True))
        for name, value in found.items():
            if getattr(self, name) not in (0, value):
                raise DataError(f"the recipe expects {name} {getattr(self, name)}, the pictures have {value}")
        return replace(self, **found, depth=units.depth, low=float(units.low), high=float(units.high))

    @property
    def units(self) -> Units:
        """The type and the range of values in the data."""
        return Units(self.depth, self.low, self.high)

    def spec(self, items: Items) -> Spec:
        return Spec(
            domain="images",
            shape=(self.channels, self.height, self.width),
            bounded=True,
            classes=items.classes,
            units=self.units.text,
            settings=SETTING if self.transparent else {},
        )

    @property
    def transparent(self) -> bool:
        """Whether the pictures have alpha."""
        return self.channels == 4

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        """A view as [N, C, H, W], so that pictures larger than memory stay on the disk."""
        if items.x.shape[3] == 1:  # one channel has two layouts of the same bytes; this one is contiguous for torch too
            return items.x.reshape(-1, 1, *items.x.shape[1:3])
        return items.x.transpose(0, 3, 1, 2)

    def to_tensor(self, stored: Tensor) -> Tensor:
        if self.depth == "uint8":
            return image_values(stored)
        return (
            (stored.float() - self.low).mul_(2 / (self.high - self.low)).sub_(1)
        )  # float() of what is float already is no copy

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """In the units of the data, whole numbers rounded, [N, H, W, C]; four channels are straight RGBA."""
        if self.depth == "uint8":
            return as_bytes(x)
        values = (
            ((x.detach().double().cpu() + 1) * ((self.high - self.low) / 2) + self.low)
            .clamp_(self.low, self.high)
            .permute(0, 2, 3, 1)
            .numpy()
        )
        return (np.rint(values) if self.units.whole else values).astype(self.depth)

    def decode_tensor(self, x: Tensor) -> Tensor:
        """`decode` as a tensor: uint8, or float32 of other depths, [N, H, W, C]."""
        if self.depth == "uint8":
            return image_bytes(x).permute(0, 2, 3, 1)
        values = ((x.double() + 1) * ((self.high - self.low) / 2) + self.low).clamp(self.low, self.high)
        return (values.round() if self.units.whole else values).float().permute(0, 2, 3, 1)

    def view(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Values from `decode` or from the store as bytes for display: low is 0, high is 255."""
        if self.depth == "uint8":
            return values
        shares = (np.asarray(values, np.float64) - self.low) / (self.high - self.low)
        return np.rint(255 * shares.clip(0, 1)).astype(np.uint8)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """A grid, row by row, small pictures enlarged to at least 48 pixels by whole pixels.

        Transparent pictures are shown on a checkerboard.
        """
        tiles = as_bytes(x)
        n, height, width, channels = tiles.shape
        columns = columns or math.ceil(math.sqrt(n))
        sheet = np.zeros((math.ceil(n / columns) * columns, height, width, channels), np.uint8)
        sheet[:n] = tiles
        grid = sheet.reshape(-1, columns, height, width, channels).swapaxes(1, 2).reshape(-1, columns * width, channels)
        picture = picture_of(grid)
        zoom = max(1, math.ceil(48 / max(height, width)))
        enlarged = picture.resize((picture.width * zoom, picture.height * zoom), Image.Resampling.NEAREST)
        return enlarged if channels != 4 else on_checkerboard(enlarged, max(2, zoom * max(height, width) // 8))


def as_bytes(x: Tensor) -> np.ndarray[Any, Any]:
    """Rounded to the nearest byte, [N, H, W, C]: -1 is 0, 1 is 255; of four channels straight RGBA."""
    return image_bytes(x.cpu()).permute(0, 2, 3, 1).numpy()


def picture_of(x: np.ndarray[Any, Any]) -> Image.Image:
    """Of bytes [H, W, C]: grey, red and green, colour, or colour and alpha."""
    if x.shape[2] == 2:
        x = np.pad(x, ((0, 0), (0, 0), (0, 1)))
    return Image.fromarray(np.ascontiguousarray(x[:, :, 0] if x.shape[2] == 1 else x[:, :, :4]))
