"""What a penalty may look at: one pass of the discriminator over reals and fakes, and its gradients."""

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..base.draws import Draws
from ..base.types import Term, Verdict, mixes_samples


@runtime_checkable
class View(Protocol):
    """A differentiable change of whatever D is shown, real or fake; `stream` names its random numbers among the turn's draws."""

    def view(self, x: Tensor, draws: Draws, stream: str) -> Tensor: ...


class Pass:
    """x_real and x_fake with their verdicts, each computed lazily and once: in one call of D, unless D mixes samples.

    `x_real` is None where nobody looks at the reals; `gradients` says that a penalty will read the gradients of both halves. D sees every x
    through the `views`; gradients are with respect to x as it was before them. `draws` are the turn's, for views and for penalties.
    """

    def __init__(
        self,
        D: nn.Module,
        x_real: Tensor | None,
        x_fake: Tensor,
        y: Tensor | None,
        *,
        draws: Draws | None = None,
        views: tuple[View, ...] = (),
        gradients: bool = False,
    ) -> None:
        self.D, self.y, self.views = D, y, views
        self.x_real, self.x_fake = x_real, x_fake
        self._draws = draws
        if gradients and x_real is not None:  # with respect to the samples, so they become leaves of D's graph
            self.x_real, self.x_fake = x_real.detach().requires_grad_(), x_fake.detach().requires_grad_()

    @cached_property
    def real(self) -> Verdict:
        assert self.x_real is not None, "nobody was to look at the reals"
        return self._both[0] if self._together else self.judge(self.x_real, "real")

    @cached_property
    def fake(self) -> Verdict:
        return self._both[1] if self._together else self.judge(self.x_fake, "fake")

    def judge(self, x: Tensor, stream: str) -> Verdict:
        """D's verdict of other samples of the same y, seen through the views as well."""
        verdict: Verdict = self.D(self._seen(x, stream), self.y)
        return verdict

    def gradient_at(self, x: Tensor) -> Float[Tensor, "v n"]:
        """d/dx of logits.mean(1) at other points x [B, *shape], differentiable once more: a row for each verdict (of one sample, or of one pack)."""
        x = x.detach().requires_grad_()
        logits = self.judge(x, "between").logits
        (slope,) = torch.autograd.grad(logits.mean(1).sum(), x, create_graph=True)
        return slope.reshape(len(logits), -1)

    @property
    def draws(self) -> Draws:
        assert self._draws is not None, "this penalty or view needs random numbers: Pass(..., draws=draws)"
        return self._draws

    def _seen(self, x: Tensor, stream: str) -> Tensor:
        for place, each in enumerate(self.views):
            x = each.view(x, self.draws, f"view.{place}.{stream}")
        return x

    @property
    def _together(self) -> bool:
        return self.x_real is not None and not mixes_samples(self.D)

    @cached_property
    def _both(self) -> tuple[Verdict, Verdict]:
        assert self.x_real is not None  # _together
        y = None if self.y is None else torch.cat([self.y, self.y])
        both: Verdict = self.D(torch.cat([self._seen(self.x_real, "real"), self._seen(self.x_fake, "fake")]), y)
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
        """Whether it reads `Pass.gradients`, for which the samples must be leaves of D's graph."""
        ...

    def penalty(self, judged: Pass) -> Float[Tensor, "..."]:
        """[B], a number for each verdict; or a scalar, where the part declares it, for a statistic of the batch or the weights."""
        ...


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
