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


def remaining_parts(phases: tuple[LivePhase, ...], samples_seen: int) -> list[tuple[int, int]]:
    """(start, samples) of each phase that is not over at a position; of the last phase where all are over.

    Args:
        phases: of the run.
        samples_seen: the position.
    """
    parts, start, end = list[tuple[int, int]](), 0, 0
    for phase in phases:
        start, end = end, end + phase.samples
        if samples_seen < end:
            parts.append((max(start, samples_seen), end - max(start, samples_seen)))
    return parts or [(start, end - start)]


def phase_at(phases: tuple[LivePhase, ...], samples_seen: int) -> LivePhase:
    """The phase at a position of the run; the last one after its end."""
    end = 0
    for phase in phases:
        end += phase.samples
        if samples_seen < end:
            return phase
    return phases[-1]


def players_at(phases: tuple[LivePhase, ...], samples_seen: int) -> set[str]:
    """The players that have a turn in the phase at a position of the run."""
    phase = phase_at(phases, samples_seen)
    turns = phase.game.turns()
    return {player for name in phase.turns for player in turns[name].players}
