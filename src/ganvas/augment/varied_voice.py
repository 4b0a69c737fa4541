"""A transform that makes of each recording one of another speed and pitch, another level, and another beginning."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import torch
import torch.nn.functional as F
from annotated_types import Ge, Lt
from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, NonNegative

Part = Annotated[float, Ge(0), Lt(1)]


@dataclass(frozen=True)
class VariedVoice:
    """x'(t) = g x(r (t - s)): r in [1 / (1 + speed), 1 + speed], s in [0, room L], g in [-quieter, louder] dB; the
    logarithms of r and g, and s, are uniform.

    Speed perturbation of Ko et al. 2015 (https://doi.org/10.21437/Interspeech.2015-711), which changes pitch and
    formants too, so that a few speakers sound like more. Between two numbers of x it is linear; what is missing is 0,
    and what goes beyond the end is cut off. A transform of the training data, drawn per sample and pass.

    Args:
        speed: the largest share by which a recording is made faster; 0 for none.
        room: the latest beginning, as a share of L.
        quieter, louder: the limits of the level's change in dB.

    Raises:
        UsageError: x is no wave [b, 1, l].

    Example:
        >>> import torch
        >>> from ganvas.augment import VariedVoice
        >>> from ganvas.base.types import Batch
        >>> same_level = VariedVoice(speed=0.0, room=0.5, quieter=0.0, louder=0.0)
        >>> same_level.transform(Batch(x=torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])), u=torch.tensor([[0.5, 0.5, 0.5]])).x
        tensor([[[0., 1., 2., 3.]]])
    """

    speed: NonNegative = 0.25
    room: Part = 0.15
    quieter: Annotated[float, Ge(0)] = 14.0
    louder: Annotated[float, Ge(0)] = 6.0
    uniforms: ClassVar[int] = 3
    training_only: ClassVar[bool] = True

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        if batch.x.ndim != 3 or batch.x.shape[1] != 1:
            message = f"voices are waves [B, 1, L], not x of shape {list(batch.x.shape)}"
            raise UsageError(message, hint="Use the domain Audio, or leave VariedVoice out.")
        x, length = batch.x[:, 0], batch.x.shape[2]
        u = u.to(x.device, torch.float64)
        rate = (1.0 + float(self.speed)) ** (2 * u[:, 0, None] - 1)  # type: ignore[arg-type]
        begin = (u[:, 1, None] * self.room * length).floor()
        gain = 10 ** ((u[:, 2, None] * (self.quieter + self.louder) - self.quieter) / 20)
        places = (torch.arange(length, device=x.device) - begin) * rate  # [B, L]
        before = places.floor()
        share = (places - before).to(x.dtype)
        padded = F.pad(x, (1, 2))  # a zero at place -1, and two behind the end
        index = (before.clamp(-1, length) + 1).long()
        made = padded.gather(1, index) * (1 - share) + padded.gather(1, index + 1) * share
        return replace(batch, x=(made * gain.to(x.dtype))[:, None])
