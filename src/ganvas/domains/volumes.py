"""Volumes: uint8 [N, D, H, W, C] or values in other units outside, float [N, C, D, H, W] in [-1, 1] inside.

D runs from the feet to the head, H from the back to the front, W from the left to the right: an array (x, y, z) of
NIfTI in RAS+ with its axes reversed.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool3d

from ..base.errors import DataError
from ..base.types import Spec
from ..data.source import Items
from ..ingest.units import Depth, Units, span
from .volume_files import IDENTITY, save_volumes
from .volume_planes import plane_sheet

COARSE = 8  # voxels a side of the volumes whose distances compare samples


@dataclass(frozen=True)
class Volumes:
    """x = 2 (v - low) / (high - low) - 1 for a value v of the type `depth`: [C, D, H, W].

    What is 0 or empty is taken from the data, and so are depth, low and high where the depth is uint8. low and high
    are the window: values outside it are moved to its border by `decode`.

    Args:
        deep, height, width: D, H and W, in voxels.
        channels: values of a voxel.
        depth: type of the values.
        low, high: values that become -1 and 1.
        affine: 12 numbers, the upper three rows of the matrix from voxels (W, H, D, 1) to millimetres (right, front,
            head); empty: voxels of 1 mm.

    Example:
        >>> import numpy as np
        >>> from ganvas.data import Items
        >>> from ganvas.domains import Volumes
        >>> items = Items(x=np.zeros((2, 8, 8, 8, 1), np.uint8))
        >>> Volumes().fit(items).spec(items).shape
        (1, 8, 8, 8)
    """

    sheet: ClassVar[int] = 16
    deep: int = 0
    height: int = 0
    width: int = 0
    channels: int = 0
    depth: Depth = "uint8"
    low: float = 0.0
    high: float = 255.0
    affine: tuple[float, ...] = ()

    def fit(self, items: Items) -> "Volumes":
        units = items.units
        if items.x.ndim != 5 or items.x.dtype != units.stored:
            form = f"{units.stored} [N, D, H, W, C]"
            raise DataError(f"volumes are {form}; these data are {items.x.dtype} {list(items.x.shape)}")
        if self.depth != "uint8" and self.units != units:
            found_units = f"{units.depth} {span(units.low, units.high)}"
            raise DataError(f"the recipe expects values {self.units.text}, the volumes have {found_units}")
        affine = tuple(items.affine) or self.affine or IDENTITY
        if len(affine) != len(IDENTITY) or (self.affine and self.affine != affine):
            raise DataError("the volumes have another affine matrix than the recipe", hint="Leave domain.affine out.")
        found = dict(zip(("deep", "height", "width", "channels"), items.x.shape[1:], strict=True))
        for name, value in found.items():
            if getattr(self, name) not in (0, value):
                raise DataError(f"the recipe expects {name} {getattr(self, name)}, the volumes have {value}")
        low, high = float(units.low), float(units.high)
        return replace(self, **found, depth=units.depth, low=low, high=high, affine=affine)

    @property
    def units(self) -> Units:
        """The type and the range of values in the data."""
        return Units(self.depth, self.low, self.high)

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Millimetres from a voxel to the next along D, H and W: the lengths of the affine's columns."""
        columns = np.array(self.affine or IDENTITY).reshape(3, 4)[:, :3]
        right, front, head = np.linalg.norm(columns, axis=0).tolist()
        return head, front, right

    def spec(self, items: Items) -> Spec:
        shape = (self.channels, self.deep, self.height, self.width)
        settings = {"spacing": list(self.spacing), "affine": list(self.affine)}
        return Spec("volumes", shape, bounded=True, classes=items.classes, units=self.units.text, settings=settings)

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        return items.x.transpose(0, 4, 1, 2, 3)

    def to_tensor(self, stored: Tensor) -> Tensor:
        return (stored.float() - self.low).mul_(2 / (self.high - self.low)).sub_(1)

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """In the units of the data, whole numbers rounded: [N, D, H, W, C]."""
        values = ((x.detach().double().cpu() + 1) * ((self.high - self.low) / 2) + self.low).clamp_(self.low, self.high)
        moved = values.permute(0, 2, 3, 4, 1).numpy()
        return (np.rint(moved) if self.units.whole else moved).astype(self.depth)

    def as_written(self, x: Tensor) -> Tensor:
        """x after `decode` and `encode`."""
        values = ((x.double() + 1) * ((self.high - self.low) / 2) + self.low).clamp(self.low, self.high)
        return self.to_tensor(values.round() if self.units.whole else values)

    def features(self, x: Tensor) -> Tensor:
        """Vectors [N, C 8^3]: the means of 8 x 8 x 8 parts."""
        return adaptive_avg_pool3d(x.detach().float(), COARSE).flatten(1)

    def write(self, samples: np.ndarray[Any, Any], out: Path) -> None:
        """Volumes as NIfTI: one file (.nii, .nii.gz; several volumes along its fourth axis), or a folder of files."""
        save_volumes(samples, out, self.affine or IDENTITY)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """For each volume its middle planes, from above, from the front and from the side, and its maximum projection.

        low is black and high is white; the head is at the top, in the plane from above the front. A volume is four
        tiles, so at most half as many volumes as there are rows are side by side.
        """
        most = max(1, math.ceil(math.sqrt(len(x)) / 2))
        values = np.rint((x.detach().float().cpu().numpy().clip(-1, 1) + 1) * 127.5).astype(np.uint8)
        return plane_sheet(values.max(1), min(columns or most, most))
