"""One game in the plane that is trained turn by turn: changed while it runs, and taken back to earlier moments."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..base.errors import UsageError
from ..base.play import Play
from ..domains.points import Points
from ..games.synthesis import Synthesis
from ..training.state import counters, restore, state_tensors
from .sandbox_setup import MAP_KINDS, Setup, has_modes, prepared, take_over, trainer_of

if TYPE_CHECKING:
    from ..base.types import Batch

ROOM = 1.35  # of the drawn square, times the data's half width
DRAWN_REALS = 2000
MOMENTS = 120  # that are stored, at most

State = tuple[dict[str, dict[str, Tensor]], dict[str, Any]]


class Window(NamedTuple):
    """The drawn square, in units of the data."""

    x: float
    y: float
    half: float


class SandboxGame:
    """A set-up in training in this process. Nothing of it is written to files.

    Args:
        setup: what is trained.
        seed: of weights and of all random numbers.

    Raises:
        UsageError: the set-up is no recipe for points in the plane.
    """

    def __init__(self, setup: Setup, seed: int = 0) -> None:
        self.seed = seed
        self.experiment = prepared(setup, self.seed)
        self.setup, self.trainer, self.rounds = setup, trainer_of(self.experiment), 0
        self.moments: dict[int, State] = {}
        self.pending: Iterator[tuple[str, Batch]] | None = None
        self.next_turn: tuple[str, Batch] | None = None
        self.read_data()
        self.remember()

    def read_data(self) -> None:
        """The real points that are drawn, the same for every moment, and the window around them."""
        reals = self.experiment.stream("train").batch(0, DRAWN_REALS)
        self.reals, self.modes = reals.x, reals.y
        self.window = window_of(self.decoded(self.reals))

    def change(self, changes: Mapping[str, Any]) -> None:
        """Train on with other settings. A network whose form changes begins again, and other data change nothing else.

        Raises:
            UsageError: there is no such setting, or the value does not fit; nothing has changed then.
        """
        self.finish_round()
        setup = Setup(self.setup.recipe, {**self.setup.changes, **changes})
        whole, old, before = setup.whole, self.trainer, self.experiment
        same_data = whole.source == before.recipe.source
        if same_data:
            new = replace(whole, seed=self.seed, domain=before.recipe.domain)
            experiment = replace(before, recipe=new)
        else:
            experiment = prepared(setup, self.seed)
        trainer = trainer_of(experiment)
        take_over(trainer, old, experiment.recipe, before.recipe)
        self.experiment, self.trainer, self.setup = experiment, trainer, setup
        self.moments = {}
        if not same_data:
            self.read_data()
        self.remember()

    def coming(self) -> tuple[str, "Batch"]:
        """The turn that comes next and its batch; it is not played yet."""
        if self.next_turn is None:
            self.pending = self.trainer.round_in_steps()
            self.next_turn = next(self.pending)
        return self.next_turn

    def play_turn(self) -> str:
        """Play the coming turn; returns its name."""
        name, _ = self.coming()
        assert self.pending is not None
        self.next_turn = next(self.pending, None)
        if self.next_turn is None:
            self.pending, self.rounds = None, self.rounds + 1
            self.remember()
        return name

    def finish_round(self) -> None:
        """Play the rest of a round that has begun."""
        while self.next_turn is not None:
            self.play_turn()

    def play_rounds(self, count: int) -> None:
        """Play whole rounds, up to the end of the recipe."""
        self.finish_round()
        for _ in range(count):
            if self.is_over:
                break
            self.trainer.round()
            self.rounds += 1
        self.remember()

    def step_player(self, name: str) -> None:
        """Play one turn of this player, out of the order of the round. Raises UsageError: it has none."""
        self.finish_round()
        trainer = self.trainer
        phase = trainer.phases[0]
        game = phase.game_at(trainer.samples_seen, trainer.total)
        found = [turn for turn in phase.turns if game.turns()[turn].players == (name,)]
        if not found:
            raise UsageError(f"{name} has no turn of its own in {type(game).__name__}")
        trainer.turn(game, found[0], trainer.next_batch(), phase)
        trainer.samples_seen += trainer.counted(game, [game.turns()[found[0]]]) if name == game.critic else 0

    @property
    def is_over(self) -> bool:
        """Whether the recipe's samples are used up."""
        return self.trainer.samples_seen >= self.trainer.total

    @property
    def rules(self) -> Synthesis:
        """The game of this moment, its schedules resolved."""
        found = self.trainer.phases[0].game_at(self.trainer.samples_seen, self.trainer.total)
        assert isinstance(found, Synthesis)
        return found

    @property
    def latent(self) -> tuple[int, ...]:
        """The shape of one z."""
        shape: tuple[int, ...] = Play({"G": self.trainer.players["G"].network}).G.latent
        return shape

    @property
    def map_kind(self) -> str:
        """What D's logits are: of a "probability", a "target" of 0 or 1 (least squares), or a "score"."""
        name = type(self.rules.loss).__name__
        return MAP_KINDS.get(name, "score")

    @property
    def has_modes(self) -> bool:
        """Whether the classes of the data are the modes of a mixture."""
        return has_modes(self.experiment) and self.modes is not None

    @property
    def domain(self) -> Points:
        """How the data become the networks' units."""
        assert isinstance(self.experiment.domain, Points)
        return self.experiment.domain

    @property
    def scale(self) -> float:
        """Units of the data in one unit of the networks."""
        return self.domain.scale

    def decoded(self, x: Tensor) -> np.ndarray[Any, Any]:
        """Points in units of the data."""
        return self.domain.decode(x)

    def inside(self, at: Tensor) -> Tensor:
        """Points in units of the data as the networks get them."""
        return ((at.double() - torch.tensor(self.domain.mean)) / self.scale).float()

    def remember(self) -> None:
        """Store this moment, to go back to. Past MOMENTS of them every second one is forgotten."""
        tensors = {
            file: {k: v.detach().clone() for k, v in of.items()} for file, of in state_tensors(self.trainer).items()
        }
        self.moments[self.trainer.samples_seen] = tensors, {**counters(self.trainer), "rounds": self.rounds}
        if len(self.moments) > MOMENTS:
            self.moments = {samples: self.moments[samples] for samples in list(self.moments)[::2]}

    def back(self, samples: int) -> None:
        """Go back to the last stored moment at or before these samples; what came later is forgotten."""
        self.pending = self.next_turn = None
        at = max((moment for moment in self.moments if moment <= samples), default=min(self.moments))
        tensors, counted = self.moments[at]
        restore(self.trainer, tensors, counted)
        self.rounds = counted["rounds"]
        self.moments = {moment: state for moment, state in self.moments.items() if moment <= at}


def window_of(points: np.ndarray[Any, Any]) -> Window:
    """The square around points, with room for samples that miss."""
    low, high = points.min(0), points.max(0)
    half = float(max(*(high - low), 1e-3)) / 2
    return Window(float((low[0] + high[0]) / 2), float((low[1] + high[1]) / 2), half * ROOM if half > 1e-3 else 1.0)
