"""Affine changes of pictures: matrices, and resampling by them with little aliasing."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from .wavelets import AFTER, BEFORE, doubling_matrix, halved


def scaling(across: Float[Tensor, " b"], down: Float[Tensor, " b"]) -> Float[Tensor, "b 3 3"]:
    """(x, y) -> (across x, down y), for each sample."""
    return torch.diag_embed(torch.stack([across, down, torch.ones_like(across)], dim=1))


def rotation(angle: Float[Tensor, " b"]) -> Float[Tensor, "b 3 3"]:
    """(x, y) -> (x cos a - y sin a, x sin a + y cos a); y goes down, so that a positive angle turns clockwise."""
    cos, sin, none = angle.cos(), angle.sin(), torch.zeros_like(angle)
    rows = [cos, -sin, none, sin, cos, none, none, none, none + 1]
    return torch.stack(rows, dim=1).view(-1, 3, 3)


def translation(right: Float[Tensor, " b"], down: Float[Tensor, " b"]) -> Float[Tensor, "b 3 3"]:
    """(x, y) -> (x + right, y + down), in pixels."""
    one, none = torch.ones_like(right), torch.zeros_like(right)
    return torch.stack([one, none, right, none, one, down, none, none, one], dim=1).view(-1, 3, 3)


def warp(x: Float[Tensor, "b c h w"], matrices: Float[Tensor, "b 3 3"]) -> Float[Tensor, "b c h w"]:
    """Pictures whose points (x, y), in pixels from the centre, are moved to matrix (x, y, 1).

    Karras et al. 2020, appendix B: the picture is sampled at half pixels by a wavelet filter (sym6), read between them
    linearly, and sampled at its pixels again by the same filter. https://arxiv.org/abs/2006.06676
    Outside, the picture is reflected about its outermost pixels; there the filter is mirrored too, which differs from
    filtering the reflected picture by the small asymmetry of sym6. The gradient to x has a gradient itself.
    Autocast must be off: matrices of half precision would move pictures.

    Args:
        x: pictures of any size.
        matrices: invertible, of the type of x.
    """
    height, width = x.shape[2:]
    fine = doubling_matrix(height, x) @ x @ doubling_matrix(width, x).mT
    places = half_pixels(torch.linalg.inv(matrices), height, width)
    moved: Tensor = Resample.apply(fine, places)  # type: ignore[no-untyped-call]
    return halved(height, x) @ moved @ halved(width, x).mT


def half_pixels(inverse: Float[Tensor, "b 3 3"], height: int, width: int) -> Float[Tensor, "b i j 2"]:
    """Where each half pixel of the result is read, from -1 at the first pixel of an axis to 1 at its last."""
    middle = (width - 1) / 2, (height - 1) / 2
    across, down = (
        torch.arange(-BEFORE, 2 * size - 1 + AFTER, device=inverse.device).to(inverse) / 2 - half
        for size, half in zip((width, height), middle, strict=True)
    )
    grid = torch.meshgrid(down, across, indexing="ij")
    points = torch.stack([grid[1], grid[0], torch.ones_like(grid[0])], dim=2).flatten(0, 1)  # [i j, 3]
    scaled = inverse[:, :2] / inverse.new_tensor([[max(each, 0.5)] for each in middle])
    return (points @ scaled.mT).view(-1, len(down), len(across), 2)


class Resample(torch.autograd.Function):
    """x [b, c, i, j] read at places [b, k, l, 2] between its pixels, linearly; reflected outside.

    It is linear in x, so its gradient is the transposed map, whose gradient is this map again. Places get no gradient.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, places: Tensor) -> Tensor:
        ctx.save_for_backward(places)
        ctx.size = x.shape
        return F.grid_sample(x, places, mode="bilinear", padding_mode="reflection", align_corners=True)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        made: Tensor = Transposed.apply(gradient, *ctx.saved_tensors, ctx.size)  # type: ignore[no-untyped-call]
        return made, None


class Transposed(torch.autograd.Function):
    """The transposed map of `Resample`."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, places: Tensor, size: torch.Size) -> Tensor:
        ctx.save_for_backward(places)
        x, linear, reflection = gradient.new_zeros(size), 0, 2
        made: Tensor = torch.ops.aten.grid_sampler_2d_backward(
            gradient, x, places, linear, reflection, True, [True, False]
        )[0]
        return made

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        made: Tensor = Resample.apply(gradient, *ctx.saved_tensors)  # type: ignore[no-untyped-call]
        return made, None, None
