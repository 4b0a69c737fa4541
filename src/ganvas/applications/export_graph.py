"""A model as one function of tensors: what an exported file computes, decoding included."""

import copy
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.play import Latents, Play
from ..base.types import Batch
from ..domains.contract import DecodesTensors
from ..sessions.model import Model
from .latent_space import has_styles
from .translator import KNOWN, MASKED, Translator

Z, Y, TRUNCATION, PICTURE, HOLES = "z", "y", "truncation", "picture", "mask"
SAMPLES, X = "samples", "x"  # outputs
EXAMPLE = 3  # rows of the example that is traced: no number that networks have by themselves


class Graph(NamedTuple):
    """A function of tensors with its inputs.

    Args:
        module: called with the inputs in their order; returns `samples` in the data's own units, and x as networks
            make it.
        inputs: an example of each input, by name.
        free: for each input, the names of its axes whose length is free, by axis.
        step: what free heights and widths are multiples of; 0 where they are fixed.
    """

    module: nn.Module
    inputs: dict[str, Tensor]
    free: dict[str, dict[int, str]]
    step: int = 0

    @property
    def of_one_size(self) -> "Graph":
        """The same function, of which the batch alone is free."""
        return self._replace(free={name: {0: axes[0]} for name, axes in self.free.items()}, step=0)


def graph_of(model: Model) -> Graph:
    """The function of a model: latents (class, truncation) to samples, or pictures (mask) to pictures.

    Raises:
        UsageError: the model makes neither, or its kind of data has no decoding that can be exported.
    """
    if model.game.output_kind != "samples":
        raise UsageError("this model makes no samples, so there is nothing to export", where=str(model.run))
    return translating(model) if model.game.needs_data else sampling(model)


def decoder_of(model: Model) -> Callable[[Tensor], Tensor]:
    """The decoding of the model's data in operations of torch. Raises UsageError: its domain has none."""
    if not isinstance(model.domain, DecodesTensors):
        kind = type(model.domain).__name__
        raise UsageError(f"data of the kind {kind} cannot be decoded in an exported file", where=str(model.run))
    return model.domain.decode_tensor


def sampling(model: Model) -> Graph:
    """z [B, latent], y int64 [B] of models with classes, truncation [1] -> samples."""
    z = torch.from_numpy(model.latents(EXAMPLE))
    y = latent_classes(model, EXAMPLE)
    inputs = {Z: z, **({} if y is None else {Y: y}), TRUNCATION: torch.ones(1)}
    return Graph(Sampling(model), inputs, {name: {0: "batch"} for name in (Z, Y) if name in inputs})


def latent_classes(model: Model, n: int, classes: Any = None) -> Tensor | None:
    """The numbers that G gets with the first n latents: classes in turn, or InfoGAN's categories; None without them."""
    if not getattr(model.networks["G"], "conditional", False):
        return None
    known = len(model.spec.classes) or int(getattr(model.networks["G"], "classes", 1))
    y = torch.arange(n) % known if classes is None else classes
    return y[torch.arange(n) % len(y)]


class Sampling(nn.Module):
    """G with the decoding of its domain; truncation psi leads to the mean style, or to z = 0, as in `ganvas edit`."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.networks = nn.ModuleDict({name: settled(network) for name, network in model.networks.items()})
        self.game, self.shape = model.game, model.spec.shape
        self.decoded = decoder_of(model)
        self.styles = has_styles(model.networks["G"])
        self.classes = getattr(model.networks["G"], "conditional", False)

    def forward(self, z: Tensor, *others: Tensor) -> tuple[Tensor, Tensor]:
        y, truncation = (others[0] if self.classes else None), others[-1]
        G: Any = self.networks["G"]
        if self.styles:
            x = G.synthesis(G.mean + truncation * (G.styles(z, y) - G.mean))
        else:
            batch = Batch(x=z.new_zeros(z.shape[0], *self.shape), y=y)
            x = self.game.generate(Play(dict(self.networks.items())), Latents(truncation * z, y), batch)
        return self.decoded(x.float()), x.float()


def settled(network: nn.Module) -> nn.Module:
    """The network, or a copy whose `copied_buffers`, such as how far it has grown, are numbers: a tracer reads none."""
    names: tuple[str, ...] = getattr(network, "copied_buffers", ())
    if not names:
        return network
    made = copy.deepcopy(network)
    for name in names:
        value = made.get_buffer(name).item()
        delattr(made, name)
        setattr(made, name, value)
    return made


def translating(model: Model) -> Graph:
    """picture [B, H, W, C] in its own units, mask bool [B, H, W] of models that fill holes -> samples."""
    translator = Translator(model)
    channels, height, width = (translator.channels, translator.trained_height, translator.trained_width)
    kind = torch.uint8 if translator.input_domain.depth == "uint8" else torch.float32
    inputs = {PICTURE: torch.zeros(EXAMPLE, height, width, channels, dtype=kind)}
    if translator.fills_holes:
        inputs[HOLES] = torch.zeros(EXAMPLE, height, width, dtype=torch.bool)
        inputs[HOLES][:, : height // 2] = True
    axes = {0: "batch", 1: "height", 2: "width"}
    return Graph(Translating(translator), inputs, dict.fromkeys(inputs, axes), translator.step)


class Translating(nn.Module):
    """The generator of a translator with both domains; where a model fills holes, the rest stays as it is."""

    def __init__(self, translator: Translator) -> None:
        super().__init__()
        self.network, self.condition = translator.network, translator.condition
        self.before, self.decoded = translator.input_domain, decoder_of(translator.model)
        shape = getattr(translator.network, "latent", ())
        self.latent: tuple[int, ...] = tuple(shape)

    def forward(self, picture: Tensor, *others: Tensor) -> tuple[Tensor, Tensor]:
        values = self.before.to_tensor(picture.permute(0, 3, 1, 2).clone())
        z = values.new_zeros(values.shape[0], *self.latent) if self.latent else None
        x = self.network(z, None, self.given(values, others)).float()
        made = self.decoded(x)
        return (torch.where(others[0][..., None], made, picture) if others else made), x

    def given(self, values: Tensor, others: tuple[Tensor, ...]) -> Mapping[str, Tensor]:
        """What the network reads of a picture."""
        if not others:
            return {self.condition: values}
        known = ~others[0][:, None]
        return {KNOWN: known.float(), MASKED: torch.where(known, values, -1.0)}
