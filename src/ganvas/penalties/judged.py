"""What a penalty may look at: one pass of the discriminator over reals and fakes, and its gradients."""

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..base.types import Term, Verdict, mixes_samples


class Pass:
    """x_real and x_fake with their verdicts, each computed lazily and once: in one call of D, unless D mixes samples.

    `x_real` is None where nobody looks at the reals; `gradients` says that a penalty will differentiate D.
    """

    def __init__(self, D: nn.Module, x_real: Tensor | None, x_fake: Tensor, y: Tensor | None, *, gradients: bool = False) -> None:
        self.D, self.y = D, y
        self.x_real, self.x_fake = x_real, x_fake
        if gradients and x_real is not None:  # with respect to the samples, so they become leaves of D's graph
            self.x_real, self.x_fake = x_real.detach().requires_grad_(), x_fake.detach().requires_grad_()

    @cached_property
    def real(self) -> Verdict:
        verdict: Verdict = self._both[0] if self._together else self.D(self.x_real, self.y)
        return verdict

    @cached_property
    def fake(self) -> Verdict:
        verdict: Verdict = self._both[1] if self._together else self.D(self.x_fake, self.y)
        return verdict

    @property
    def _together(self) -> bool:
        return self.x_real is not None and not mixes_samples(self.D)

    @cached_property
    def _both(self) -> tuple[Verdict, Verdict]:
        assert self.x_real is not None  # _together
        y = None if self.y is None else torch.cat([self.y, self.y])
        both: Verdict = self.D(torch.cat([self.x_real, self.x_fake]), y)
        halves = [(None, None) if value is None else value.chunk(2) for value in both]
        real, fake = zip(*halves, strict=True)
        return Verdict(*real), Verdict(*fake)

    @cached_property
    def gradients(self) -> tuple[Tensor, Tensor]:
        """d/dx of logits.mean(1) for each real and each fake, [B, *shape], differentiable once more."""
        scores = self.real.logits.mean(1).sum() + self.fake.logits.mean(1).sum()
        assert self.x_real is not None, "a penalty on gradients needs reals"
        real, fake = torch.autograd.grad(scores, [self.x_real, self.x_fake], create_graph=True)
        return real, fake


@runtime_checkable
class Penalty(Protocol):
    """A frozen dataclass of pure functions of a Pass, minimised by D (or, among a game's generator penalties, by G)."""

    @property
    def interval(self) -> int:
        """Counted in every interval-th turn."""
        ...

    @property
    def gradients(self) -> bool:
        """Whether it differentiates with respect to the samples."""
        ...

    def penalty(self, judged: Pass) -> Float[Tensor, " b"]: ...


def due(penalties: tuple[Penalty, ...], turn: int) -> tuple[Penalty, ...]:
    """Those penalties that count in the turn of this number."""
    return tuple(penalty for penalty in penalties if turn % penalty.interval == 0)


def terms(penalties: tuple[Penalty, ...], judged: Pass) -> Mapping[str, Term]:
    """One named term for each penalty."""
    found: dict[str, Term] = {}
    for place, penalty in enumerate(penalties):
        name = str(penalty) if str(penalty) not in found else f"{penalty}.{place}"
        found[name] = Term(penalty.penalty(judged))
    return found
