"""A game for one: learn the flow from noise to data. Lipman et al. 2023. https://arxiv.org/abs/2210.02747"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, Count, Term
from ..networks.layers import in_range
from .contract import Draws, Game, Latents, Play, Terms, Turn


@dataclass(frozen=True)
class FlowMatching(Game):
    """G: |v(x_t, t, y) - (x - z)|^2, x_t = (1 - t) z + t x, z ~ N(0, 1), t uniform: v is the mean velocity at x_t.

    Lipman et al. 2023, equation 23 with sigma_min = 0; Liu et al. 2023, equation 1
    (https://arxiv.org/abs/2209.03003). A sample is the end of the path dx/dt = v from z, in `steps` steps of Euler,
    moved into [-1, 1]. G is a network with `velocity(x, t, y)`, such as `FlowUNet`; called as a generator it takes one
    step, so that an adversarial game can go on with it. The term is a mean over the numbers of x.

    Args:
        steps: of Euler, from noise to a sample.
    """

    steps: Count = 32

    def turns(self) -> Mapping[str, Turn]:
        return {"flow": Turn(("G",), self.flow_turn)}

    def flow_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        z, t = draws.normal("z", *batch.x.shape[1:]), draws.uniform("t", 1)[:, 0]
        share = t.view(-1, *[1] * (z.ndim - 1))
        velocity = velocity_of(play)((1 - share) * z + share * batch.x, t, batch.y)
        error = (velocity - (batch.x - z)).square().flatten(1).mean(1)
        return {"velocity": Term(error)}

    def generate(self, play: Play, latents: Latents, batch: Batch) -> Tensor:
        velocity, x = velocity_of(play), latents.z
        if x is None:
            raise UsageError("FlowMatching needs latents z of the shape of x")
        for step in range(self.steps):
            t = torch.full((len(x),), step / self.steps, device=x.device)
            x = x + velocity(x, t, latents.y) / self.steps
        return in_range(x)


def velocity_of(play: Play) -> Any:
    """The velocity of the player G. Raises UsageError if it has none."""
    found = getattr(play.networks["G"], "velocity", None)
    if not callable(found):
        name = type(play.networks["G"]).__name__
        raise UsageError(f"FlowMatching needs a network of velocities, and {name} is none", hint="Use FlowUNet.")
    return found
