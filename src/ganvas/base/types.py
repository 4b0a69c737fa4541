"""The contracts: what the parts of a GAN hand to each other. Read this page first."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import torch
from annotated_types import Ge, Gt, Lt
from jaxtyping import Float
from torch import Tensor, nn

from .schedule import Number, Schedule

Count = Annotated[int, Gt(0)]
"""An integer of at least 1."""
NonNegative = Annotated[float, Ge(0)] | Schedule
"""A float of at least 0, or a Schedule of such."""
Share = Annotated[float, Ge(0), Lt(1)]
"""A float in [0, 1)."""
Given = Mapping[str, Tensor] | None
"""Further tensors of a batch, [B, ...] by name, or None."""


class TensorSpec(NamedTuple):
    """One tensor of a sample.

    Args:
        shape: without the batch.
        dtype: that networks get, such as "float32".
    """

    shape: tuple[int, ...]
    dtype: str = "float32"


@dataclass(frozen=True)
class Spec:
    """The form of one x and of what comes with it. Networks are built from it; it is stored with the model.

    Args:
        domain: the kind of data, such as "images", "points", "columns".
        shape: of one x, without the batch: [C, H, W] for images, [F] for points.
        bounded: True where x lies in [-1, 1], so that a generator ends in tanh.
        classes: class names, in the order of their numbers.
        given: further tensors of each sample, by name.
        units: the meaning of decoded values, such as "uint16 0:4095"; empty for bytes and for plain numbers.
        dtype: of x as networks get it.
        settings: settings of the domain that must be the same where the model is used, such as those of a mel filter.
    """

    domain: str
    shape: tuple[int, ...]
    bounded: bool
    classes: tuple[str, ...] = ()
    given: Mapping[str, TensorSpec] = field(default_factory=dict)
    units: str = ""
    dtype: str = "float32"
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> "Spec":
        """The spec whose `vars` were written as JSON."""
        given = {name: TensorSpec(tuple(shape), dtype) for name, (shape, dtype) in tree["given"].items()}
        named = {"shape": tuple(tree["shape"]), "classes": tuple(tree["classes"]), "given": given}
        return cls(**{**tree, **named})

    @property
    def has_alpha(self) -> bool:
        """Whether x holds premultiplied colours and alpha, [4, H, W]; see ops/transparency.py."""
        return self.settings.get("alpha") == "premultiplied"

    @property
    def opaque(self) -> "Spec":
        """The spec of the same pictures on a ground, [3, H, W]; without alpha the spec itself."""
        if not self.has_alpha:
            return self
        settings = {name: value for name, value in self.settings.items() if name != "alpha"}
        return replace(self, shape=(3, *self.shape[1:]), settings=settings)

    @property
    def sha256(self) -> str:
        """A fingerprint: two models with the same spec are models of the same form of data."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Batch:
    """Samples that a turn reads.

    Args:
        x: samples [B, *shape], as networks get them.
        y: class numbers [B], or None.
        given: further tensors [B, ...] by name.
        index: the samples' numbers [B] in their source, or None.
    """

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

    def each_image(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """The batch with x and every given image of the same height and width changed alike: pairs stay aligned."""
        sizes = self.x.shape[2:]
        images = {
            name: each for name, each in self.given.items() if each.ndim == self.x.ndim and each.shape[2:] == sizes
        }
        given = {**self.given, **{name: change(each) for name, each in images.items()}}
        return replace(self, x=change(self.x), given=given)

    def with_given(self, **tensors: Tensor) -> "Batch":
        return replace(self, given={**self.given, **tensors})


class Verdict(NamedTuple):
    """A discriminator's output for each sample. A large logit means real.

    Args:
        logits: [B, K], K > 1 for patches; or a tuple of [B, K_i] where several discriminators are joined: the loss is
            taken of each, and their means are added.
        classes: logits of the classes [B, C], where it has a class head.
        features: hidden layers [B, ...], the last one last.
        code: parameters of Q(c | x), the predicted latent code (InfoGAN).
    """

    logits: Float[Tensor, "b k"] | tuple[Tensor, ...]
    classes: Float[Tensor, "b c"] | None = None  # logits of the classes, where it has a class head
    features: tuple[Tensor, ...] = ()
    code: Float[Tensor, "b q"] | None = None  # parameters of Q(c | x), the predicted latent code (InfoGAN)

    @property
    def scores(self) -> Tensor:
        """Logits [B, K] of each verdict; of several discriminators the mean of each, [B, discriminators]."""
        if isinstance(self.logits, Tensor):
            return self.logits
        return torch.stack([each.flatten(1).mean(1) for each in self.logits], dim=1)


class Generator(Protocol):
    """A live generator: (z, y, given) -> x [B, *shape]. `latent` is the shape of one z, () where it takes none."""

    latent: tuple[int, ...]

    def __call__(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor], **options: float) -> Tensor: ...


class Discriminator(Protocol):
    """A live discriminator: (x, y, given) -> Verdict."""

    def __call__(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor], **options: float) -> Verdict: ...


class Term(NamedTuple):
    """One summand of what a turn minimises: weight * value.mean().

    Args:
        value: [B], [B, K], or a scalar for a statistic of the batch or the weights.
        weight: factor of its mean.
    """

    value: Tensor  # [B], [B, K], or a scalar for a statistic of the batch or the weights
    weight: Number = 1.0


@runtime_checkable
class Network(Protocol):
    """A frozen dataclass of hyperparameters that builds a network.

    A Generator maps (z, y, given) to x; a Discriminator maps (x, y, given) to a Verdict.

    A network that grows takes the keyword `detail` too, see `Game.detail`.
    """

    def build(self, spec: Spec) -> nn.Module:
        """A new module with random weights.

        Args:
            spec: the form of the data.

        Returns:
            A Generator or a Discriminator, in float32 on the CPU.
        """


@runtime_checkable
class Loss(Protocol):
    """Pure functions of logits [B, K] that return the logits' shape. Both sides are minimised."""

    needs_real: ClassVar[bool]  # the generator's side reads the reals' logits

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        """What D minimises, for each logit.

        Args:
            real, fake: logits [B, K] of real and generated samples.

        Returns:
            [B, K], not reduced.
        """

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        """What G minimises, for each logit.

        Args:
            real: logits [B, K] of real samples; None unless `needs_real`.
            fake: logits [B, K] of generated samples.

        Returns:
            [B, K], not reduced.
        """


@runtime_checkable
class Transform(Protocol):
    """A change made on the fly, a pure function of the batch and of `uniforms` numbers per sample and pass."""

    uniforms: ClassVar[int]
    training_only: ClassVar[bool]  # an augmentation; otherwise it makes the task, and val and test have it too

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        """The changed batch.

        Args:
            batch: B samples.
            u: uniform numbers [B, uniforms] in [0, 1), keyed by sample and pass.

        Returns:
            A batch of as many samples.
        """


def mixes_samples(network: nn.Module) -> bool:
    """Whether one sample's output depends on the others of its batch (batch norm, minibatch deviation)."""
    return any(
        getattr(module, "mixes_samples", False) or isinstance(module, nn.modules.batchnorm._BatchNorm)
        for module in network.modules()
    )
