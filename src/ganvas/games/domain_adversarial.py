"""A classifier for a domain without labels, by features that are alike in it and in a labelled domain.

Ganin et al. 2016 (DANN). https://arxiv.org/abs/1505.07818
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Batch, Count, NonNegative, Spec, Term, Verdict
from .contract import Draws, Game, Play, Terms, Turn
from .supervised import class_logits


@dataclass(frozen=True)
class DomainAdversarial(Game):
    """D: -log p(y_s | x_s) - lambda L, A: L, L = softplus(-A(f(x_s))) + softplus(A(f(x_t))), f D's last features.

    Ganin et al. 2016 (DANN), equations 9 to 15. https://arxiv.org/abs/1505.07818
    Both players step on one backward pass; the features' gradient from L is multiplied by -lambda, which is the paper's
    gradient reversal. The main data are the target domain, whose labels are never read; the stream `labelled` is the
    source domain with labels. Where D has batch norm, each domain is normalised by batches of its own, and the running
    statistics, which are used afterwards, are those of the target.

    Args:
        labelled: the name of the stream of the source domain.
        reversal: lambda, in the paper a schedule from 0 to 1 (Logistic).
        features: numbers of D's last features, which A gets.
    """

    output_kind: ClassVar[str] = "classes"
    needs_data: ClassVar[bool] = True
    critic: ClassVar[str] = "D"
    labelled: str = "labelled"
    reversal: NonNegative = 1.0
    features: Count = 128

    def turns(self) -> Mapping[str, Turn]:
        return {"adaptation": Turn(("D", "A"), self.adaptation_turn)}

    def adaptation_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        x, y = batch.given[self.labelled], batch.given[f"{self.labelled}.y"]
        with unchanged_buffers(play.networks["D"]):
            source = play.D(x, None, {})
        target = play.D(batch.x, None, {})
        strength = float(self.reversal)  # type: ignore[arg-type]  # resolved before a turn
        here, there = (
            play.discriminator("A")(reversed_gradient(self.last(each), strength), None, {}).scores
            for each in (source, target)
        )
        return {
            "supervised": Term(F.cross_entropy(class_logits(source), y, reduction="none")),
            "domain": Term(F.softplus(-here) + F.softplus(there)),
        }

    def last(self, verdict: Verdict) -> Tensor:
        """D's last features [B, d]. Raises UsageError: they are others than `features` says."""
        found = verdict.features[-1].flatten(1).float() if verdict.features else torch.empty(0, 0)
        if found.shape[1] != self.features:
            raise UsageError(
                f"this discriminator has {found.shape[1]} features, and the game says {self.features}",
                hint=f"Set game.features={found.shape[1]}.",
            )
        return found

    def player_spec(self, name: str, spec: Spec) -> Spec:
        return Spec("points", (self.features,), bounded=False) if name == "A" else spec

    def player_input(self, name: str, x: Tensor) -> Tensor:
        return x.new_zeros(len(x), self.features) if name == "A" else x

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        return class_logits(play.D(batch.x, None, {}))

    def show(self, batch: Batch, output: Tensor) -> Tensor | None:
        return None


def reversed_gradient(x: Tensor, strength: float) -> Tensor:
    """x, whose gradient is multiplied by -strength."""
    return x.detach() * (1 + strength) - strength * x


@contextmanager
def unchanged_buffers(network: nn.Module) -> Iterator[None]:
    """Inside, batch norm normalises by its batch; afterwards its running statistics are as before."""
    before: list[Any] = [(buffer, buffer.clone()) for buffer in network.buffers()]
    try:
        yield
    finally:
        for buffer, value in before:
            buffer.data.copy_(value)
