"""The feature space of EfficientNet-Lite0: what photographs and drawings show, more than their texture."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated, ClassVar

import torch
import torch.nn.functional as F
from annotated_types import Ge, Le
from jaxtyping import Float, UInt8
from torch import Tensor

from ..base.errors import DataError
from ..networks.efficientnet import WEIGHTS, efficientnet_lite0, weights_sha256
from ..networks.shipped import shipped_weights
from ..ops.unit_range import to_unit_range
from .extractor import Features, in_batches

SIDE = 96  # pixels a side that every picture is resized to; docs/evaluate.md compares sizes
SMALLEST = 8  # pixels a side
FEATURES = 256  # directions that are used of the network's 1280 features
TOGETHER = 16  # pictures in a batch: another number may change the last bits of features
GRID = 2.0**-16  # to which the directions are rounded, so that the rounding of one machine does not reach the features


@dataclass(frozen=True)
class PhotoFeatures:
    """f = V^T mean(h): the last map h of EfficientNet-Lite0, averaged, in 256 fixed directions, [n, 256].

    The network has learnt 1,000 classes of photographs (Tan and Le 2019, https://arxiv.org/abs/1905.11946) and comes
    with ganvas. V [1280, 256] are the leading right singular vectors of its classifier's weights, so the directions
    that tell classes apart come first; V does not depend on the data. The distances are *not* the FID of other tools.

    Pictures are resized to one square with antialiasing, without regard to their aspect ratio: reals and fakes have one
    shape, so both are stretched alike, and no pixel is cut off. Grey pictures get three equal channels. It runs in
    float32; on an accelerator without TF32.

    Args:
        side: pixels a side of the network's input; another side is another space.

    Raises:
        DataError: by `extract`, for pictures of other than one or three channels or with a side under 8 pixels.
    """

    side: Annotated[int, Ge(32), Le(512)] = SIDE
    name: ClassVar[str] = "photo"
    cacheable: ClassVar[bool] = True
    expensive: ClassVar[bool] = True

    def covers(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 3 and shape[0] in (1, 3) and min(shape[1:]) >= SMALLEST

    def frechet_features(self, n: int) -> int:
        """n / 16 rounded down to a power of two, from 8 to 256: with more, the distance is mostly the bias of few
        samples, and a fault raises it by a smaller factor.
        """
        return min(FEATURES, max(8, 1 << (max(1, n // 16).bit_length() - 1)))

    def describe(self) -> Mapping[str, object]:
        return {
            "features": f"EfficientNet-Lite0, pooled, {FEATURES} leading directions of its classifier",
            "weights_sha256": weights_sha256(),
            "resize": f"bicubic, antialiased, to {self.side} x {self.side}",
            "quantisation": "8 bits, before",
        }

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        if not self.covers(tuple(x.shape[1:])):
            raise DataError(
                "the photograph space accepts pictures of one or three channels and at least "
                f"{SMALLEST} pixels a side, not {list(x.shape[1:])}"
            )
        with (
            torch.backends.cudnn.flags(enabled=True, benchmark=False, allow_tf32=False),
            torch.autocast(x.device.type, enabled=False),
        ):
            return in_batches(x, partial(features_of_batch, side=self.side), TOGETHER)


def features_of_batch(x: UInt8[Tensor, "b c h w"], side: int) -> Features:
    """Features of one batch of bytes."""
    network = efficientnet_lite0(x.device, torch.float32)
    pooled = network.pooled(network_input(to_unit_range(x), side))
    return Features(pooled.cpu() @ class_directions())


def network_input(x: Float[Tensor, "b c h w"], side: int) -> Float[Tensor, "b 3 s s"]:
    """Pictures in [-1, 1] of any size as the network takes them, `side` pixels a side, in channels_last."""
    resized = F.interpolate(x, size=(side, side), mode="bicubic", antialias=True, align_corners=False).clamp(-1, 1)
    return resized.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


@lru_cache(maxsize=1)
def class_directions() -> Float[Tensor, "1280 256"]:
    """The leading right singular vectors of the classifier's centred weights, as columns; computed once a process.

    They are eigenvectors of W^T W in float64; of each the largest entry is positive.
    """
    weight = shipped_weights(WEIGHTS)[0]["classifier.weight"].double()
    weight = weight - weight.mean(0)
    vectors = torch.linalg.eigh(weight.T @ weight).eigenvectors.flip(1)[:, :FEATURES]
    signs = vectors.gather(0, vectors.abs().argmax(0, keepdim=True)).sign()
    return ((vectors * signs / GRID).round() * GRID).float()
