"""The latent code as a player: its network, and a trainer of the one loop in which no other player has turns."""

import copy
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from ..base.schedule import Cosine, Linear
from ..base.types import Batch, Spec
from ..games.inversion import Inversion
from ..networks.player import Player
from ..sessions.model import Model
from ..training import Adam, LivePhase, LivePlayer, MicroBatches, ProcessGroup, Trainer

LEARNING_RATE = 0.1  # in standard deviations of samples' codes
NOISE, NOISY = 0.05, 0.75  # on the code at the start, and the share of the search after which there is none
WARMUP = 0.05  # share of the search in which the learning rate rises


@dataclass(frozen=True)
class LatentCode:
    """Codes of several targets: centre + spread * a trained offset.

    Args:
        start: where the search begins, z [n, latent] or w [n, layers or 1, style].
        centre: mean of samples' codes, of the shape of one code.
        spread: standard deviation of samples' codes.
    """

    start: Tensor
    centre: Tensor
    spread: Tensor

    def build(self, spec: Spec) -> nn.Module:
        """A new module at the start."""
        return CodePlayer(self)


class CodePlayer(nn.Module):
    """index [B] -> codes in standard deviations of samples' codes; `point` brings them to the generator's units."""

    centre: Tensor
    spread: Tensor

    def __init__(self, described: LatentCode) -> None:
        super().__init__()
        self.register_buffer("centre", described.centre)
        self.register_buffer("spread", described.spread.clamp(min=1e-6))
        self.offset = nn.Parameter((described.start - self.centre) / self.spread)

    def forward(self, index: Tensor) -> Tensor:
        return self.offset[index]

    def point(self, offset: Tensor) -> Tensor:
        """Codes in the generator's units."""
        return self.centre + self.spread * offset


def code_trainer(model: Model, code: LatentCode, x: Tensor, y: Tensor | None, *, steps: int, seed: int) -> Trainer:
    """A trainer that plays `Inversion` with the model's frozen generator and one code for each target.

    Adam, whose rate rises over 5 % of the search and falls to 0 by a cosine, and noise on the code that falls to 0
    over 75 %, as in Karras et al. 2020, appendix D. https://arxiv.org/abs/1912.04958

    Args:
        model: its generator is copied.
        code: as many codes as targets.
        x: the targets [n, C, H, W].
        y: their classes, or None.
        steps: of Adam.
        seed: of the noise.
    """
    n, device = len(x), torch.device("cpu")
    targets = Batch(x=x, y=y, index=torch.arange(n))
    total = steps * n
    rate = Cosine(LEARNING_RATE, warmup_samples=max(1, round(WARMUP * total)))
    generator: Any = model.experiment.recipe.G
    described = {
        "code": Player(code, Adam(lr=rate, beta1=0.9)),
        "G": replace(generator, ema=None, constraints=(), gradients=None),
    }
    live = {
        "code": LivePlayer(described["code"], code.build(model.spec)),
        "G": LivePlayer(described["G"], copy.deepcopy(model.networks["G"])),
    }
    game = Inversion(game=model.game, noise=Linear(NOISE, 0.0, samples=max(1, round(NOISY * total))))
    return Trainer(
        phases=(LivePhase(total, game.round(), game, described),),
        players=live,
        states={},
        batches=lambda position, count: targets,
        parts=MicroBatches(n, 1, ProcessGroup()),
        seed=seed,
        device=device,
        precision="fp32",
    )
