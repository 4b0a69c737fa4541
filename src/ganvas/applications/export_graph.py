"""A model as one function of tensors: what an exported file computes, decoding included."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.play import Latents, Play
from ..base.types import Batch
from ..sessions.model import Model
from .export_parts import EXAMPLE, TRUNCATION, Graph, Y, Z, decoder_of
from .export_translator import translating


def graph_of(model: Model) -> Graph:
    """The function of a model: latents (class, truncation) to samples, or pictures (mask) to pictures.

    Raises:
        UsageError: the model makes neither, or its kind of data has no decoding that can be exported.
    """
    if model.game.output_kind != "samples":
        raise UsageError("this model makes no samples, so there is nothing to export", where=str(model.run))
    return translating(model) if model.game.needs_data else sampling(model)


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
        self.styles = all(hasattr(model.networks["G"], name) for name in ("styles", "synthesis", "mean"))
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
