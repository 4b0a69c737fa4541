"""Pictures with transparency: straight RGBA bytes in files, premultiplied colours and alpha in [-1, 1] in networks.

Porter and Duff 1984, "Compositing digital images", section 4.1 (premultiplied colours) and 4.3 (over).
https://doi.org/10.1145/800031.808606
"""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ..base.types import Spec
from .unit_range import to_bytes, to_unit_range

SETTING = {"alpha": "premultiplied"}  # of a Spec whose x is [4, H, W]: red, green, blue times alpha, then alpha
SCORING_GROUND = 128  # the grey on which scores and signals take transparent pictures
HAZE = 4  # alpha below this many of 255 is written as 0: nobody sees it, and a file's ground is then empty


def premultiply(x: UInt8[Tensor, "*n 4 h w"]) -> Float[Tensor, "*n 4 h w"]:
    """(2 c a / 255^2 - 1, 2 a / 255 - 1) of straight colours c and alpha a: where a is 0, all four are -1.

    Args:
        x: bytes; the channels are red, green, blue, alpha.

    Returns:
        float32 in [-1, 1], of the same shape.

    Example:
        >>> import torch
        >>> from ganvas.ops.transparency import premultiply
        >>> premultiply(torch.tensor([255, 0, 9, 0], dtype=torch.uint8).view(4, 1, 1)).flatten()
        tensor([-1., -1., -1., -1.])
    """
    shares = x.float().div_(255)
    shares[..., :3, :, :] *= shares[..., 3:, :, :]
    return shares.mul_(2).sub_(1)


def straight_bytes(x: Float[Tensor, "*n 4 h w"]) -> UInt8[Tensor, "*n 4 h w"]:
    """c = 255 p / a and 255 a, rounded: the inverse of `premultiply`, for any numbers.

    A network's colours may exceed its alpha; they are clipped to it. Alpha below HAZE becomes 0, and colours under
    alpha 0 are 0.

    Args:
        x: premultiplied colours p and alpha a, mapped to [-1, 1]; numbers outside are clipped, NaN becomes -1.

    Returns:
        uint8 of the same shape, on the same device.
    """
    shares = ((x.detach().float() + 1) / 2).nan_to_num(0.0).clamp(0, 1)
    colours, alpha = shares[..., :3, :, :], shares[..., 3:, :, :]
    straight = torch.minimum(colours, alpha) / alpha.clamp(min=0.5 / 255)
    made = torch.cat([straight, alpha], dim=-3).mul_(255).round_().to(torch.uint8)
    return made * (made[..., 3:, :, :] >= HAZE)


def image_values(x: UInt8[Tensor, "*n c h w"]) -> Float[Tensor, "*n c h w"]:
    """Bytes as networks read them, in [-1, 1]: `premultiply` for four channels, else `to_unit_range`."""
    return premultiply(x) if x.shape[-3] == 4 else to_unit_range(x)


def image_bytes(x: Float[Tensor, "*n c h w"]) -> UInt8[Tensor, "*n c h w"]:
    """Bytes as files hold them: `straight_bytes` for four channels, else `to_bytes`."""
    return straight_bytes(x) if x.shape[-3] == 4 else to_bytes(x)


def on_ground(x: Float[Tensor, "b 4 h w"], ground: Float[Tensor, "..."] | float) -> Float[Tensor, "b 3 h w"]:
    """p + (1 - a) g: premultiplied pictures over a colour g. Porter and Duff 1984, section 4.3.

    It is linear in x, so gradients pass; nothing is clipped.

    Args:
        x: premultiplied colours and alpha, mapped to [-1, 1].
        ground: g mapped to [-1, 1]: a number, or a tensor that broadcasts to [b, 3, h, w].

    Returns:
        Opaque colours, in [-1, 1] where x is valid.

    Example:
        >>> import torch
        >>> from ganvas.ops.transparency import on_ground
        >>> on_ground(torch.full((1, 4, 1, 1), -1.0), 0.25).flatten()
        tensor([0.2500, 0.2500, 0.2500])
    """
    return x[:, :3] + (1 - x[:, 3:]) * ((ground + 1) / 2)


def bytes_on_ground(x: UInt8[Tensor, "*n c h w"], ground: int = SCORING_GROUND) -> UInt8[Tensor, "*n d h w"]:
    """Straight RGBA bytes over a grey, rounded, [*n, 3, h, w]; pictures of other numbers of channels as they are."""
    if x.shape[-3] != 4:
        return x
    colours, alpha = x[..., :3, :, :].float(), x[..., 3:, :, :].float() / 255
    return (ground + alpha * (colours - ground)).round_().to(torch.uint8)


def scoring_pictures(x: Tensor, spec: Spec) -> Tensor:
    """What scores read of transparent pictures: the bytes of a file on the grey SCORING_GROUND, in [-1, 1].

    Args:
        x: [B, *shape] of the spec.
        spec: of the data.

    Returns:
        [B, 3, H, W] of a spec with alpha; else x as it is.
    """
    return to_unit_range(bytes_on_ground(straight_bytes(x))) if spec.has_alpha else x
