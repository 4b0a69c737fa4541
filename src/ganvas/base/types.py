"""The contracts: what the parts of a GAN hand to each other. Read this page first."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import torch
from annotated_types import Ge, Gt, Lt
from jaxtyping import Float
from torch import Tensor, nn

from .schedule import Number, Schedule

Count = Annotated[int, Gt(0)]
NonNegative = Annotated[float, Ge(0)] | Schedule
Share = Annotated[float, Ge(0), Lt(1)]


@dataclass(frozen=True)
class Spec:
    """What one x looks like. Networks are built from it; it is stored with the model."""

    domain: str  # "images", "points", ...
    shape: tuple[int, ...]  # of one x, without the batch: [C, H, W] for images, [F] for points
    bounded: bool  # True: x lies in [-1, 1], so a generator ends in tanh
    classes: tuple[str, ...] = ()  # names, in the order of their numbers
    given: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # further tensors of a batch
    units: str = ""  # what values outside mean, such as "uint16 0:4095"; empty for bytes and for numbers

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> "Spec":
        """From what `vars(spec)` looks like after a JSON file."""
        given = {name: tuple(shape) for name, shape in tree["given"].items()}
        return cls(
            tree["domain"], tuple(tree["shape"]), tree["bounded"], tuple(tree["classes"]), given, tree.get("units", "")
        )

    @property
    def sha256(self) -> str:
        """A fingerprint: two models with the same spec speak of the same data."""
        known = {
            name: value for name, value in asdict(self).items() if name != "units" or value
        }  # without units as it was before there were any
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Batch:
    """x [B, *shape]; y [B] classes or None; given: further tensors [B, ...]; index [B]: the samples' numbers."""

    x: Tensor
    y: Tensor | None = None
    given: Mapping[str, Tensor] = field(default_factory=dict)
    index: Tensor | None = None

    def each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """The same batch with every tensor changed alike."""
        return Batch(
            x=change(self.x),
            y=None if self.y is None else change(self.y),
            given={name: change(value) for name, value in self.given.items()},
            index=None if self.index is None else change(self.index),
        )

    def rows(self, rows: range) -> "Batch":
        """A contiguous part of the batch."""
        return self.each(lambda value: value[rows.start : rows.stop])

    def take(self, index: Tensor) -> "Batch":
        """The samples at these places of the batch."""
        return self.each(lambda value: value[index])

    def with_given(self, **tensors: Tensor) -> "Batch":
        return replace(self, given={**self.given, **tensors})


class Verdict(NamedTuple):
    """What a discriminator says of each sample. A large logit means real."""

    logits: Float[Tensor, "b k"]  # K > 1 for patches, scales, periods
    classes: Float[Tensor, "b c"] | None = None  # logits of the classes, where it names them
    features: Float[Tensor, "b f"] | None = None  # the last hidden layer
    code: Float[Tensor, "b q"] | None = None  # what it reads of the latent that a sample was made from


class Term(NamedTuple):
    """One summand of what a turn minimises: weight * value.mean()."""

    value: Tensor  # [B], [B, K], or a scalar for a statistic of the batch or the weights
    weight: Number = 1.0


@runtime_checkable
class Network(Protocol):
    """A frozen dataclass of hyperparameters. A generator maps (z, y, given) to x; a discriminator (x, y) to a Verdict."""

    def build(self, spec: Spec) -> nn.Module: ...


@runtime_checkable
class Loss(Protocol):
    """Pure functions of logits [B, K] that return the logits' shape. Both sides are minimised."""

    needs_real: ClassVar[bool]  # the generator's side reads the reals' logits

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]: ...
    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]: ...


@runtime_checkable
class Transform(Protocol):
    """A change made on the fly, a pure function of the batch and of `uniforms` numbers per sample and pass."""

    uniforms: ClassVar[int]
    training_only: ClassVar[bool]  # an augmentation; otherwise it makes the task, and val and test have it too

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch: ...


@runtime_checkable
class Optimiser(Protocol):
    """A description of an optimiser; `tune` writes the numbers that a schedule may have changed."""

    def optimise(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer: ...
    def tune(self, optimiser: torch.optim.Optimizer) -> None: ...


@runtime_checkable
class Averaging(Protocol):
    """A description of an average of the weights over training."""

    def decay(self, seen: float, passed: float) -> float: ...


@runtime_checkable
class Constraint(Protocol):
    """Something that holds for a player's weights: built into a new network by `prepare`, or restored after each step by `constrain`."""

    def prepare(self, network: nn.Module) -> None: ...
    def constrain(self, network: nn.Module) -> None: ...


def mixes_samples(network: nn.Module) -> bool:
    """Whether one sample's output depends on the others of its batch (batch norm, minibatch deviation)."""
    return any(
        getattr(module, "mixes_samples", False) or isinstance(module, nn.modules.batchnorm._BatchNorm)
        for module in network.modules()
    )
