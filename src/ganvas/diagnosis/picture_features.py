"""The feature spaces in which the doctor compares pictures."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from ..metrics.random_features import random_features
from ..networks.efficientnet import efficientnet_lite0
from ..ops.transparency import on_ground

if TYPE_CHECKING:
    from ..base.types import Spec

Space = Literal["photo", "random"]
SIDE = 64  # pixels of the longer side
BATCH = 32
COLOURS = 3


def default_space(spec: "Spec") -> Space:
    """ "photo" for colour pictures, else "random".

    The doctor uses the network of photographs even where a discriminator has been trained on its features. Such a
    discriminator makes distances in this space too small, so it flatters a score; but samples that are all alike have
    equal features in every space, and a second network of photographs costs ten times as much.
    """
    return "photo" if spec.domain == "images" and spec.bounded and spec.shape[0] >= COLOURS else "random"


def picture_features(
    space: Space, device: torch.device | None = None, precision: str = "fp32"
) -> Callable[[Tensor], Tensor]:
    """The function from pictures [n, C, H, W] in [-1, 1] to features [n, d] on the CPU.

    Args:
        space: "photo", the pooled features of EfficientNet-Lite0 at 64 pixels; "random", those of a random network.
        device: on which photo features are computed; None for the CPU.
        precision: "bf16" for photo features in bfloat16.
    """
    if space == "random":
        return random_features
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    return partial(photo_features, device=device or torch.device("cpu"), dtype=dtype)


@torch.no_grad()
def photo_features(x: Tensor, *, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Pooled features [n, 1280] of EfficientNet-Lite0, of pictures with 64 pixels on the longer side.

    Args:
        x: [n, 3, H, W] in [-1, 1], or [n, 4, H, W] whose fourth channel is opacity and whose colours are multiplied
            by it: these are placed on grey.
        device: of the network.
        dtype: of the network.
    """
    network, (height, width) = efficientnet_lite0(device, dtype), x.shape[2:]
    scale = SIDE / max(height, width)
    size = [max(1, round(height * scale)), max(1, round(width * scale))]
    made = []
    for part in x.split(BATCH):
        part = part.to(device).float()
        part = (part if part.shape[1] == COLOURS else on_ground(part, 0.0)).clamp(-1, 1)
        resized = F.interpolate(part, size=size, mode="bilinear", antialias=True, align_corners=False)
        made.append(network.pooled(resized.to(dtype, memory_format=torch.channels_last)).cpu())
    return torch.cat(made)
