"""Features of a fixed convolutional network that was never trained, as Naeem et al. 2020 use for data unlike ImageNet.
https://arxiv.org/abs/2002.09797
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor

from ..base.draws import uniform_rows
from ..ops.unit_range import to_unit_range
from .extractor import Features

SEED = 0
WIDTHS = (32, 64, 128, 128)  # channels after each layer: 3 x 3, stride 2, ReLU
LONGEST = 64  # pixels a side; larger pictures are averaged down first
FEATURES = 2 * WIDTHS[-1]


@dataclass(frozen=True)
class RandomConvolutions:
    """Mean and maximum of each last channel of a random network, interleaved, [n, 256], for pictures of any kind and
    size.

    Four layers of 3 x 3 convolutions with stride 2 and ReLU; not the feature space of any other tool. Larger pictures
    are averaged down to 64 pixels.

    Args:
        channels: of the pictures.
    """

    channels: int
    name: ClassVar[str] = "random"
    cacheable: ClassVar[bool] = True
    expensive: ClassVar[bool] = False

    def covers(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 3 and shape[0] == self.channels

    def describe(self) -> Mapping[str, object]:
        network = {
            "features": "ganvas random convolutions",
            "weights_sha256": random_weights_sha256(self.channels),
            "weights_seed": SEED,
            "layers": list(WIDTHS),
        }
        return {**network, "resize": f"area, to at most {LONGEST} a side", "quantisation": "8 bits, before"}

    def frechet_features(self, n: int) -> int:
        """n / 16 rounded down to a power of two, from 8 to 256: the Frechet distance needs far more samples than
        features.
        """
        return min(FEATURES, max(8, 1 << (max(1, n // 16).bit_length() - 1)))

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        return Features(random_features(to_unit_range(x)))


@lru_cache(maxsize=4)
def random_weights(channels: int) -> tuple[Tensor, ...]:
    """One kernel a layer, uniform over +- sqrt(6 / fan_in), so of variance 2 / fan_in. He et al. 2015, equation 10.
    https://arxiv.org/abs/1502.01852

    Uniform and not normal, as uniforms from a counter are the same bits on every machine; logarithms and cosines need
    not be.
    """
    kernels = []
    for layer, (before, after) in enumerate(zip((channels, *WIDTHS), WIDTHS, strict=False)):
        u = uniform_rows(("random features", SEED, layer, before), range(after), 9 * before)
        kernels.append(
            torch.from_numpy(((2 * u - 1) * (6 / (9 * before)) ** 0.5).astype("float32")).view(after, before, 3, 3)
        )
    return tuple(kernels)


def random_weights_sha256(channels: int) -> str:
    """SHA-256 of all weights, layer by layer, as float32."""
    return hashlib.sha256(b"".join(kernel.numpy().tobytes() for kernel in random_weights(channels))).hexdigest()


@torch.no_grad()
def random_features(x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d"]:
    """Mean and maximum of each last channel, interleaved, [n, 256] on the CPU, of x in [-1, 1]."""
    kernels = [kernel.to(x.device) for kernel in random_weights(x.shape[1])]
    made = []
    for part in x.split(250):
        h = shrink(part, LONGEST)
        for kernel in kernels:
            h = F.relu(F.conv2d(h, kernel, stride=2, padding=1))
        made.append(torch.stack([h.mean((2, 3)), h.amax((2, 3))], dim=2).flatten(1))
    return torch.cat(made).cpu()


def shrink(x: Tensor, longest: int) -> Tensor:
    """Pictures averaged down until the longer side has at most `longest` pixels."""
    scale = longest / max(x.shape[2:])
    return (
        x if scale >= 1 else F.interpolate(x, size=[max(1, round(side * scale)) for side in x.shape[2:]], mode="area")
    )
