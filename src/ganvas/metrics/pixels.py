"""The plainest space: a picture made very small."""

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
    """Means over 8 x 8 patches of equal size, each channel apart: [N, 64 C] in [-1, 1]. It sees where light and colour lie, and no detail."""

    name: ClassVar[str] = "pixel"

    def covers(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 3

    def describe(self) -> Mapping[str, object]:
        return {
            "features": f"means of {SIDE} x {SIDE} patches",
            "weights_sha256": "",
            "resize": "none",
            "quantisation": "8 bits, before",
        }

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        return Features(F.adaptive_avg_pool2d(to_unit_range(x), SIDE).flatten(1).cpu())
