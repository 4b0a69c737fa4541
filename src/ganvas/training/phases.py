"""Stretches of a run."""

from collections.abc import Mapping
from typing import NamedTuple

from ..base.schedule import resolve
from ..games.contract import Game
from ..networks.player import Player


class LivePhase(NamedTuple):
    """For so many samples these turns make a round, under these rules, by players so described."""

    samples: int
    turns: tuple[str, ...]
    game: Game
    players: Mapping[str, Player]

    def game_at(self, samples_seen: int, total: int) -> Game:
        """The game with its schedules resolved."""
        return resolve(self.game, samples_seen, total)


def phase_at(phases: tuple[LivePhase, ...], samples_seen: int) -> LivePhase:
    """The phase that the samples seen so far have led to."""
    end = 0
    for phase in phases:
        end += phase.samples
        if samples_seen < end:
            return phase
    return phases[-1]
