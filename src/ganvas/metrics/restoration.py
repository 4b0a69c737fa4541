"""Distances of restored pictures from the true ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Batch, Count, Spec
from ..ops.unit_range import to_bytes
from .contract import Result, require

PEAK = 255.0  # the range of a byte
WINDOW, SIGMA = 11, 1.5  # of the Gaussian, pixels
K1, K2 = 0.01, 0.03
NUMBERS = 2**22  # of pictures that are compared at a time


@dataclass(frozen=True)
class HoleError:
    """hole_l1 = mean |x - restored| over the unknown pixels, in units of x's range [-1, 1].

    mean_fill_l1: the same for a hole filled with the reals' mean there. changed_outside: known values that were
    altered; it must be 0.

    Args:
        n: pictures, at most.

    Raises:
        UsageError: by `check_spec`, for data without given["known"] (the transform Hole).
    """

    n: Count = 10_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(
            output_kind == "samples" and "known" in spec.given, self, "a given tensor called known, as Hole makes it"
        )

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        hole = (real.given["known"] == 0).expand_as(real.x)
        fill = real.x[hole].mean()
        protocol, n = {"metric": "L1 in the hole", "range": "[-1, 1]"}, len(fake.x)
        errors = {"hole_l1": (real.x - fake.x).abs(), "mean_fill_l1": (real.x - fill).abs()}
        means = [
            Result(name, float(error[hole].mean()), n, error_of_share(error * hole, hole.double()), True, protocol)
            for name, error in errors.items()
        ]
        return (*means, Result("changed_outside", float((real.x != fake.x)[~hole].sum()), n, None, True, protocol))


@dataclass(frozen=True)
class Restoration:
    """psnr (dB), ssim and l1 of restored pictures against the true ones, averaged over pairs; error: the standard error
    of that mean.

    Pictures are first rounded to bytes, as files would hold them. l1 is in units of x's range [-1, 1]. psnr_of_input:
    that of given["input"] itself, enlarged by bicubic interpolation where it is smaller; where it has x's channels.

    Args:
        n: pairs, at most.

    Raises:
        UsageError: by `check_spec`, for data other than pictures of 11 pixels a side or more with true pictures.
        DataError: by `measure`: pictures that are not finite, or no pairs.

    Example:
        >>> import torch
        >>> from ganvas.base.types import Batch
        >>> from ganvas.metrics import Restoration
        >>> true, restored = torch.zeros(1, 1, 16, 16), torch.full((1, 1, 16, 16), 0.2)
        >>> [result.name for result in Restoration().measure(real=Batch(x=true), fake=Batch(x=restored))]
        ['psnr', 'ssim', 'l1']
    """

    n: Count = 10_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        fits = spec.domain == "images" and len(spec.shape) == 3 and min(spec.shape[1:]) >= WINDOW
        require(
            output_kind == "samples" and fits and bool(spec.given),
            self,
            f"restored pictures of {WINDOW} pixels a side or more, each with its true one",
        )

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        true, restored = byte_pairs(real=real.x, fake=fake.x)
        values = {
            "psnr": in_parts(psnr, true, restored),
            "ssim": in_parts(ssim, true, restored),
            "l1": in_parts(l1, true, restored),
        }
        if (given := input_in_size(real)) is not None:
            values["psnr_of_input"] = in_parts(psnr, true, to_bytes(given))
        common = {"pairs": "as given", "quantisation": "bytes", "mean": "of pictures"}
        protocols: dict[str, dict[str, Any]] = {
            "psnr": {**common, "range": PEAK, "mse": "all channels", "least_mse": "one level in one number"},
            "ssim": {
                **common,
                "range": PEAK,
                "window": f"Gaussian {WINDOW}, sigma {SIGMA}",
                "k": [K1, K2],
                "covariance": "ddof 0",
                "border": "cropped",
            },
            "l1": {**common, "range": "[-1, 1]"},
        }
        protocols["psnr_of_input"] = {**protocols["psnr"], "of": "the input, bicubic where it is smaller"}
        return tuple(
            Result(name, float(value.mean()), len(value), standard_error(value), name == "l1", protocols[name])
            for name, value in values.items()
        )


def input_in_size(real: Batch) -> Float[Tensor, "n c h w"] | None:
    """given["input"] at the size of x, by bicubic interpolation where it is smaller, cut to [-1, 1]; None where there
    is none of x's channels.
    """
    given = real.given.get("input")
    if given is None or given.ndim != 4 or given.shape[1] != real.x.shape[1]:
        return None
    size = real.x.shape[2:]
    whole = given if given.shape[2:] == size else F.interpolate(given, size=size, mode="bicubic", align_corners=False)
    return whole.clamp(-1, 1)


def psnr(*, real: UInt8[Tensor, "n c h w"], fake: UInt8[Tensor, "n c h w"]) -> Float[Tensor, "n"]:
    """10 log10(255^2 / MSE), the mean over all channels and pixels of a picture; decibels, float64.

    A perfectly restored picture counts as one that is off by one level in one value, so that a mean over pictures stays
    finite.

    Args:
        real: true pictures.
        fake: restored pictures.
    """
    error = (real.double() - fake.double()).square().flatten(1)
    return 10 * torch.log10(PEAK**2 / error.mean(1).clamp(min=1 / error.shape[1]))


def l1(*, real: UInt8[Tensor, "n c h w"], fake: UInt8[Tensor, "n c h w"]) -> Float[Tensor, "n"]:
    """mean |x - restored| of each picture, in units of the range [-1, 1]; float64.

    Args:
        real: true pictures.
        fake: restored pictures.
    """
    return (real.double() - fake.double()).abs().flatten(1).mean(1) / (PEAK / 2)


def ssim(*, real: UInt8[Tensor, "n c h w"], fake: UInt8[Tensor, "n c h w"]) -> Float[Tensor, "n"]:
    """(2 m_x m_y + C1)(2 s_xy + C2) / ((m_x^2 + m_y^2 + C1)(s_x^2 + s_y^2 + C2)). Wang et al. 2004, equation 13.
    https://doi.org/10.1109/TIP.2003.819861

    Local means, variances and covariance (ddof 0) under an 11 x 11 Gaussian of sigma 1.5; C1 = (0.01 * 255)^2, C2 =
    (0.03 * 255)^2; averaged over the places where the window is inside the picture, and over channels.

    Args:
        real: true pictures, at least 11 pixels a side.
        fake: restored pictures.

    Returns:
        float64, at most 1.

    Raises:
        DataError: smaller pictures.
    """
    if min(real.shape[2:]) < WINDOW:
        raise DataError(f"SSIM needs pictures of {WINDOW} pixels a side, and these have {min(real.shape[2:])}")
    x, y = (side.double().flatten(0, 1)[:, None] for side in (real, fake))  # [N C, 1, H, W]
    m_x, m_y, xx, yy, xy = (blurred(part) for part in (x, y, x * x, y * y, x * y))
    c1, c2 = (K1 * PEAK) ** 2, (K2 * PEAK) ** 2
    likeness = (2 * m_x * m_y + c1) * (2 * (xy - m_x * m_y) + c2)
    likeness /= (m_x * m_x + m_y * m_y + c1) * (xx - m_x * m_x + yy - m_y * m_y + c2)
    return likeness.view(*real.shape[:2], -1).mean((1, 2))


def blurred(x: Float[Tensor, "n 1 h w"]) -> Float[Tensor, "n 1 g v"]:
    """Gaussian means at the places where the window is inside the picture: [h - 10, w - 10]."""
    weights = torch.exp(-torch.arange(-(WINDOW // 2), WINDOW // 2 + 1, dtype=x.dtype).square() / (2 * SIGMA**2))
    weights = weights / weights.sum()
    return F.conv2d(F.conv2d(x, weights.view(1, 1, -1, 1)), weights.view(1, 1, 1, -1))


def byte_pairs(
    *, real: Float[Tensor, "n ..."], fake: Float[Tensor, "m ..."]
) -> tuple[UInt8[Tensor, "n c h w"], UInt8[Tensor, "n c h w"]]:
    """True and restored pictures as bytes. Raises DataError where they are no pairs, or not finite."""
    if real.shape != fake.shape or not len(real):
        raise DataError(f"{list(fake.shape)} restored pictures are no pairs with {list(real.shape)} true ones")
    return checked_bytes(real), checked_bytes(fake)


def checked_bytes(x: Float[Tensor, "n c h w"]) -> UInt8[Tensor, "n c h w"]:
    """x in [-1, 1] rounded to bytes. Raises DataError where it is not finite."""
    if not torch.isfinite(x).all():
        raise DataError("pictures hold numbers that are not finite")
    return to_bytes(x)


def in_parts(measure: Callable[..., Tensor], real: Tensor, fake: Tensor) -> Tensor:
    """A measure of pairs, computed some pairs at a time, so that memory does not grow with n."""
    count = max(1, NUMBERS // max(1, real[0].numel()))
    return torch.cat([measure(real=x, fake=y) for x, y in zip(real.split(count), fake.split(count), strict=True)])


def standard_error(values: Float[Tensor, "n"]) -> float | None:
    """Standard error of the mean of independent values; None for one value."""
    return float(values.std() / len(values) ** 0.5) if len(values) > 1 else None


def error_of_share(parts: Float[Tensor, "n *s"], wholes: Float[Tensor, "n *s"]) -> float | None:
    """Standard error of sum parts / sum wholes over independent pictures, by the delta method. Cochran 1977, section
    6.4.
    """
    a, b = (side.double().flatten(1).sum(1) for side in (parts, wholes))
    return standard_error((a - a.sum() / b.sum() * b) / b.mean()) if len(a) > 1 else None
