"""The sandbox: one or two games in the plane that obey commands."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..base import trees
from ..base.errors import GanvasError, UsageError
from .sandbox_messages import described, moment
from .sandbox_setup import Shown
from .sandbox_sides import Sides
from .sandbox_stages import slow_round

if TYPE_CHECKING:
    from .sandbox_game import SandboxGame

SCORE_SECONDS = 0.5  # between two scores, at least, while it plays
FASTEST = 1000  # rounds in a frame

Send = Callable[[Mapping[str, Any]], None]


class Sandbox:
    """One or two games on one clock: they play equally many rounds.

    Args:
        send: called with each message.
    """

    def __init__(self, send: Send) -> None:
        self.send = send
        self.sides = Sides()
        self.is_playing, self.rounds, self.shown = False, 10, Shown()
        self.stages: Iterator[Mapping[str, Any]] | None = None
        self.slow_side = 0  # the game whose stages these are
        self.scored = 0.0

    @property
    def games(self) -> "list[SandboxGame]":
        """The games of now."""
        return self.sides.games

    def obey(self, text: str) -> bool:
        """Carry out one command; returns whether it was the last. A wrong one is answered by an `error`."""
        try:
            command = trees.from_json(text)
            if not isinstance(command, dict) or not isinstance(command.get("do"), str):
                raise UsageError("a command is an object with `do`")
            if command["do"] == "end":
                return True
            method = getattr(self, f"{command.pop('do')}_command", None)
            if method is None:
                raise UsageError("there is no such command")
            method(**command)
        except (GanvasError, LookupError, ValueError, TypeError, AttributeError, RuntimeError) as error:
            self.fail(error)
        return False

    def fail(self, error: Exception) -> None:
        """Pause, and say why."""
        self.is_playing = False
        self.send({"kind": "error", "text": str(error)})

    def open_command(self, sides: Sequence[Mapping[str, Any]], label: str = "") -> None:
        """Begin: `sides` are objects with `recipe`, `changes` and `seed`; set-ups are sent with the page's `label`."""
        self.finish_stages()
        self.shown = Shown()
        self.sides.open(sides, label)
        self.begin()

    def reset_command(self) -> None:
        """Begin again with the settings of now."""
        self.need_games()
        self.finish_stages()
        self.sides.reset()
        self.begin()

    def undo_command(self) -> None:
        """Take back the last change of settings, or bring the games back that were open before."""
        self.finish_stages()
        if self.sides.undo():
            self.begin()
        else:
            self.send_setup()

    def copy_command(self) -> None:
        """A second game from the state of the first; settings of one of them may then be changed."""
        self.need_games()
        self.finish_stages()
        self.sides.copy()
        self.send_setup()

    def single_command(self, side: int) -> None:
        """Only one of two games goes on."""
        self.finish_stages()
        self.sides.single(int(side))
        self.slow_side = 0
        self.send_setup(single=int(side))

    def begin(self) -> None:
        """Pause, and show games from the moment where they are."""
        self.is_playing, self.stages, self.slow_side = False, None, 0
        self.send_setup(begun=True)

    def play_command(self) -> None:
        """Train until `pause`."""
        self.need_games()
        self.finish_stages()
        self.is_playing = True

    def pause_command(self) -> None:
        """Stop training, and score."""
        self.is_playing = False
        if self.games:
            self.send_frame(scored=True)

    def step_command(self, player: str) -> None:
        """Train for one round ("both"), or for one turn of "D" or "G"."""
        self.need_games()
        self.finish_stages()
        self.is_playing = False
        for game in self.games:
            game.play_rounds(1) if player == "both" else game.step_player(player)
        self.send_frame(scored=True)

    def slow_command(self, side: int = 0) -> None:
        """The next stage of one game's round; the other game plays its round when this one ends."""
        self.need_games()
        if not 0 <= int(side) < len(self.games):
            raise UsageError("there is no such game")
        self.is_playing = False
        if int(side) != self.slow_side and self.stages is not None:
            self.finish_stages()
            self.send_frame(scored=False)
        self.slow_side = int(side)
        game = self.games[self.slow_side]
        self.stages = self.stages or slow_round(game, self.shown)
        stage = next(self.stages, None)
        if stage is None:
            self.play_others()
            self.send_frame(scored=False)
            self.stages = slow_round(game, self.shown)
            stage = next(self.stages)
        self.send({"kind": "stage", "side": self.slow_side, **stage})

    def leave_command(self) -> None:
        """End slow motion: its round is finished."""
        self.need_games()
        self.finish_stages()
        self.send_frame(scored=True)

    def speed_command(self, rounds: int) -> None:
        """Rounds from one frame to the next."""
        self.rounds = max(1, min(FASTEST, int(rounds)))

    def show_command(self, average: bool, optimal: bool) -> None:
        """Whether G's average is drawn, and the optimal discriminator in place of D."""
        self.shown = Shown(average=bool(average), optimal=bool(optimal))
        self.send_frame(scored=True)

    def change_command(self, side: int, changes: Mapping[str, Any]) -> None:
        """Train one game on with other settings."""
        self.finish_stages()
        self.sides.change(int(side), dict(changes))
        self.send_setup()

    def back_command(self, samples: Sequence[int]) -> None:
        """Go back to exactly these samples of each game; what came later is forgotten."""
        self.need_games()
        self.stages, self.is_playing = None, False
        for game, at in zip(self.games, samples, strict=True):
            game.back(int(at))
        self.sides.forget_later()
        self.send({"kind": "back", "samples": self.games[0].trainer.samples_seen})
        self.send_setup()

    def need_games(self) -> None:
        """Raises UsageError: nothing is open."""
        if not self.games:
            raise UsageError("nothing is open")

    def finish_stages(self) -> None:
        """Play the rest of a round in slow motion."""
        if self.stages is not None:
            self.stages = None
            for game in self.games:
                game.finish_round()
            self.play_others()

    def play_others(self) -> None:
        """A round of the games that are not in slow motion."""
        for place, game in enumerate(self.games):
            if place != self.slow_side:
                game.play_rounds(1)

    def advance(self) -> None:
        """Train for one frame, and send it."""
        try:
            for game in self.games:
                game.play_rounds(self.rounds)
        except GanvasError as error:
            self.fail(error)
            return
        if all(game.is_over for game in self.games):
            self.is_playing = False
        now = time.monotonic()
        is_due = now - self.scored >= SCORE_SECONDS or not self.is_playing
        self.scored = now if is_due else self.scored
        self.send_frame(scored=is_due)

    def send_frame(self, *, scored: bool) -> None:
        """Each game's moment; with its scores if they are due."""
        self.need_games()
        sides = [moment(game, self.shown, scored=scored) for game in self.games]
        self.send({"kind": "frame", "playing": self.is_playing, "shown": self.shown._asdict(), "sides": sides})

    def send_setup(self, *, begun: bool = False, single: int | None = None) -> None:
        """All settings and the real points, then the moment.

        Args:
            begun: whether what was shown before is of other games.
            single: the one of two games that goes on.
        """
        about = {"begun": begun, "label": self.sides.label, "undo": [each.kind for each in self.sides.steps[-1:]]}
        found = {} if single is None else {"single": single}
        self.send({"kind": "setup", **about, **found, "sides": [described(game) for game in self.games]})
        self.send_frame(scored=True)
