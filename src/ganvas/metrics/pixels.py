"""The simplest feature space: pictures averaged down to 8 x 8."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from jaxtyping import UInt8
from torch import Tensor

from ..ops.unit_range import to_unit_range
from .extractor import Features

SIDE = 8  # patches along each side


@dataclass(frozen=True)
class Pixels:
    """Means over 8 x 8 patches of each channel, [n, 64 c] in [-1, 1]: sensitive to the place of light and colour, not
    to detail.
    """

    name: ClassVar[str] = "pixel"
    cacheable: ClassVar[bool] = True
    expensive: ClassVar[bool] = False

    def covers(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 3

    def frechet_features(self, n: int) -> None:
        return None

    def describe(self) -> Mapping[str, object]:
        return {
            "features": f"means of {SIDE} x {SIDE} patches",
            "weights_sha256": "",
            "resize": "none",
            "quantisation": "8 bits, before",
        }

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        return Features(F.adaptive_avg_pool2d(to_unit_range(x), SIDE).flatten(1).cpu())
