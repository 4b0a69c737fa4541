"""A translator as one function of tensors, decoding included."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ..sessions.model import Model
from .export_parts import EXAMPLE, HOLES, PICTURE, Graph, decoder_of
from .translator import KNOWN, MASKED, Translator


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
    domain = translator.input_domain
    span = (domain.low, domain.high)
    return Graph(Translating(translator), inputs, dict.fromkeys(inputs, axes), translator.step, span)


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
