"""One game in the plane that is trained turn by turn: changed while it runs, and taken back to earlier moments."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ..base.errors import UsageError
from ..base.play import Play
from ..domains.points import Points
from ..games.synthesis import Synthesis
from .sandbox_moments import Intervention, Moment, Scene, Window, captured, reinstate
from .sandbox_setup import MAP_KINDS, Setup, has_modes, prepared, take_over, trainer_of

if TYPE_CHECKING:
    from ..base.types import Batch
    from ..recipes import Experiment

ROOM = 1.35  # of the drawn square, times the data's half width
DRAWN_REALS = 2000
MOMENTS = 120  # that are stored, at most


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
        experiment = prepared(setup, self.seed)
        self.scene = scene_of(setup, experiment)
        self.trainer, self.rounds = trainer_of(experiment), 0
        self.moments: dict[int, Moment] = {}
        self.interventions: tuple[Intervention, ...] = ()
        self.pending: Iterator[tuple[str, Batch]] | None = None
        self.next_turn: tuple[str, Batch] | None = None
        self.remember()

    @property
    def setup(self) -> Setup:
        """The settings of now."""
        return self.scene.setup

    @property
    def experiment(self) -> "Experiment":
        """The recipe of now, with its data."""
        return self.scene.experiment

    @property
    def reals(self) -> Tensor:
        """The real points that are drawn."""
        return self.scene.reals

    @property
    def window(self) -> Window:
        """The square that is drawn."""
        return self.scene.window

    def change(self, changes: Mapping[str, Any]) -> None:
        """Train on with other settings. A network whose form changes begins again, and other data change nothing else.

        Raises:
            UsageError: there is no such setting, or the value does not fit; nothing has changed then.
        """
        self.adopt(self.setup.changed(changes))

    def adopt(self, setup: Setup) -> None:
        """Train on with the settings of a whole set-up, as `change` does."""
        self.finish_round()
        whole, old, before = setup.whole, self.trainer, self.experiment
        if whole.source == before.recipe.source:
            new = replace(whole, seed=self.seed, domain=before.recipe.domain)
            scene = self.scene._replace(setup=setup, experiment=replace(before, recipe=new))
        else:
            scene = scene_of(setup, prepared(setup, self.seed))
        trainer = trainer_of(scene.experiment)
        take_over(trainer, old, scene.experiment.recipe, before.recipe)
        self.interventions += (Intervention(old.samples_seen, setup=setup),)
        self.scene, self.trainer = scene, trainer
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
        trainer, game = self.trainer, self.rules
        phase = trainer.phases[0]
        found = [turn for turn in phase.turns if game.turns()[turn].players == (name,)]
        if not found:
            raise UsageError(f"{name} has no turn of its own in {type(game).__name__}")
        self.interventions += (Intervention(trainer.samples_seen, player=name),)
        counted = self.samples_of(name)
        trainer.turn(game, found[0], trainer.next_batch(), phase)
        trainer.samples_seen += counted
        self.remember()

    def samples_of(self, player: str) -> int:
        """How many samples the next turn of a player counts as; with "", the next round."""
        game, phase = self.rules, self.trainer.phases[0]
        turns = [game.turns()[name] for name in phase.turns]
        if not player:
            return self.trainer.counted(game, turns)
        own = [turn for turn in turns if turn.players == (player,)]
        return self.trainer.counted(game, own[:1]) if player == game.critic else 0

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
        return has_modes(self.experiment) and self.scene.modes is not None

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

    def now(self) -> Moment:
        """The moment of now, between two rounds."""
        return captured(self.trainer, self.scene, self.rounds, self.interventions)

    def remember(self) -> None:
        """Store this moment, to go back to. Past MOMENTS of them every second one is forgotten."""
        self.moments[self.trainer.samples_seen] = self.now()
        if len(self.moments) > MOMENTS:
            self.moments = {samples: self.moments[samples] for samples in list(self.moments)[::2]}

    def back(self, samples: int) -> None:
        """Go back to exactly these samples; what came later is forgotten.

        The training is repeated from the last stored moment, bit by bit: its rounds, and what a person did between.
        """
        interventions = self.interventions
        at = max((moment for moment in self.moments if moment <= samples), default=min(self.moments))
        self.moments = {moment: state for moment, state in self.moments.items() if moment <= at}
        self.return_to(self.moments[at])
        self.repeat(samples, interventions)

    def return_to(self, moment: Moment) -> None:
        """Set everything to a moment."""
        self.pending = self.next_turn = None
        if moment.scene is not self.scene:
            self.scene, self.trainer = moment.scene, trainer_of(moment.scene.experiment)
        reinstate(self.trainer, moment)
        self.rounds, self.interventions = moment.rounds, moment.interventions

    def repeat(self, samples: int, interventions: tuple[Intervention, ...]) -> None:
        """Train up to these samples, with the interventions that are not played yet at their places."""
        left = list(interventions[len(self.interventions) :])
        while True:
            intervention = left.pop(0) if left and left[0].samples <= self.trainer.samples_seen else None
            if intervention is not None and intervention.setup is not None:
                self.adopt(intervention.setup)
            elif (
                self.is_over
                or self.trainer.samples_seen + self.samples_of(intervention.player if intervention else "") > samples
            ):
                break
            elif intervention is not None:
                self.step_player(intervention.player)
            else:
                self.trainer.round()
                self.rounds += 1
        self.remember()

    def copied(self) -> "SandboxGame":
        """The same game at the same moment, with the same past; the two then train apart."""
        self.finish_round()
        other = copy.copy(self)
        other.moments, other.trainer = dict(self.moments), trainer_of(self.experiment)
        other.return_to(self.now())
        return other


def scene_of(setup: Setup, experiment: "Experiment") -> Scene:
    """Settings with the real points that are drawn."""
    reals = experiment.stream("train").batch(0, DRAWN_REALS)
    assert isinstance(experiment.domain, Points)
    return Scene(setup, experiment, reals.x, reals.y, window_of(experiment.domain.decode(reals.x)))


def window_of(points: np.ndarray[Any, Any]) -> Window:
    """The square around points, with room for samples that miss."""
    low, high = points.min(0), points.max(0)
    half = float(max(*(high - low), 1e-3)) / 2
    return Window(float((low[0] + high[0]) / 2), float((low[1] + high[1]) / 2), half * ROOM if half > 1e-3 else 1.0)
