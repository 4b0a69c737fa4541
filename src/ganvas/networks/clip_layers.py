"""What networks of clips share."""

from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Spec


def clip_shape(network: object, spec: Spec) -> tuple[int, int, int, int]:
    """[C, T, H, W] of the data, or a UsageError where they are no clips."""
    if len(spec.shape) != 4:
        message = f"{type(network).__name__} is for clips [C, T, H, W], and these data are {spec.domain}"
        raise UsageError(message, hint="Use it with video: --data FOLDER of clips.")
    channels, frames, height, width = spec.shape
    return channels, frames, height, width


def frames_of(x: Tensor) -> Tensor:
    """[B, C, T, H, W] -> all frames [B T, C, H, W], clip by clip."""
    return x.transpose(1, 2).flatten(0, 1)


def clips_of(frames: Tensor, count: int) -> Tensor:
    """[B T, C, H, W] -> [B, C, T, H, W] of `count` frames a clip."""
    return frames.unflatten(0, (-1, count)).transpose(1, 2)
