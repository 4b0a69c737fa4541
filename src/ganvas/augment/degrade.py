"""A transform that makes restoration tasks: blur, noise and the traces of JPEG in one picture."""

import io
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import torch
from annotated_types import Ge, Le
from jaxtyping import Float
from PIL import Image, ImageFilter
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch
from ..ops.unit_range import to_bytes, to_unit_range

NonNegative = Annotated[float, Ge(0)]
Quality = Annotated[int, Ge(1), Le(100)]


@dataclass(frozen=True)
class Degrade:
    """given["input"]: x blurred, then with noise, then stored as JPEG, in bytes, [b, c, h, w]; x is unchanged.

    blur: Gaussian, sigma uniform in [0, blur] pixels; noise: Gaussian of every value, standard deviation uniform in
    [0, noise] bytes; JPEG: quality uniform in {quality, ..., 95}. The order of Zhang et al. 2021, section 3.2, without
    their shuffling (https://arxiv.org/abs/2103.14006). Strengths and noise are drawn per sample and pass. The transform
    makes the task, so validation and test data get it too.

    Args:
        blur: the largest standard deviation of the blur, in pixels; 0: none.
        noise: the largest standard deviation of the noise, in steps of a byte; 0: none.
        quality: the least quality of JPEG, from 1 to 95; 100: no JPEG.

    Raises:
        UsageError: x is not [b, 1, h, w] or [b, 3, h, w].

    Example:
        >>> import torch
        >>> from ganvas.augment import Degrade
        >>> from ganvas.base.types import Batch
        >>> Degrade().transform(Batch(x=torch.zeros(1, 3, 8, 8)), u=torch.full((1, 4), 0.5)).given["input"].shape
        torch.Size([1, 3, 8, 8])
    """

    blur: NonNegative = 1.0
    noise: NonNegative = 20.0
    quality: Quality = 30
    uniforms: ClassVar[int] = 4
    training_only: ClassVar[bool] = False

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        if batch.x.ndim != 4 or batch.x.shape[1] not in (1, 3):
            raise UsageError(
                f"Degrade is for pictures of one or three channels, and x has the shape {list(batch.x.shape[1:])}",
                hint="Leave it out: transforms=[]",
            )
        pictures = to_bytes(batch.x).permute(0, 2, 3, 1).cpu().numpy()
        damaged = np.stack([self.damaged(each, row) for each, row in zip(pictures, u.tolist(), strict=True)])
        made = torch.from_numpy(damaged).permute(0, 3, 1, 2).contiguous()
        return batch.with_given(input=to_unit_range(made).to(batch.x.device))

    def damaged(self, picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], u: list[float]) -> np.ndarray:
        """One picture [h, w, c] after all damages, whose strengths are u[0] to u[2]; u[3] is the key of the noise."""
        one = picture.shape[2] == 1
        image = Image.fromarray(picture[:, :, 0] if one else picture)
        if self.blur:
            image = image.filter(ImageFilter.GaussianBlur(self.blur * u[0]))
        if self.noise:
            key = np.array([u[3], u[1]], np.float64).view(np.uint64)
            noise = np.random.Generator(np.random.Philox(key=key)).standard_normal(np.asarray(image).shape)
            noisy = np.rint(np.asarray(image) + self.noise * u[1] * noise).clip(0, 255)
            image = Image.fromarray(noisy.astype(np.uint8))
        if self.quality < 100:
            image = as_jpeg(image, self.quality + int(u[2] * max(1, 96 - self.quality)))
        return np.asarray(image).reshape(picture.shape)


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    """The picture after it was stored as JPEG and read again."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file, formats=("JPEG",))
