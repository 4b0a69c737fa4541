"""A 3 x 3 convolution of a map whose pixels are repeated, without repeating them."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

EXACT = (torch.float32, torch.float64)
# along one axis, taps of the kernel that meet the same pixel: tap k of 4 is the sum of those taps of 3
MET = ((0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.0, 0.0))


def conv_of_doubled(
    x: Float[Tensor, "b c h w"], weight: Float[Tensor, "d c 3 3"], bias: Float[Tensor, " d"] | None = None
) -> Float[Tensor, "b d i j"]:
    """The 3 x 3 convolution, zeros around, of x with each pixel repeated 2 x 2: [B, D, 2 H, 2 W].

    In float32 and float64 on a CPU it is computed as a transposed 4 x 4 convolution of x, with the same result up to
    rounding and 4/9 of the products: of the 9 taps at a pixel of the output at most 4 meet different pixels of x.
    Elsewhere the pixels are repeated. Dumoulin and Visin 2016, section 4.5. https://arxiv.org/abs/1603.07285
    """
    if x.device.type == "cpu" and x.dtype == weight.dtype in EXACT and not torch.is_autocast_enabled("cpu"):
        return F.conv_transpose2d(x, merged_taps(weight), bias, stride=2, padding=1)
    return F.conv2d(repeated(x), weight, bias, padding=1)


def repeated(x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c i j"]:
    """Each pixel 2 x 2 times: [B, C, 2 H, 2 W]."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def merged_taps(weight: Float[Tensor, "d c 3 3"]) -> Float[Tensor, "c d 4 4"]:
    """The kernel of the transposed convolution, stride 2, padding 1, that equals the convolution of a doubled map."""
    axis = torch.tensor(MET, dtype=weight.dtype, device=weight.device)
    both = torch.einsum("ai,bj->ijab", axis, axis).reshape(9, 16)
    outputs, inputs = weight.shape[:2]
    return (weight.transpose(0, 1).reshape(-1, 9) @ both).view(inputs, outputs, 4, 4)
