"""The logits of a run's discriminator."""

from typing import TYPE_CHECKING, cast

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.draws import torch_seeded
from ..ops.transparency import image_values
from ..sessions.model import Model
from .image_set import PictureSet

if TYPE_CHECKING:
    from ..base.types import Verdict

MOST = 10_000  # pictures of each set


@torch.no_grad()
def mean_logits(model: Model, images: PictureSet) -> Float[Tensor, "n"]:
    """The mean of D's logits of each of the first MOST pictures, float [n]; D gets their labels if it takes y."""
    found: list[Tensor] = []
    scored = images.first(MOST)
    start = 0
    for block in scored.read():
        y = None if scored.y is None else scored.y[start : start + len(block)]
        start += len(block)
        x = model.game.player_input("D", image_values(block))
        with torch_seeded(x.device, "verdicts", start):
            verdict = cast("Verdict", model.networks["D"](x, y, {}))
        found.append(verdict.scores.mean(1))
    return torch.cat(found)
