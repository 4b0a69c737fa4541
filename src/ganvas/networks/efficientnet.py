"""EfficientNet-Lite0 with the weights that come with ganvas: a frozen network that has learnt from photographs.

The network is of Tan and Le 2019 (https://arxiv.org/abs/1905.11946, table 1) in its "lite" form: ReLU6, no
squeeze-and-excitation. Trained on ImageNet; Apache-2.0; efficientnet_lite0.LICENSE.md names the source.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from .frozen import FrozenConv
from .shipped import shipped_weights

WEIGHTS = "efficientnet_lite0.safetensors"


class Stage(NamedTuple):
    """Blocks with one number of channels: the first has the stride."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STEM, HEAD = 32, 1280  # channels
STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


class InvertedResidual(NamedTuple):
    """1 x 1 to more channels (absent without expansion), k x k of each channel, 1 x 1 to fewer; x is added if it fits.

    Sandler et al. 2018, section 3.3. https://arxiv.org/abs/1801.04381
    """

    expand: FrozenConv | None
    depthwise: FrozenConv
    project: FrozenConv
    adds: bool

    def __call__(self, x: Tensor) -> Tensor:
        h = x if self.expand is None else F.relu6(self.expand(x), inplace=True)
        h = self.project(F.relu6(self.depthwise(h), inplace=True))
        return x + h if self.adds else h


class EfficientNetLite0(NamedTuple):
    """The network; no module, so that a player that holds it neither trains nor saves it.

    Attributes:
        stem: 3 x 3, stride 2.
        blocks: 16 of them.
        head: 1 x 1 to 1280 channels.
        classifier: weight [1000, 1280] and bias [1000].
    """

    stem: FrozenConv
    blocks: tuple[InvertedResidual, ...]
    head: FrozenConv
    classifier: tuple[Tensor, Tensor]

    def maps(self, x: Float[Tensor, "b 3 h w"], after: tuple[int, ...]) -> list[Tensor]:
        """Feature maps of colour pictures in [-1, 1].

        Args:
            x: pictures, of any size from 16 pixels on.
            after: numbers of blocks, from 1 to 16, in rising order; later blocks are not computed.

        Returns:
            A map [B, C, h, w] for each.
        """
        h, found = F.relu6(self.stem(x), inplace=True), []
        for number, block in enumerate(self.blocks[: after[-1]], 1):
            h = block(h)
            if number in after:
                found.append(h)
        return found

    def pooled(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 1280"]:
        """The mean of the last map of colour pictures in [-1, 1], in float32."""
        (h,) = self.maps(x, (len(self.blocks),))
        return F.relu6(self.head(h), inplace=True).float().mean((2, 3))

    def logits(self, pooled: Float[Tensor, "b 1280"]) -> Float[Tensor, "b 1000"]:
        """Logits of the classes of ImageNet, in its usual order, of pooled features."""
        return F.linear(pooled, self.classifier[0].float(), self.classifier[1].float())


def weights_sha256() -> str:
    """SHA-256 of the shipped file."""
    return shipped_weights(WEIGHTS)[1]


@lru_cache(maxsize=4)
def efficientnet_lite0(device: torch.device, dtype: torch.dtype) -> EfficientNetLite0:
    """The network with the shipped weights; built once for each device and type of number.

    Args:
        device: of the weights.
        dtype: of the weights and of its input, such as torch.bfloat16.
    """
    stored = {name: value.to(device, dtype) for name, value in shipped_weights(WEIGHTS)[0].items()}

    def conv(name: str, stride: int = 1, *, depthwise: bool = False) -> FrozenConv:
        weight, bias = stored[f"{name}.weight"], stored[f"{name}.bias"]
        return FrozenConv.of(weight, bias, stride=stride, groups=len(weight) if depthwise else 1)

    blocks = []
    for number, (before, after, stage, stride) in enumerate(each_block()):
        name = f"blocks.{number}"
        blocks.append(
            InvertedResidual(
                conv(f"{name}.expand") if stage.expansion > 1 else None,
                conv(f"{name}.depthwise", stride, depthwise=True),
                conv(f"{name}.project"),
                stride == 1 and before == after,
            )
        )
    classifier = stored["classifier.weight"], stored["classifier.bias"]
    return EfficientNetLite0(conv("stem", 2), tuple(blocks), conv("head"), classifier)


def each_block() -> Iterator[tuple[int, int, Stage, int]]:
    """Channels before and after each block, its stage and its stride."""
    before = STEM
    for stage in STAGES:
        for number in range(stage.blocks):
            yield before, stage.channels, stage, stage.stride if number == 0 else 1
            before = stage.channels
