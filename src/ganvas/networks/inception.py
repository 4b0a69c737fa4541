"""Inception v3 as used by the Frechet Inception distance: the published graph "Inception-2015-12-05".

Szegedy et al. 2015, figures 5 to 7 and table 1. https://arxiv.org/abs/1512.00567
Four things differ from the paper and from other libraries' Inception v3, and all move the numbers: averages leave the
padding out of the count, the last block pools by the maximum, batch norm adds 1e-3, and there are 1008 classes. Names
are those of the published weights.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

SIDE = 299  # pixels of the pictures that the network was trained on
CLASSES = 1008
EPSILON = 1e-3

Shape = tuple[int, int]


class Activations(NamedTuple):
    """The published outputs. All but the logits are means over the image of rectified activations, so at least 0."""

    first: Float[Tensor, "n 64"]
    second: Float[Tensor, "n 192"]
    third: Float[Tensor, "n 768"]
    pooled: Float[Tensor, "n 2048"]  # pool3: the features of the Frechet distance and the kernel distance
    unbiased_logits: Float[Tensor, "n 1008"]  # without the bias: those of the published Inception score
    logits: Float[Tensor, "n 1008"]


class InceptionV3(nn.Module):
    """x [n, 3, h, w] in [-1, 1], h and w 299, at least 75 -> Activations.

    Batch norm uses its stored statistics: no sample depends on the others of its batch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = Convolution(3, 32, (3, 3), stride=2)
        self.Conv2d_2a_3x3 = Convolution(32, 32, (3, 3))
        self.Conv2d_2b_3x3 = Convolution(32, 64, (3, 3), same=True)
        self.Conv2d_3b_1x1 = Convolution(64, 80, (1, 1))
        self.Conv2d_4a_3x3 = Convolution(80, 192, (3, 3))
        before = 192
        for name, block in blocks():
            mixed = Mixed(before, block)
            self.add_module(f"Mixed_{name}", mixed)
            before = mixed.channels
        self.fc = nn.Linear(before, CLASSES)

    def forward(self, x: Float[Tensor, "n 3 h w"]) -> Activations:
        x = F.max_pool2d(self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x))), 3, 2)  # [n, 64, 73, 73]
        first = mean(x)
        x = F.max_pool2d(self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x)), 3, 2)  # [n, 192, 35, 35]
        second = mean(x)
        for name in ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e"):
            x = self.get_submodule(f"Mixed_{name}")(x)  # [n, 768, 17, 17] from 6a on
        third = mean(x)
        for name in ("7a", "7b", "7c"):
            x = self.get_submodule(f"Mixed_{name}")(x)  # [n, 2048, 8, 8] from 7b on
        pooled = mean(x)
        unbiased = pooled.mm(self.fc.weight.T)
        return Activations(first, second, third, pooled, unbiased, unbiased + self.fc.bias)


