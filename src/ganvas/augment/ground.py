"""A view that puts transparent pictures on random grounds and keeps alpha beside the colours."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.draws import Draws
from ..base.errors import UsageError
from ..base.types import Spec
from ..ops.transparency import on_ground


@dataclass(frozen=True)
class RandomGround:
    """(p + (1 - a) g, a): premultiplied colours p with alpha a on a colour g ~ U([-1, 1]^3) for each sample, then a.

    Porter and Duff 1984, section 4.3 (over), https://doi.org/10.1145/800031.808606. A view of premultiplied pictures x
    [b, 4, h, w] that returns [b, 4, h, w]. Reals and fakes get draws of their own; the view is linear in x, so
    gradients pass to colours and alpha.

    Alpha stays, because pictures on grounds alone do not show whether a ground is transparent: a generator that paints
    a random flat ground into opaque pictures would have the same distribution.

    Place it before other views: `Colour` then changes the colours and leaves alpha as it is.

    Raises:
        UsageError: by `changed_spec`, for data without alpha.

    Example:
        >>> import torch
        >>> from ganvas.augment import RandomGround
        >>> from ganvas.base.draws import Draws
        >>> seen = RandomGround().view(torch.full((2, 4, 8, 8), -1.0), Draws(0, rows=range(2)), "real")
        >>> seen.shape, bool((seen[:, :3] == seen[:, :3, :1, :1]).all()), seen[:, 3].unique().tolist()
        (torch.Size([2, 4, 8, 8]), True, [-1.0])
    """

    def changed_spec(self, spec: Spec) -> Spec:
        """The spec of what D gets: opaque colours and alpha, which are four channels and no longer premultiplied."""
        if not spec.has_alpha:
            raise UsageError(
                f"RandomGround is for pictures with alpha, not for {spec.domain} of shape {list(spec.shape)}",
                hint="Keep transparency with --background keep, or leave RandomGround out: game.views=[]",
            )
        return replace(spec, settings=spec.opaque.settings)

    def view(self, x: Float[Tensor, "b 4 h w"], draws: Draws, stream: str) -> Float[Tensor, "b 4 h w"]:
        ground = 2 * draws.uniform(f"{stream}.ground", 3).to(x.dtype)[:, :, None, None] - 1
        return torch.cat([on_ground(x, ground), x[:, 3:]], dim=1)
