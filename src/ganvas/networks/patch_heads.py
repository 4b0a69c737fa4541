"""A translator whose hidden layers are compared place by place.

Park et al. 2020 (CUT). https://arxiv.org/abs/2007.15651
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Network, Spec
from .layers import given_channels
from .residual_translator import ResidualTranslator


@dataclass(frozen=True)
class PatchHeads:
    """v = H_l(E_l(x)) / |H_l(E_l(x))| of a place of each hidden layer l, H_l = W relu(W x + b) + b: a translator with
    these heads on its encoder E.

    Park et al. 2020, sections 3 and C.1, with 256 numbers in v. https://arxiv.org/abs/2007.15651. The heads are weights
    of the player, and learn with it. Translating does not use them.

    Args:
        network: a translator with `encode`, such as ResidualTranslator; it reads given["input"].
        features: numbers of v, and of each head's hidden layer.
    """

    network: Network = field(default_factory=ResidualTranslator)
    features: Count = 256

    def build(self, spec: Spec) -> nn.Module:
        trunk = self.network.build(spec)
        if not callable(getattr(trunk, "encode", None)):
            raise UsageError(
                f"PatchHeads needs a translator with hidden layers, and {type(self.network).__name__} shows none",
                hint="Use ResidualTranslator.",
            )
        given_channels(self, spec, "input")
        with torch.no_grad():
            layers = trunk.encode(torch.zeros(1, *spec.given["input"].shape))  # type: ignore[operator]
        return PatchEmbedder(trunk, [layer.shape[1] for layer in layers], self.features)


class PatchEmbedder(nn.Module):
    """given -> x, as the trunk; `hidden` and `embedded` give the vectors of places."""

    latent: tuple[int, ...] = ()
    conditional = False

    def __init__(self, trunk: nn.Module, channels: Sequence[int], features: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(count, features), nn.ReLU(), nn.Linear(features, features)) for count in channels
        )

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        x: Tensor = self.trunk(z, y, given)
        return x

    def hidden(self, x: Tensor) -> tuple[Tensor, ...]:
        """The trunk's hidden layers of pictures x [B, C, H, W]: [B, C_l, H_l, W_l]."""
        layers: tuple[Tensor, ...] = self.trunk.encode(x)  # type: ignore[operator]
        return layers

    def embedded(self, layers: Sequence[Tensor], places: Sequence[Tensor]) -> list[Tensor]:
        """The unit vectors of places.

        Args:
            layers: those of `hidden`.
            places: numbers of pixels [B, P_l] of each layer, counted row by row.

        Returns:
            [B, P_l, features] of each layer.
        """
        return [
            F.normalize(head(at_places(layer, where)).float(), dim=2)
            for head, layer, where in zip(self.heads, layers, places, strict=True)
        ]


def at_places(layer: Tensor, places: Tensor) -> Tensor:
    """Pixels of a map: [B, C, H, W] and numbers [B, P] -> [B, P, C]."""
    pixels = layer.flatten(2)  # [B, C, H * W]
    return pixels.gather(2, places[:, None].expand(-1, pixels.shape[1], -1)).transpose(1, 2)
