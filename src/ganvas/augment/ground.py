"""A view that puts transparent pictures on random grounds, so that D gets opaque ones."""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Le
from jaxtyping import Float
from torch import Tensor

from ..base.draws import Draws
from ..base.errors import UsageError
from ..base.types import Spec
from ..ops.transparency import on_ground

Fraction = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True)
class RandomGround:
    """p + (1 - a) g, a colour g ~ U([-1, 1]^3) for each sample; for a share of them alpha a as a grey picture instead.

    Porter and Duff 1984, section 4.3 (over), https://doi.org/10.1145/800031.808606. A view of premultiplied pictures x
    [b, 4, h, w] that returns [b, 3, h, w]: D is built for three channels. Reals and fakes get draws of their own; the
    view is linear in x, so gradients pass to colours and alpha.

    D gets alpha itself now and then, because pictures on grounds alone do not show whether a ground is transparent: a
    generator that paints a random flat ground into opaque pictures would have the same distribution.

    Place it before other views, which then change opaque pictures.

    Args:
        alpha_share: the probability that D gets a sample's alpha instead of its picture, from 0 to 1.

    Raises:
        UsageError: by `changed_spec`, for data without alpha.

    Example:
        >>> import torch
        >>> from ganvas.augment import RandomGround
        >>> from ganvas.base.draws import Draws
        >>> x = torch.full((2, 4, 8, 8), -1.0)
        >>> grounds = RandomGround(alpha_share=0.0).view(x, Draws(0, rows=range(2)), "real")
        >>> grounds.shape, bool((grounds == grounds[:, :, :1, :1]).all())
        (torch.Size([2, 3, 8, 8]), True)
    """

    alpha_share: Fraction = 0.25

    def changed_spec(self, spec: Spec) -> Spec:
        """The spec of what D gets: three channels, without alpha."""
        if not spec.has_alpha:
            raise UsageError(
                f"RandomGround is for pictures with alpha, not for {spec.domain} of shape {list(spec.shape)}",
                hint="Keep transparency with --background keep, or leave RandomGround out: game.views=[]",
            )
        return spec.opaque

    def view(self, x: Float[Tensor, "b 4 h w"], draws: Draws, stream: str) -> Float[Tensor, "b 3 h w"]:
        u = draws.uniform(f"{stream}.ground", 4).to(x.dtype)
        composed = on_ground(x, 2 * u[:, :3, None, None] - 1)
        alpha = u[:, 3] < self.alpha_share
        return torch.where(alpha[:, None, None, None], x[:, 3:], composed)
