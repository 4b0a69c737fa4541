"""Changes of resolution with a smooth filter."""

import torch
import torch.nn.functional as F
from torch import Tensor

TAPS = (1.0, 3.0, 3.0, 1.0)


def doubled(x: Tensor) -> Tensor:
    """[B, C, H, W] -> [B, C, 2 H, 2 W] by bilinear interpolation: the filter 1, 3, 3, 1 between zeros.

    The edge is repeated outward, where Zhang 2019 has zeros. https://arxiv.org/abs/1904.11486
    """
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def smoothed(x: Tensor, *, stride: int, padding: int) -> Tensor:
    """x filtered by 1, 3, 3, 1 (divided by 8) along both axes, with zeros beyond the edge.

    Zhang 2019, section 3: a filter before sampling avoids aliasing. https://arxiv.org/abs/1904.11486

    Args:
        x: [B, C, H, W].
        stride: pixels from one output to the next; 2 with a padding of 1 halves the resolution.
        padding: zeros on each side; 2 with a stride of 1 gives [B, C, H + 1, W + 1].
    """
    taps = torch.tensor(TAPS, dtype=x.dtype, device=x.device) / sum(TAPS)
    kernel = (taps[:, None] * taps).expand(x.shape[1], 1, -1, -1)
    return F.conv2d(x, kernel, stride=stride, padding=padding, groups=x.shape[1])
