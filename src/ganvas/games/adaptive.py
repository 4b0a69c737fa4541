"""A probability that follows how much D overfits. Karras et al. 2020, section 3. https://arxiv.org/abs/2006.06676"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor, nn

from ..base.types import Count, Term, Verdict
from .contract import Terms


@dataclass(frozen=True)
class Adaptive:
    """p <- clip(p + sign(r - target) n / samples, 0, most) after every `interval` turns of D; r = mean sign(D(x)).

    Karras et al. 2020, section 3, equation 1 (r_t). https://arxiv.org/abs/2006.06676
    n is the number of samples x of these turns, and D(x) its logits of them as it got them, changed by the views. r is
    0 where D cannot tell reals from fakes, and 1 where it calls every real one real: then it has learnt them by heart.

    The bound `most` is ours: the paper finds that changes do not appear in G's pictures where each is
    applied to at most 80 % of them. p itself is bounded, so that it falls at once when r does.

    The turn reports r as "overfitting" and p as "strength".

    Args:
        target: the r at which p stands still, from -1 to 1.
        samples: over which p rises from 0 to 1; the paper: 500,000, its program from trained weights: 100,000.
        most: the largest p, from 0 to 1.
        interval: turns of D from one step of p to the next.
        start: p at the beginning of the run, from 0 to 1.
    """

    target: Annotated[float, Ge(-1), Le(1)] = 0.6
    samples: Annotated[float, Gt(0)] = 500_000
    most: Annotated[float, Ge(0), Le(1)] = 0.8
    interval: Count = 4
    start: Annotated[float, Ge(0), Le(1)] = 0.0

    def state(self) -> nn.Module:
        return AdaptiveState(min(self.start, self.most))

    def update(self, state: "AdaptiveState", recorded: Mapping[str, Tensor]) -> None:
        if "real" not in recorded:
            return
        real = recorded["real"]
        state.signs += signs(real).double().sum()
        state.count += len(real)
        state.turns += 1
        if int(state.turns) < self.interval:
            return
        direction = (state.signs / state.count - self.target).sign()
        state.p.copy_((state.p + direction * state.count / self.samples).clamp(0, self.most))
        for counter in (state.signs, state.count, state.turns):
            counter.zero_()

    def probability(self, state: nn.Module | None) -> float:
        """p in a game's state; the start without one."""
        if not isinstance(state, nn.ModuleDict):
            return min(self.start, self.most)
        return float(state[type(self).__name__].p)  # type: ignore[arg-type]  # a buffer

    def reports(self, state: "AdaptiveState", real: Verdict) -> Terms:
        """r of this turn and p, as terms of weight 0."""
        r = signs(real.scores.detach())
        return {"overfitting": Term(r, 0.0), "strength": Term(state.p.to(r.dtype).expand_as(r), 0.0)}


class AdaptiveState(nn.Module):
    """p, and what was counted since its last step: the sum of the signs, samples, and turns."""

    p: Tensor
    signs: Tensor
    count: Tensor
    turns: Tensor

    def __init__(self, p: float) -> None:
        super().__init__()
        self.register_buffer("p", torch.tensor(p, dtype=torch.float64))
        self.register_buffer("signs", torch.zeros((), dtype=torch.float64))
        for name in ("count", "turns"):
            self.register_buffer(name, torch.zeros((), dtype=torch.int64))


def signs(logits: Tensor) -> Tensor:
    """The mean sign of the logits [B, K] of each sample, [B]."""
    return logits.sign().mean(1)
