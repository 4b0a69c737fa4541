"""A moment of a game in the plane: the whole state of its training, with the settings and the data of that time."""

from typing import TYPE_CHECKING, Any, NamedTuple

from ..recipes import Experiment
from ..training.state import counters, restore, state_tensors

if TYPE_CHECKING:
    from torch import Tensor

    from ..training.trainer import Trainer
    from .sandbox_setup import Setup


class Window(NamedTuple):
    """The drawn square, in units of the data."""

    x: float
    y: float
    half: float


class Scene(NamedTuple):
    """What is trained, and the data that are drawn: the same until a setting changes.

    Args:
        setup: the settings.
        experiment: the recipe with its data.
        reals: the real points that are drawn, the same for every moment.
        modes: their classes, if they have some.
        window: around them.
    """

    setup: "Setup"
    experiment: Experiment
    reals: "Tensor"
    modes: "Tensor | None"
    window: Window


class Intervention(NamedTuple):
    """What a person did between two rounds; rounds between interventions repeat by themselves.

    Args:
        samples: seen at that time.
        player: that took a turn out of the order of the round, or "".
        setup: that the training went on with, or None.
    """

    samples: int
    player: str = ""
    setup: "Setup | None" = None


class Moment(NamedTuple):
    """The state after a round, a turn or a change of settings.

    Args:
        scene: settings and data.
        tensors: of `state_tensors`, copied.
        counted: of `counters`.
        stats: the loss terms of the newest turns.
        rounds: since the beginning.
        interventions: all up to this moment.
    """

    scene: Scene
    tensors: "dict[str, dict[str, Tensor]]"
    counted: dict[str, Any]
    stats: "dict[str, Tensor]"
    rounds: int
    interventions: tuple[Intervention, ...]

    @property
    def samples(self) -> int:
        """The count of samples at this moment."""
        return int(self.counted["samples_seen"])


def captured(trainer: "Trainer", scene: Scene, rounds: int, interventions: tuple[Intervention, ...]) -> Moment:
    """The moment of now. Later training does not change it."""
    tensors = {file: {k: v.detach().clone() for k, v in of.items()} for file, of in state_tensors(trainer).items()}
    return Moment(scene, tensors, counters(trainer), dict(trainer.stats), rounds, interventions)


def reinstate(trainer: "Trainer", moment: Moment) -> None:
    """Set a trainer of the moment's recipe to it, bit by bit."""
    restore(trainer, moment.tensors, moment.counted)
    trainer.stats = dict(moment.stats)
