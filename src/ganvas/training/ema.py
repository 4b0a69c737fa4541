"""The exponential moving average of a player's weights, which is used after training."""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Gt
from torch import nn

from ..base.schedule import Schedule


@dataclass(frozen=True)
class Ema:
    """w_ema <- d w_ema + (1 - d) w, d = 0.5^(samples per step / half-life).

    Karras et al. 2018, section 3. https://arxiv.org/abs/1710.10196
    The half-life may be a schedule. It is at most `ramp` of the samples seen so far, so that short runs forget their
    beginning too.

    Args:
        halflife_samples: half-life of a weight in the average, in samples shown to D.
        ramp: the half-life's largest share of the samples seen so far.
    """

    halflife_samples: Annotated[float, Gt(0)] | Schedule = 10_000.0
    ramp: Annotated[float, Gt(0)] = 0.05

    def decay(self, samples_seen: float, passed: float) -> float:
        halflife = min(float(self.halflife_samples), self.ramp * samples_seen)  # type: ignore[arg-type]  # resolved
        return float(0.5 ** (passed / max(halflife, 1e-8)))


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """One step of the average: w_ema <- decay w_ema + (1 - decay) w.

    Floating-point buffers (batch norm's statistics) are averaged too. Integer buffers are copied, and so are those that
    a module names in `copied_buffers`: settings such as a growing network's `detail`.

    Args:
        average: changed in place.
        network: of the same structure.
        decay: in [0, 1].
    """
    ours = [*average.parameters(), *average.buffers()]
    theirs = [*network.parameters(), *network.buffers()]
    settings = {id(getattr(m, name)) for m in average.modules() for name in getattr(m, "copied_buffers", ())}
    averaged = [a.is_floating_point() and id(a) not in settings for a in ours]
    floats = [pair for pair, mean in zip(zip(ours, theirs, strict=True), averaged, strict=True) if mean]
    torch._foreach_lerp_([a for a, _ in floats], [b for _, b in floats], 1 - decay)
    for a, b, mean in zip(ours, theirs, averaged, strict=True):
        if not mean:
            a.copy_(b)
