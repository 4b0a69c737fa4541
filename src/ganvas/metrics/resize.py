"""The input of the Inception network, 299 x 299 in about [-1, 1], as three published tools make it of bytes.

Scores of two of them cannot be compared.
"""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from ..networks.inception import SIDE

Bytes = UInt8[Tensor, "n 3 h w"]
Inputs = Float[Tensor, "n 3 299 299"]


def tf1(x: Bytes) -> Inputs:
    """out[i] = (1 - f) x[floor(s)] + f x[floor(s) + 1], s = i h / 299, f = s - floor(s), along columns and rows; then
    (x - 128) / 128.

    TensorFlow 1's `resize_bilinear`, used by Heusel et al. 2017, https://arxiv.org/abs/1706.08500: it aligns corners,
    not centres, and does not smooth a larger picture first.

    Args:
        x: pictures.
    """
    y, down = source_positions(x.shape[2], x.device)
    above, below = (x.index_select(2, row).float() for row in y)
    across, right = source_positions(x.shape[3], x.device)
    top, bottom = (
        row.index_select(3, across[0]) + (row.index_select(3, across[1]) - row.index_select(3, across[0])) * right
        for row in (above, below)
    )
    return (top + (bottom - top) * down[:, None] - 128) / 128


def source_positions(size: int, device: torch.device) -> tuple[tuple[Tensor, Tensor], Tensor]:
    """For each of the 299 output pixels: the input pixel before, the one after, and the fraction between them, in
    float32 as in TensorFlow.
    """
    at = torch.arange(SIDE, device=device, dtype=torch.float32) * (
        torch.tensor(size, dtype=torch.float32, device=device) / SIDE
    )
    before = at.floor().long()
    return (before, (before + 1).clamp(max=size - 1)), at - before


def pytorch_fid(x: Bytes) -> Inputs:
    """2 interpolate(x / 255) - 1: bilinear, centres aligned, a larger picture not smoothed first; the order and
    rounding of pytorch-fid.

    https://github.com/mseitzer/pytorch-fid

    Args:
        x: pictures.
    """
    return 2 * F.interpolate(x.float() / 255, size=(SIDE, SIDE), mode="bilinear", align_corners=False) - 1


def clean(x: Bytes) -> Inputs:
    """Pillow's bicubic on each channel in float32, which smooths larger pictures; clamped to [0, 255], not rounded;
    then (x - 128) / 128.

    Parmar et al. 2022, section 3. https://arxiv.org/abs/2104.11222

    Args:
        x: pictures.
    """
    planes = x.cpu().numpy().astype(np.float32).reshape(-1, *x.shape[2:])
    resized = np.empty((len(planes), SIDE, SIDE), dtype=np.float32)
    for to, plane in zip(resized, planes, strict=True):
        to[:] = np.asarray(Image.fromarray(plane).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    made = torch.from_numpy(resized.clip(0, 255)).view(-1, 3, SIDE, SIDE)
    return (made.to(x.device) - 128) / 128