def mean(x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c"]:
    """Over the picture."""
    return F.adaptive_avg_pool2d(x, 1).flatten(1)


class Block(NamedTuple):
    """Parallel branches, joined along the channels in this order, the pooled one last."""

    branches: dict[
        str, list[tuple[int, Shape]]
    ]  # from the block's input to its output: channels and kernel of each convolution
    pool: nn.Module
    pooled: int = 0  # channels of a 1 x 1 convolution after the pooling; 0: none
    stride: int = 1  # of each branch's last convolution; 2 halves the picture
    forked: tuple[str, ...] = ()  # branches that end in a 1 x 3 and, beside it, a 3 x 1


def blocks() -> Iterator[tuple[str, Block]]:
    """5x is figure 5 of the paper, 6b to 6e figure 6, 7b and 7c figure 7; 6a and 7a halve the picture."""
    for name, pooled in (("5b", 32), ("5c", 64), ("5d", 64)):
        double = [(64, (1, 1)), (96, (3, 3)), (96, (3, 3))]
        yield (
            name,
            Block({"1x1": [(64, (1, 1))], "5x5": [(48, (1, 1)), (64, (5, 5))], "3x3dbl": double}, average(), pooled),
        )
    yield (
        "6a",
        Block(
            {"3x3": [(384, (3, 3))], "3x3dbl": [(64, (1, 1)), (96, (3, 3)), (96, (3, 3))]}, nn.MaxPool2d(3, 2), stride=2
        ),
    )
    for name, width in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
        single = [(width, (1, 1)), (width, (1, 7)), (192, (7, 1))]
        double = [(width, (1, 1)), (width, (7, 1)), (width, (1, 7)), (width, (7, 1)), (192, (1, 7))]
        yield name, Block({"1x1": [(192, (1, 1))], "7x7": single, "7x7dbl": double}, average(), 192)
    single = [(192, (1, 1)), (320, (3, 3))]
    yield (
        "7a",
        Block(
            {"3x3": single, "7x7x3": [(192, (1, 1)), (192, (1, 7)), (192, (7, 1)), (192, (3, 3))]},
            nn.MaxPool2d(3, 2),
            stride=2,
        ),
    )
    for name, pool in (("7b", average()), ("7c", nn.MaxPool2d(3, 1, 1))):
        double = [(448, (1, 1)), (384, (3, 3)), (384, (1, 3))]
        yield (
            name,
            Block(
                {"1x1": [(320, (1, 1))], "3x3": [(384, (1, 1)), (384, (1, 3))], "3x3dbl": double},
                pool,
                192,
                forked=("3x3", "3x3dbl"),
            ),
        )


def average() -> nn.Module:
    """Of the 3 x 3 around each place, where the picture ends of fewer."""
    return nn.AvgPool2d(3, 1, 1, count_include_pad=False)


class Mixed(nn.Module):
    """x [n, c, h, w] -> [n, channels, h, w], or half as high and wide."""

    def __init__(self, before: int, block: Block) -> None:
        super().__init__()
        self.pool, self.chains = block.pool, dict[str, list[str]]()
        self.channels = block.pooled or before
        for branch, layers in block.branches.items():
            names = [
                f"branch{branch}_{place}" if len(layers) > 1 else f"branch{branch}"
                for place in range(1, len(layers) + 1)
            ]
            inside = before
            for name, (after, kernel) in zip(names, layers, strict=True):
                last = name == names[-1]
                halving = block.stride if last else 1
                ends = (
                    {name: kernel}
                    if not (last and branch in block.forked)
                    else {f"{name}a": kernel, f"{name}b": kernel[::-1]}
                )
                for end, shape in ends.items():
                    self.add_module(end, Convolution(inside, after, shape, stride=halving, same=halving == 1))
                inside = after
            self.chains[branch] = names
            self.channels += inside * (1 + (branch in block.forked))
        if block.pooled:
            self.branch_pool = Convolution(before, block.pooled, (1, 1))

    def forward(self, x: Tensor) -> Tensor:
        parts: list[Tensor] = []
        for names in self.chains.values():
            parts += self.through(x, names)
        pooled = self.pool(x)
        parts.append(self.branch_pool(pooled) if hasattr(self, "branch_pool") else pooled)
        return torch.cat(parts, 1)

    def through(self, x: Tensor, names: Sequence[str]) -> Iterable[Tensor]:
        """One branch: its output, or both where it forks at the end."""
        for name in names[:-1]:
            x = self.get_submodule(name)(x)
        last = names[-1]
        ends = [last] if hasattr(self, last) else [f"{last}a", f"{last}b"]
        return [self.get_submodule(end)(x) for end in ends]


class Convolution(nn.Module):
    """relu(bn(w * x)), the convolution without bias. `same` pads, so that the picture keeps its size."""

    def __init__(self, before: int, after: int, kernel: Shape, *, stride: int = 1, same: bool = False) -> None:
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2) if same else (0, 0)
        self.conv = nn.Conv2d(before, after, kernel, stride, padding, bias=False)
        self.bn = FrozenBatchNorm(after)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)


class FrozenBatchNorm(nn.Module):
    """(x - running_mean) / sqrt(running_var + 1e-3) * weight + bias for each channel.

    Ioffe and Szegedy 2015, algorithm 2. https://arxiv.org/abs/1502.03167
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=EPSILON)
