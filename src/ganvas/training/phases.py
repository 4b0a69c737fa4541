"""The phases of a run, ready to be played."""

from collections.abc import Mapping
from typing import NamedTuple

from ..base.schedule import resolve
from ..games.contract import Game
from ..networks.player import Player


class LivePhase(NamedTuple):
    """A part of the run with its turns, game and players.

    Args:
        samples: its length in samples.
        turns: names of the turns of one round, in order.
        game: with schedules.
        players: descriptions by name.
    """

    samples: int
    turns: tuple[str, ...]
    game: Game
    players: Mapping[str, Player]

    def game_at(self, samples_seen: int, total: int) -> Game:
        """The game with its schedules resolved."""
        return resolve(self.game, samples_seen, total)


def phase_at(phases: tuple[LivePhase, ...], samples_seen: int) -> LivePhase:
    """The phase at a position of the run; the last one after its end."""
    end = 0
    for phase in phases:
        end += phase.samples
        if samples_seen < end:
            return phase
    return phases[-1]
