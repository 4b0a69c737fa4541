"""Layers that several networks share."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Spec
from ..ops.doubling import conv_of_doubled


class DoublingConv(nn.Conv2d):
    """Each pixel of x is repeated 2 x 2, then a 3 x 3 convolution: [B, before, H, W] -> [B, after, 2 H, 2 W]."""

    def __init__(self, before: int, after: int, *, bias: bool = True) -> None:
        super().__init__(before, after, 3, padding=1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return conv_of_doubled(x, self.weight, self.bias)


class ConditionalBatchNorm(nn.Module):
    """gain(y) (x - mean) / std + bias(y): batch norm with a scale and a shift for each class.

    Dumoulin et al. 2017, equation 5. https://arxiv.org/abs/1610.07629
    As in the generator of Miyato and Koyama 2018 (https://arxiv.org/abs/1802.05637). Gains begin at N(1, 0.02), biases
    at 0.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain, self.bias = nn.Embedding(classes, channels), nn.Embedding(classes, channels)
        nn.init.normal_(self.gain.weight, 1.0, 0.02)
        nn.init.zeros_(self.bias.weight)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        h: Tensor = self.norm(x) * self.gain(y)[:, :, None, None] + self.bias(y)[:, :, None, None]
        return h


class ClassScale(nn.Module):
    """z * e(y): each class has its own diagonal map of the latent. y [B] -> [B, latent].

    Odena et al. 2017 use a similar one. https://arxiv.org/abs/1610.09585
    """

    def __init__(self, classes: int, latent: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(classes, latent)
        nn.init.normal_(self.embedding.weight)

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        scaled: Tensor = z * self.embedding(y)
        return scaled


class Projection(nn.Module):
    """w . f(x) + e(y) . f(x) / sqrt(d): one logit from d features.

    Miyato and Koyama 2018, equation 5. https://arxiv.org/abs/1802.05637
    The division by sqrt(d) is ours: it keeps the two summands of one size, whatever d. `divisor` 1 is the paper's.
    """

    def __init__(self, features: int, classes: int, divisor: float | None = None) -> None:
        super().__init__()
        self.divisor = features**0.5 if divisor is None else divisor
        self.linear = nn.Linear(features, 1)
        self.embedding = nn.Embedding(classes, features) if classes else None

    def forward(self, features: Tensor, y: Tensor | None) -> Tensor:
        logit: Tensor = self.linear(features)  # [B, 1]
        if self.embedding is None:
            return logit
        match = (self.embedding(y) * features).sum(1, keepdim=True)
        return logit + match / self.divisor


def dcgan_init(network: nn.Module) -> None:
    """Weights of convolutions N(0, 0.02), of batch norm N(1, 0.02), biases 0.

    Radford et al. 2016, section 4. https://arxiv.org/abs/1511.06434
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear | nn.BatchNorm2d) and module.bias is not None:
            nn.init.zeros_(module.bias)


def flattened(x: Tensor) -> Tensor:
    """x [B, ...] -> [B, N], whose gradient has the layout of x in memory.

    The gradient of `flatten` is channels first; the activation before it, channels last, then takes ten times as long.
    """
    made: Tensor = Flatten.apply(x)  # type: ignore[no-untyped-call]
    return made


class Flatten(torch.autograd.Function):
    """`flattened`; its gradient is made of differentiable operations, so that it has a gradient itself."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.size = x.shape
        ctx.last = x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last)
        return x.flatten(1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        gradient = gradients[0].view(ctx.size)
        return gradient.contiguous(memory_format=torch.channels_last) if ctx.last else gradient


def full_precision(x: Tensor) -> AbstractContextManager[object]:
    """Switches autocast off: a logit is a sum over many features, which bf16 would round to three digits."""
    device = x.device.type
    return torch.autocast(device, enabled=False) if torch.amp.is_autocast_available(device) else nullcontext()


def class_count(conditional: bool, classes: tuple[str, ...]) -> int:
    """The number of classes of a conditional network; 0 for others. Raises UsageError without labels."""
    if conditional and not classes:
        raise UsageError(
            "a conditional network needs labels, and the data have none",
            hint="Bring labels (--labels folders, a CSV, or y), or name a recipe that is not conditional.",
        )
    return len(classes) if conditional else 0


def centre_crop(x: Tensor, height: int, width: int) -> Tensor:
    """The middle of a picture: [B, C, H, W] -> [B, C, height, width]."""
    top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
    return x[:, :, top : top + height, left : left + width]


def centre_pad(x: Tensor, height: int, width: int) -> Tensor:
    """The picture with its border repeated outward: [B, C, H, W] -> [B, C, height, width]."""
    down, right = height - x.shape[2], width - x.shape[3]
    if not down and not right:
        return x
    return torch.nn.functional.pad(x, (right // 2, right - right // 2, down // 2, down - down // 2), mode="replicate")


def in_range(x: Tensor) -> Tensor:
    """x with its values outside [-1, 1] moved to the border; the gradient passes as if they were not."""
    return x.clamp(-1, 1).detach() + (x - x.detach())


def picture_shape(network: object, spec: Spec) -> tuple[int, int, int]:
    """[C, H, W] of the data, or a UsageError where they are no pictures."""
    if len(spec.shape) != 3:
        hint = "Use Mlp and MlpCritic for points." if len(spec.shape) == 1 else ""
        raise UsageError(f"{type(network).__name__} is for pictures, and these data are {spec.domain}", hint=hint)
    channels, height, width = spec.shape
    return channels, height, width


def given_channels(network: object, spec: Spec, name: str) -> int:
    """The channels of a given picture, or a UsageError where the data bring none of that name."""
    if name not in spec.given:
        raise UsageError(
            f"{type(network).__name__} needs a given tensor '{name}', and the data have "
            f"{', '.join(spec.given) or 'none'}",
            hint="Add the transform that makes it to the recipe's transforms, such as Hole.",
        )
    return spec.given[name].shape[0]
