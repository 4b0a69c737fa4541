"""The games of a sandbox: opened from what a page sends, and brought back as they were before a change."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..base.errors import UsageError
from .sandbox_game import SandboxGame
from .sandbox_moments import Moment
from .sandbox_setup import Setup

MOST_SIDES = 2
MOST_STEPS = 20  # that can be undone
LABEL = 200  # characters


class Step(NamedTuple):
    """Something that can be undone.

    Args:
        kind: "change" of a setting, or games that were given up ("open").
        label: of the games at that time.
        games: with the moment before it.
    """

    kind: str
    label: str
    games: tuple[tuple[SandboxGame, Moment], ...]


class Sides:
    """One or two games on one clock, and what can be undone.

    `label` is the page's name for what is open, such as a failure of the gallery; it means nothing here.
    """

    def __init__(self) -> None:
        self.games: list[SandboxGame] = []
        self.label = ""
        self.steps: list[Step] = []

    def open(self, sides: Sequence[Mapping[str, Any]], label: str) -> None:
        """Begin games: `sides` are objects with `recipe`, `changes` and `seed`. Those of now can be brought back."""
        if not 1 <= len(sides) <= MOST_SIDES:
            raise UsageError(f"the sandbox has 1 to {MOST_SIDES} games, not {len(sides)}")
        games = [SandboxGame(Setup(str(side["recipe"]), dict(side["changes"])), int(side["seed"])) for side in sides]
        self.note("open", self.games)
        self.games, self.label = games, str(label)[:LABEL]

    def reset(self) -> None:
        """Begin again with the settings of now."""
        sides = [{"recipe": g.setup.recipe, "changes": g.setup.changes, "seed": g.seed} for g in self.games]
        self.open(sides, self.label)

    def change(self, side: int, changes: Mapping[str, Any]) -> None:
        """Other settings for one game."""
        game = self.games[side]
        before = game.now()
        game.change(changes)
        self.note("change", [game], [before])

    def copy(self) -> None:
        """A second game that begins at the moment of the first, with the same past."""
        if len(self.games) >= MOST_SIDES:
            raise UsageError(f"there are {MOST_SIDES} games at most")
        self.games = [*self.games, self.games[0].copied()]

    def single(self, side: int) -> None:
        """Only one game goes on, from where it is."""
        chosen = self.games[side]
        self.note("open", self.games)
        self.games = [chosen]

    def note(self, kind: str, games: Sequence[SandboxGame], moments: Sequence[Moment] | None = None) -> None:
        """Remember what can be undone: games with the moments before, or of now."""
        if games:
            found = tuple(zip(games, moments or [game.now() for game in games], strict=True))
            self.steps = [*self.steps, Step(kind, self.label, found)][-MOST_STEPS:]

    def forget_later(self) -> None:
        """Drop changes that are undone already, because the training went back to before them."""
        samples = {id(game): game.trainer.samples_seen for game in self.games}
        self.steps = [
            step
            for step in self.steps
            if step.kind != "change" or all(at.samples <= samples.get(id(game), -1) for game, at in step.games)
        ]

    def undo(self) -> bool:
        """Take the last step back; returns whether games that were given up begin to go on.

        A change of settings that no training followed is taken back bit by bit; else the former settings are set and
        the training goes on. Games come back with the training that they had.
        """
        if not self.steps:
            raise UsageError("there is nothing to undo")
        step = self.steps.pop()
        if step.kind == "open":
            self.games, self.label = [game for game, _ in step.games], step.label
            for game, moment in step.games:
                game.moments = {moment.samples: moment}
                game.return_to(moment)
            return True
        for game, moment in step.games:
            if game.interventions[:-1] == moment.interventions and game.trainer.samples_seen == moment.samples:
                game.moments[moment.samples] = moment
                game.return_to(moment)
            else:
                game.adopt(moment.scene.setup)
        return False
