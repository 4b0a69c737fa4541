"""What a penalty reads: the players, a turn's samples, D's verdicts on them, and gradients."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrize

from ..base.draws import Draws
from ..base.errors import UsageError
from ..base.play import Latents, Play
from ..base.types import Batch, Term, Verdict, mixes_samples
from .views import View as View
from .views import in_viewed_form as in_viewed_form
from .views import viewed
from .views import viewed_spec as viewed_spec


class Context:
    """A turn's players and samples, with verdicts and gradients that are computed lazily and once.

    D gets real and fake samples in one call, unless it mixes samples, or only the fakes have a graph, as G's gradient
    would pass D for the real samples too. D gets every x through the `views`; gradients are with respect to x as it was
    before them.

    Args:
        play: the live networks: `context.play.G`, `context.play.D`.
        batch: y and `given` of the samples, for D.
        draws: the turn's random numbers, for views and penalties.
        x_real: [B, *shape], or None in a turn that does not read real samples.
        x_fake: [B, *shape]; in G's turn with its graph, so that a penalty's gradient reaches G.
        latents: what x_fake was generated from.
        intermediate: G's outputs at lesser depths, [B, *shape] each, with their graph where x_fake has its own.
        views: changes of what D gets.
        gradients: whether a penalty will read `real_gradient` or `fake_gradient`.
        critic: the name of the discriminator.
        paired: whether the views change the fake of a row by the same random numbers as the real sample of that row.
    """

    def __init__(
        self,
        play: Play,
        batch: Batch,
        draws: Draws,
        *,
        x_fake: Tensor,
        x_real: Tensor | None = None,
        latents: Latents | None = None,
        intermediate: tuple[Tensor, ...] = (),
        views: tuple[View, ...] = (),
        gradients: bool = False,
        critic: str = "D",
        paired: bool = False,
    ) -> None:
        self.play, self.draws, self.views, self.critic, self.paired = play, draws, views, critic, paired
        self.y, self.given = batch.y, batch.given
        self.x_fake = leaf(x_fake) if gradients and not x_fake.requires_grad else x_fake
        self._x_real = leaf(x_real) if gradients and x_real is not None else x_real
        self._latents, self.intermediate = latents, intermediate

    @property
    def x_real(self) -> Tensor:
        """The real samples. Raises UsageError in a turn that reads none."""
        if self._x_real is None:
            raise UsageError(
                "this turn reads no real samples", hint="A penalty that reads them says needs_real = True."
            )
        return self._x_real

    @property
    def latents(self) -> Latents:
        """What the fakes were generated from. Raises UsageError where the game does not say."""
        if self._latents is None:
            raise UsageError("this game gives penalties no latents", hint="Use the penalty in another game.")
        return self._latents

    @cached_property
    def real(self) -> Verdict:
        """D's verdict on the real samples."""
        return self._both["real"] if self._in_one_call else self.verdict(self.x_real, "real")

    @cached_property
    def fake(self) -> Verdict:
        """D's verdict on the fakes."""
        return self._both["fake"] if self._in_one_call else self.verdict(self.x_fake, "fake")

    def verdict(self, x: Tensor, stream: str) -> Verdict:
        """D's verdict on other samples of the same y, with the views applied; `stream` names their random numbers."""
        return self._discriminate(self._viewed(x, stream), self.y, self.given)

    def verdicts(self, samples: Mapping[str, Tensor]) -> dict[str, Verdict]:
        """`verdict` of several sets of samples, by their streams; in one call of D if it does not mix samples, and all
        of them have a graph or none has.
        """
        some_with_graph = len({x.requires_grad for x in samples.values()}) > 1
        if some_with_graph or mixes_samples(self.play.networks[self.critic]):
            with parametrize.cached():  # the weights of all calls are computed once
                return {stream: self.verdict(x, stream) for stream, x in samples.items()}
        count = len(samples)
        x = torch.cat([self._viewed(each, stream) for stream, each in samples.items()])
        y = None if self.y is None else self.y.repeat(count)
        given = {name: torch.cat([value] * count) for name, value in self.given.items()}
        each = zip(*(divided(value, count) for value in self._discriminate(x, y, given)), strict=True)
        return {stream: Verdict(*values) for stream, values in zip(samples, each, strict=True)}

    def gradient_at(self, x: Tensor) -> Float[Tensor, "v n"]:
        """d/dx of D's mean logit at other points x [B, *shape], differentiable once more: a row for each verdict."""
        x = leaf(x)
        verdict = self.verdict(x, "between")
        (gradient,) = torch.autograd.grad(score(verdict).sum(), x, create_graph=True)
        return gradient.reshape(rows_of(verdict), -1)

    @property
    def real_gradient(self) -> Float[Tensor, "v n"]:
        """d/dx of D's mean logit at the real samples, differentiable once more: a row for each verdict."""
        return self._gradients[0].reshape(rows_of(self.real), -1)

    @property
    def fake_gradient(self) -> Float[Tensor, "v n"]:
        """The same at the fakes."""
        return self._gradients[-1].reshape(rows_of(self.fake), -1)

    def state_of(self, part: object) -> Any:
        """The buffers of a part of the game, see `Stateful`. Raises UsageError in games that keep none for it."""
        return state_of(self.play, part)

    def _discriminate(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return self.play.discriminator(self.critic)(x, y, given, **self.play.options)

    def _viewed(self, x: Tensor, stream: str) -> Tensor:
        stream = "real" if self.paired and stream == "fake" else stream
        return viewed(self.views, x, self.draws, stream, self.play.strength)

    @property
    def _in_one_call(self) -> bool:
        return self._x_real is not None and not mixes_samples(self.play.networks[self.critic])

    @cached_property
    def _both(self) -> dict[str, Verdict]:
        return self.verdicts({"real": self.x_real, "fake": self.x_fake})

    @cached_property
    def _gradients(self) -> tuple[Tensor, ...]:
        if self._x_real is None:
            return torch.autograd.grad(score(self.fake).sum(), [self.x_fake], create_graph=True)
        scores = score(self.real).sum() + score(self.fake).sum()
        return torch.autograd.grad(scores, [self.x_real, self.x_fake], create_graph=True)


def state_of(play: Play, part: object) -> Any:
    """The buffers of a part of the game, see `Stateful`. Raises UsageError in games that keep none for it."""
    name, state = type(part).__name__, play.state
    if not isinstance(state, nn.ModuleDict) or name not in state:
        raise UsageError(
            f"{name} needs a game that keeps its state", hint="Use it in Synthesis, Simultaneous or PseudoReals."
        )
    return state[name]


def leaf(x: Tensor) -> Tensor:
    """The same numbers as a leaf of the graph, for gradients with respect to them."""
    return x.detach().requires_grad_()


def score(verdict: Verdict) -> Tensor:
    """One number for each verdict: the mean of its logits; of several discriminators the sum of their means."""
    if isinstance(verdict.logits, Tensor):
        return verdict.logits.mean(1)
    return verdict.scores.sum(1)


def rows_of(verdict: Verdict) -> int:
    """How many verdicts there are: one for each sample, or for each pack."""
    return len(verdict.logits if isinstance(verdict.logits, Tensor) else verdict.logits[0])


def divided(value: Any, parts: int) -> tuple[Any, ...]:
    """A tensor's equal parts along the batch; those of each tensor in a tuple."""
    if isinstance(value, Tensor):
        return value.chunk(parts)
    if not value:  # None, or no features
        return (value,) * parts
    return tuple(zip(*(divided(each, parts) for each in value), strict=True))


@runtime_checkable
class Penalty(Protocol):
    """A pure function of a Context, minimised by D, or by G in a game's `generator_penalties`."""

    @property
    def interval(self) -> int:
        """Counted in every interval-th turn."""
        ...

    @property
    def needs_real(self) -> bool:
        """Whether it reads the real samples."""
        ...

    @property
    def needs_gradients(self) -> bool:
        """Whether it reads `Context.real_gradient` or `fake_gradient`: the samples are then leaves of D's graph."""
        ...

    def penalty(self, context: Context) -> Float[Tensor, "..."]:
        """The numbers that are minimised.

        Args:
            context: the turn's players, samples, verdicts and gradients.

        Returns:
            [B], a number for each verdict; or a scalar, declared as Float[Tensor, ""].
        """
        ...


@runtime_checkable
class Stateful(Protocol):
    """A further member of a penalty, or of another part of a game, that learns from earlier turns."""

    def state(self) -> nn.Module:
        """Its buffers at the start of a run; they are saved in checkpoints, and `Context.state_of` gives them back."""
        ...

    def update(self, state: Any, recorded: Mapping[str, Tensor]) -> None:
        """Change the buffers after a turn.

        Args:
            state: what `state` returned.
            recorded: what the turn recorded, of the whole batch and all processes. After D's turn "real" and "fake" are
                its logits [B, K] of the samples that it was to call real, and of the fakes.
        """
        ...


def stateful(parts: Iterable[object]) -> dict[str, Stateful]:
    """The parts with a state, those that a penalty wraps too, by the names of their classes."""
    inner = [wrapped(part) for part in parts]
    return {type(part).__name__: part for part in inner if isinstance(part, Stateful)}


def due(penalties: tuple[Penalty, ...], turn: int) -> tuple[Penalty, ...]:
    """Those penalties that count in the turn of this number."""
    return tuple(penalty for penalty in penalties if turn % penalty.interval == 0)


def penalty_terms(penalties: tuple[Penalty, ...], context: Context) -> Mapping[str, Term]:
    """One term for each penalty, named after its class."""
    named: dict[str, Term] = {}
    for place, penalty in enumerate(penalties):
        name = class_name(penalty)
        named[name if name not in named else f"{name}.{place}"] = Term(penalty.penalty(context))
    return named


def class_name(penalty: object) -> str:
    """The class of a penalty, or of that which it wraps."""
    return type(wrapped(penalty)).__name__


def wrapped(penalty: object) -> object:
    """The penalty itself, or the one that it wraps."""
    inner = getattr(penalty, "each", None)
    return penalty if inner is None else wrapped(inner)
