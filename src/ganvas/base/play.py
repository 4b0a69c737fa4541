"""The live networks as a turn uses them, and what a generator starts from."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor, nn

from .types import Discriminator, Generator


class Latents(NamedTuple):
    """What a generator starts from.

    Args:
        z: [B, *latent], or None where the generator takes none.
        y: the class (or InfoGAN's category) numbers [B] that it is asked for, or None.
    """

    z: Tensor | None
    y: Tensor | None = None


class Play:
    """The live networks by name, the game's state, and the settings of this turn.

    Args:
        networks: by the players' names.
        state: the game's own buffers, or None.
        turn: how many turns of this name came before; lazy penalties count by it.
        detail: how much detail a growing network shows; None for networks that do not grow.
        strength: the probability with which each view is applied to each sample, in [0, 1].
        options: further keywords that the networks take.
    """

    def __init__(
        self,
        networks: Mapping[str, nn.Module],
        state: nn.Module | None = None,
        turn: int = 0,
        detail: float | None = None,
        strength: float = 1.0,
        options: Mapping[str, float] | None = None,
    ) -> None:
        self.networks, self.state, self.turn, self.strength = networks, state, turn, strength
        self.options: dict[str, float] = dict(options or {}) | ({} if detail is None else {"detail": detail})
        self.recorded: dict[str, Tensor] = {}

    @property
    def G(self) -> Generator:
        """The player G, called as G(z, y, given, **play.options)."""
        return self.generator("G")

    @property
    def D(self) -> Discriminator:
        """The player D, called as D(x, y, given, **play.options)."""
        return self.discriminator("D")

    def generator(self, name: str) -> Generator:
        """The player of this name, which is a generator."""
        return self.networks[name]  # type: ignore[return-value]  # a network's description builds what it says

    def discriminator(self, name: str) -> Discriminator:
        """The player of this name, which is a discriminator."""
        return self.networks[name]

    def record(self, name: str, rows: Tensor) -> None:
        """Hand rows [B, ...] of this micro-batch to `Game.after_turn`, which gets those of the whole batch."""
        self.recorded[name] = rows.detach()


def has_styles(G: Any) -> bool:
    """Whether a generator has styles: w = styles(z, y), x = synthesis(w), and a running mean of w."""
    return all(hasattr(G, name) for name in ("styles", "synthesis", "mean"))
