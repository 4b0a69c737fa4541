"""What D gets of a sample: the views of a game."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from ..base.draws import Draws
from ..base.types import Spec


@runtime_checkable
class View(Protocol):
    """A differentiable change of all samples that D gets, real or fake.

    The game decides how often it is applied, see `Game.strength`. A view that changes the form of x has `changed_spec`
    too, see `ChangesSpec`.
    """

    def view(self, x: Tensor, draws: Draws, stream: str) -> Tensor:
        """The changed samples; the gradient passes through to x.

        Args:
            x: [B, *shape], real or generated.
            draws: the turn's random numbers.
            stream: begins the names of the view's own random numbers.

        Returns:
            [B, *shape].
        """
        ...


@runtime_checkable
class ChangesSpec(Protocol):
    """A further member of a view whose result has another form than x, such as fewer channels.

    D is built for that form. Such a view is applied to every sample, whatever `Game.strength` is.
    """

    def changed_spec(self, spec: Spec) -> Spec:
        """The spec of what D gets.

        Args:
            spec: of what the view gets.

        Returns:
            The spec after the view.

        Raises:
            UsageError: it cannot change such data.
        """
        ...


@runtime_checkable
class ManyViews(Protocol):
    """A further member of a view that is made of several transforms, each of which is chosen for itself.

    Where `Game.strength` is p, each transform is applied to each sample with the probability p; `view` applies all.
    """

    def view_at(self, x: Tensor, draws: Draws, stream: str, p: float) -> Tensor:
        """The changed samples; a sample for which no transform was chosen stays exactly as it is.

        Args:
            x: [B, *shape], real or generated.
            draws: the turn's random numbers.
            stream: begins the names of the view's own random numbers.
            p: the probability of each transform, in (0, 1].

        Returns:
            [B, *shape].
        """
        ...


def viewed_spec(views: tuple[View, ...], spec: Spec) -> Spec:
    """The spec of what D gets through these views: that of x, unless a view changes it."""
    for each in views:
        spec = each.changed_spec(spec) if isinstance(each, ChangesSpec) else spec
    return spec


def in_viewed_form(views: tuple[View, ...], x: Tensor, key: str) -> Tensor:
    """x in the form that D gets, for uses outside a turn: through the views that change the spec, and no others.

    Args:
        views: of the game.
        x: [B, *shape].
        key: of the random numbers; row i has those of sample i.

    Returns:
        [B, *shape] of `viewed_spec`.
    """
    draws = Draws("outside a turn", key, rows=range(len(x)), device=x.device)
    for place, each in enumerate(views):
        if isinstance(each, ChangesSpec):
            x = each.view(x, draws, f"view.{place}")
    return x


def viewed(views: tuple[View, ...], x: Tensor, draws: Draws, stream: str, p: float) -> Tensor:
    """What D gets of x.

    Args:
        views: of the game, applied in order.
        x: [B, *shape], real or generated.
        draws: the turn's random numbers.
        stream: names the samples, such as "real".
        p: the probability with which a view (of ManyViews each transform) is applied to a sample; those that change
            the spec are always applied. With 0 the samples stay exactly as they are.

    Returns:
        [B, *shape] of `viewed_spec`.
    """
    for place, each in enumerate(views):
        name = f"view.{place}.{stream}"
        if p == 0 and not isinstance(each, ChangesSpec):
            continue
        if isinstance(each, ManyViews):
            x = each.view_at(x, draws, name, p)
            continue
        changed = each.view(x, draws, name)
        if p < 1 and not isinstance(each, ChangesSpec):
            chosen = draws.uniform(f"{name}.applied") < p
            changed = torch.where(chosen.view(-1, *[1] * (x.ndim - 1)), changed, x)
        x = changed
    return x
