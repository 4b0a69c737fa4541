"""The feature space of ResNet-50-thin: a second network of photographs, which no discriminator trains in."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import UInt8
from torch import Tensor

from ..base.errors import DataError
from ..networks.resnet_thin import ResnetThin, resnet_thin, weights_sha256
from ..ops.unit_range import to_unit_range
from .extractor import Features, in_batches

SIDE = 224  # pixels a side that every picture is resized to, as the network was trained
SMALLEST = 8  # pixels a side
FEATURES = 1024


@dataclass(frozen=True)
class ResnetFeatures:
    """The mean of the last map of ResNet-50-thin (open_nsfw), [n, 1024] numbers >= 0, for pictures of any size.

    Pictures are resized to 224 x 224 with antialiasing; grey ones get three equal channels. The network was trained by
    others for another task than EfficientNet-Lite0, and no part of ganvas trains in its features: it judges generators
    whose discriminators have used Lite0. It is not a stranger to it: both began with ImageNet. The distance is *not*
    the FID of other tools. It runs in float32; on an accelerator without TF32.

    Raises:
        DataError: by `extract`, for pictures of other than one or three channels or with a side under 8 pixels.
    """

    name: ClassVar[str] = "resnet"
    cacheable: ClassVar[bool] = True
    expensive: ClassVar[bool] = True

    def covers(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 3 and shape[0] in (1, 3) and min(shape[1:]) >= SMALLEST

    def frechet_features(self, n: int) -> int:
        """n / 16 rounded down to a power of two, from 8 to 1024, as for `RandomConvolutions`: with more features than
        that, the distance is mostly the bias of few samples.
        """
        return min(FEATURES, max(8, 1 << (max(1, n // 16).bit_length() - 1)))

    def describe(self) -> Mapping[str, object]:
        return {
            "features": "open_nsfw ResNet-50-thin, pooled",
            "weights_sha256": weights_sha256(),
            "resize": f"bilinear, antialiased, to {SIDE} x {SIDE}",
            "quantisation": "8 bits, before",
        }

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        if not self.covers(tuple(x.shape[1:])):
            raise DataError(
                "the network accepts pictures of one or three channels and at least "
                f"{SMALLEST} pixels a side, not {list(x.shape[1:])}"
            )
        network = resnet_thin(x.device, torch.float32)
        with (
            torch.backends.cudnn.flags(enabled=True, benchmark=False, allow_tf32=False),
            torch.autocast(x.device.type, enabled=False),
        ):
            return in_batches(x, partial(pooled_features, network))


def pooled_features(network: ResnetThin, x: UInt8[Tensor, "n c h w"]) -> Features:
    """Features of one batch of bytes."""
    colour = to_unit_range(x.expand(-1, 3, -1, -1))
    resized = F.interpolate(colour, size=(SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False)
    return Features(network.pooled(resized))
