"""Clips of video: uint8 [N, T, H, W, C] outside, float [N, C, T, H, W] in [-1, 1] inside."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ..base.errors import DataError, UsageError
from ..base.types import Spec
from ..data.source import Items
from ..ops.transparency import image_bytes, image_values
from .clip_files import enlarged, save_clips
from .images import picture_of

STRIP = 16  # frames of a clip that a preview shows at most
SMALLEST = 32  # pixels of a frame's longer side in a preview


@dataclass(frozen=True)
class Clips:
    """x = 2 v / 255 - 1 for a byte v: [C, T, H, W].

    Frames, height, width and channels of 0 are taken from the data.

    Args:
        frames: T, of a clip.
        height, width: pixels of a frame.
        channels: 1 grey, 3 colour.
        rate: frames in a second, for the files that are written.
    """

    sheet: ClassVar[int] = 10
    frames: int = 0
    height: int = 0
    width: int = 0
    channels: int = 0
    rate: float = 8.0

    def fit(self, items: Items) -> "Clips":
        if items.x.ndim != 5 or items.x.dtype != np.uint8:
            raise DataError(f"clips are uint8 [N, T, H, W, C]; these data are {items.x.dtype} {list(items.x.shape)}")
        found = dict(zip(("frames", "height", "width", "channels"), items.x.shape[1:], strict=True))
        for name, value in found.items():
            if getattr(self, name) not in (0, value):
                raise DataError(f"the recipe expects {name} {getattr(self, name)}, the clips have {value}")
        return replace(self, **found, rate=float(items.rate or self.rate))

    def spec(self, items: Items) -> Spec:
        shape = (self.channels, self.frames, self.height, self.width)
        return Spec("clips", shape, bounded=True, classes=items.classes, settings={"rate": self.rate})

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        return items.x.transpose(0, 4, 1, 2, 3)

    def to_tensor(self, stored: Tensor) -> Tensor:
        return image_values(stored)

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """Bytes [N, T, H, W, C]."""
        found: np.ndarray[Any, Any] = image_bytes(x.detach().cpu()).permute(0, 2, 3, 4, 1).numpy()
        return found

    def as_written(self, x: Tensor) -> Tensor:
        """x after `decode` and `encode`."""
        return image_values(image_bytes(x))

    def features(self, x: Tensor) -> Tensor:
        """Vectors [N, C H W / 2]: the mean frame, and the mean change from a frame to the next, at half the size."""
        x = x.detach().float()
        return torch.cat([avg_pool2d(each, 2).flatten(1) for each in (x.mean(2), x.diff(dim=2).abs().mean(2))], 1)

    def write(self, samples: np.ndarray[Any, Any], out: Path) -> None:
        """Clips as one moving picture of all side by side (.gif), or as a folder with a .webp for each."""
        if out.suffix.lower() not in ("", ".gif"):
            raise UsageError(
                f"clips are not written as {out.suffix}",
                where=str(out),
                hint="Use -o clips.gif, a folder, -o strips.png (a film strip for each), or -o clips.npz.",
            )
        save_clips(samples, out, self.rate)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """A film strip for each clip, one below the other: at most 16 frames, the first and the last among them."""
        clips = self.decode(x)
        shown = np.linspace(0, clips.shape[1] - 1, min(STRIP, clips.shape[1])).round().astype(int)
        strips = np.pad(clips[:, shown], ((0, 0), (0, 0), (0, 1), (0, 1), (0, 0)), constant_values=128)
        n, frames, height, width, channels = strips.shape
        sheet = strips.transpose(0, 2, 1, 3, 4).reshape(n * height, frames * width, channels)
        zoom = max(1, -(-SMALLEST // max(height, width)))
        picture = picture_of(sheet)
        return enlarged(picture, zoom)
