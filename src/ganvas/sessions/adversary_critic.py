"""Any module as a discriminator of the core, and its side of a turn: verdicts, losses and penalties of a Context."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ..base.draws import Draws, torch_seeded
from ..base.errors import UsageError
from ..base.play import Play
from ..base.types import Batch as Batch
from ..base.types import Given, Loss, Network, Spec, Term, Verdict
from ..games.synthesis import each_discriminator
from ..penalties.contract import Context, Penalty, View, due, penalty_terms


class AnyCritic(nn.Module):
    """A person's own module as a discriminator: called as module(x), or module(x, y) with classes.

    Args:
        module: returns logits of any shape [B, ...], several of them in a tuple or list, or a Verdict.
        described: whether it was built from a description, and is called as module(x, y, given).
    """

    def __init__(self, module: nn.Module, *, described: bool = False) -> None:
        super().__init__()
        self.module, self.described = module, described

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        if self.described:
            found: Any = self.module(x, y, given or {})
        else:
            found = self.module(x) if y is None else self.module(x, y)
        if isinstance(found, Verdict):
            return in_float32(found)
        if isinstance(found, Tensor):
            return in_float32(Verdict(found.flatten(1) if found.ndim > 1 else found[:, None]))
        if isinstance(found, tuple | list) and found and all(isinstance(each, Tensor) for each in found):
            return in_float32(Verdict(tuple(each.flatten(1) for each in found)))
        raise UsageError(
            f"a discriminator returns logits [B, ...], not {type(found).__name__}",
            hint="Return a tensor, a tuple of tensors, or a Verdict of ganvas.networks.",
        )


def in_float32(verdict: Verdict) -> Verdict:
    """The verdict with logits in float32 (or float64), for losses under autocast."""
    logits = verdict.logits
    if isinstance(logits, Tensor):
        return verdict._replace(logits=wide(logits))
    return verdict._replace(logits=tuple(wide(each) for each in logits))


def wide(value: Tensor) -> Tensor:
    """Numbers in float32, or as they are in float64."""
    return value if value.dtype == torch.float64 else value.float()


def built(discriminator: "nn.Module | Network", shape: tuple[int, ...] | None, seed: int) -> AnyCritic:
    """The discriminator, built from its description if it is one.

    Args:
        discriminator: a module, or a description of ganvas.networks.
        shape: of one x, which a description needs.
        seed: of its weights.

    Raises:
        UsageError: a description without a shape.
    """
    if isinstance(discriminator, nn.Module):
        return AnyCritic(discriminator)
    if shape is None:
        what = f"{type(discriminator).__name__} is a description, which needs the shape of one x"
        raise UsageError(what, hint="Such as shape=(3, 32, 32).")
    domain = {3: "images", 1: "points"}.get(len(shape), "arrays")
    with torch_seeded(torch.device("cpu"), seed, "weights", "adversary"):
        return AnyCritic(discriminator.build(Spec(domain, tuple(shape), bounded=True)), described=True)


class Turns(NamedTuple):
    """What both players of an adversary minimise, by the parts of the core.

    Args:
        loss: of both sides.
        penalties: of D.
        views: changes of all samples that D gets.
    """

    loss: Loss
    penalties: tuple[Penalty, ...]
    views: tuple[View, ...]

    def discriminator(
        self, play: Play, batch: Batch, x_fake: Tensor, draws: Draws
    ) -> tuple[Context, Mapping[str, Term]]:
        """D's terms, and the context with its verdicts.

        Args:
            play: the network D, the parts' state, the number of the turn.
            batch: the reals and their classes.
            x_fake: without a graph.
            draws: random numbers of views and penalties.
        """
        penalties = due(self.penalties, play.turn)
        gradients = any(penalty.needs_gradients for penalty in penalties)
        context = Context(play, batch, draws, x_real=batch.x, x_fake=x_fake, views=self.views, gradients=gradients)
        loss = each_discriminator(self.loss.discriminator, context.real.logits, context.fake.logits)
        return context, {"adversarial": Term(loss), **penalty_terms(penalties, context)}

    def generator(self, play: Play, batch: Batch, x_fake: Tensor, draws: Draws) -> Tensor:
        """The mean of G's adversarial term, with the graph of x_fake.

        Args:
            play, batch, draws: as in `discriminator`; the reals are read by losses of pairs alone.
            x_fake: with its graph.
        """
        x_real = batch.x if self.loss.needs_real else None
        context = Context(play, batch, draws, x_real=x_real, x_fake=x_fake, views=self.views)
        real = context.real.logits if self.loss.needs_real else None
        return each_discriminator(self.loss.generator, real, context.fake.logits).mean()


def ahead(real: Tensor, fake: Tensor) -> Tensor:
    """P(D(real) > D(fake)) over all pairs of mean logits, ties counted half; a scalar in [0, 1]."""
    pairs = real.mean(1)[:, None] - fake.mean(1)[None, :]
    return ((pairs > 0).double() + 0.5 * (pairs == 0).double()).mean()
