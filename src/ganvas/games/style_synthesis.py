"""The game of generators with styles: style mixing."""

from dataclasses import dataclass

import torch

from ..base.types import Batch, Share
from .contract import Draws, Latents, Play
from .synthesis import Synthesis


@dataclass(frozen=True)
class StyleSynthesis(Synthesis):
    """Synthesis in whose training some samples have two latents: one for the layers before a random one, one after.

    Karras et al. 2019, section 3.1 (style mixing). https://arxiv.org/abs/1812.04948
    The layer where the second latent begins is uniform.

    Args:
        mixing: the share of samples with two latents.
    """

    mixing: Share = 0.9

    def latents(self, play: Play, draws: Draws, batch: Batch) -> Latents:
        latents, G = super().latents(play, draws, batch), play.networks["G"]
        if latents.z is None or not self.mixing or not G.training or not hasattr(G, "layers"):
            return latents
        layers = int(G.layers)  # type: ignore[arg-type]  # a number of theirs
        other, u = draws.normal("z.mixed", *play.G.latent), draws.uniform("mixing", 2)
        begin = torch.where(u[:, 0] < self.mixing, 1 + (u[:, 1] * (layers - 1)).long(), layers)
        first = torch.arange(layers, device=u.device) < begin[:, None]  # [B, layers]
        return latents._replace(z=torch.where(first[..., None], latents.z[:, None], other[:, None]))
