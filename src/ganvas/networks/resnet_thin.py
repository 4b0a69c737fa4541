"""ResNet-50-thin with the weights that come with ganvas: a second frozen network of photographs, only for scores.

The network is of He et al. 2016 (https://arxiv.org/abs/1512.03385, table 1, 50 layers) with half the channels of
ResNet-50, as Yahoo trained it for open_nsfw; BSD-2-Clause; resnet_thin.LICENSE.md names the source. The stride of a
stage is in its first 1 x 1 convolution. No discriminator trains in its features, so that it can judge where
EfficientNet-Lite0 has been trained in.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from .frozen import same_padding
from .shipped import shipped_weights

WEIGHTS = "resnet_thin.safetensors"
MEAN = (104.0, 117.0, 123.0)  # of blue, green and red bytes; subtracted from the input
STEM = 64  # channels
STAGES = ((3, 32), (4, 64), (6, 128), (3, 256))  # blocks, and channels of their 3 x 3 convolutions
EXPANSION = 4  # channels of a block's output for each channel of its 3 x 3 convolution


class ThinConvolution(NamedTuple):
    """A convolution with (kernel - 1) / 2 zeros at each border, whose weights never change.

    Attributes:
        weight: [out, in, k, k], with the batch norm after it.
        bias: [out].
        stride: 1 or 2.
    """

    weight: Tensor
    bias: Tensor
    stride: int

    def __call__(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        return F.conv2d(x, self.weight, self.bias, self.stride, self.weight.shape[2] // 2)


class Bottleneck(NamedTuple):
    """relu(expand(relu(conv(relu(reduce(x))))) + shortcut(x)): 1 x 1 to few channels, 3 x 3, 1 x 1 to many.

    He et al. 2016, figure 5, right. https://arxiv.org/abs/1512.03385

    Attributes:
        reduce: 1 x 1, with the block's stride.
        conv: 3 x 3.
        expand: 1 x 1.
        shortcut: 1 x 1 with the block's stride in the first block of a stage; None elsewhere, for x itself.
    """

    reduce: ThinConvolution
    conv: ThinConvolution
    expand: ThinConvolution
    shortcut: ThinConvolution | None

    def __call__(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        h = self.expand(F.relu(self.conv(F.relu(self.reduce(x)))))
        return F.relu(h.add_(x if self.shortcut is None else self.shortcut(x)))


class ResnetThin(NamedTuple):
    """The network; no module, as nothing trains or saves it.

    Attributes:
        stem: 7 x 7, stride 2.
        blocks: 16 of them.
    """

    stem: ThinConvolution
    blocks: tuple[Bottleneck, ...]

    @torch.no_grad()
    def pooled(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 1024"]:
        """The mean of the last map of colour pictures, in float32; without a gradient.

        Args:
            x: red, green and blue in [-1, 1], of any size from 8 pixels on; the network was trained at 224.
        """
        mean = x.new_tensor(MEAN)[:, None, None]
        h = F.relu(self.stem(((x.flip(1) + 1) * 127.5 - mean).contiguous(memory_format=torch.channels_last)))
        (top, bottom), (left, right) = (same_padding(side, 3, 2) for side in h.shape[2:])
        h = F.max_pool2d(F.pad(h, (left, right, top, bottom)), 3, 2)
        for block in self.blocks:
            h = block(h)
        return h.float().mean((2, 3))


def weights_sha256() -> str:
    """SHA-256 of the shipped file."""
    return shipped_weights(WEIGHTS)[1]


@lru_cache(maxsize=2)
def resnet_thin(device: torch.device, dtype: torch.dtype) -> ResnetThin:
    """The network with the shipped weights; built once for each device and type of number.

    Args:
        device: of the weights.
        dtype: of the weights and of its input, such as torch.float32.
    """
    return resnet_from({name: value.to(device, dtype) for name, value in shipped_weights(WEIGHTS)[0].items()})


def resnet_from(weights: Mapping[str, Tensor]) -> ResnetThin:
    """The network with these weights.

    Args:
        weights: "stem.weight" [64, 3, 7, 7], "stem.bias" [64], and for each block "blocks.0.reduce", "blocks.0.conv",
            "blocks.0.expand" and, in the first block of a stage, "blocks.0.shortcut".
    """

    def conv(name: str, stride: int = 1) -> ThinConvolution:
        weight = weights[f"{name}.weight"].contiguous(memory_format=torch.channels_last)
        return ThinConvolution(weight, weights[f"{name}.bias"], stride)

    blocks = tuple(
        Bottleneck(
            conv(f"blocks.{number}.reduce", stride),
            conv(f"blocks.{number}.conv"),
            conv(f"blocks.{number}.expand"),
            conv(f"blocks.{number}.shortcut", stride) if first else None,
        )
        for number, (_, first, stride) in enumerate(each_bottleneck())
    )
    return ResnetThin(conv("stem", 2), blocks)


def each_bottleneck() -> Iterator[tuple[int, bool, int]]:
    """Channels of each block's 3 x 3 convolution, whether it is the first of its stage, and its stride."""
    for stage, (many, channels) in enumerate(STAGES):
        for number in range(many):
            yield channels, number == 0, 2 if number == 0 and stage > 0 else 1
