"""A recipe: a complete, named experiment in one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from ..base.types import Count, Transform
from ..data.source import Source
from ..domains.contract import Domain
from ..games.contract import Game
from ..metrics.contract import Metric
from ..networks.player import Player
from .training_spaces import trained_spaces


@dataclass(frozen=True)
class Phase:
    """A part of the run with other turns or values.

    Args:
        samples: its length relative to the other phases; together they last for the recipe's `samples`.
        turns: names of the turns of a round; empty for the game's own round.
        game: the rules of this phase; None for the recipe's.
        changes: overrides of the game and the players during this phase, by dotted path.
    """

    samples: Count
    turns: tuple[str, ...] = ()
    game: Game | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """A complete experiment: data, players, game and length. A number in a part may be a schedule.

    Args:
        source: the data.
        game: the turns and losses.
        samples: reals shown to D over the run.
        G: the generator; None for games without one.
        D: the discriminator or classifier; None for games without one.
        others: players of other names, for games with more than two.
        domain: how data become tensors; None to choose by the data.
        transforms: changes of a batch before any player reads it: tasks, and augmentation in training.
        streams: further data by name, each in its own order.
        batch_samples: samples of a batch, over all processes.
        micro_batches: parts of a batch whose gradients are accumulated before a step.
        phases: parts of the run with other turns or values.
        scores: metrics, during training and at the end.
        snapshots: number of preview sheets over the run.
        scorings: number of times that val is scored over the run.
        diagnoses: number of the doctor's measurements over the run; fewer if they would take more than 2 % of the time.
        saves: number of checkpoints over the run, besides the last one.
        remedies: times that the run may go back to a checkpoint and train on with other settings, where the doctor
            finds a full collapse or divergence; 0 for never.
        seed: of every random draw.
        precision: of the arithmetic; "auto" measures which is faster.
        patience: samples without a better first score on val after which the run ends; 0: it never ends early.
        threads: of the CPU; 0 measures how many are fastest.
    """

    source: Source
    game: Game
    samples: Count
    G: Player | None = None
    D: Player | None = None
    others: Mapping[str, Player] = field(default_factory=dict)
    domain: Domain | None = None
    transforms: tuple[Transform, ...] = ()
    streams: Mapping[str, Source] = field(default_factory=dict)
    batch_samples: Count = 64
    micro_batches: Count = 1
    phases: tuple[Phase, ...] = ()
    scores: tuple[Metric, ...] = ()
    snapshots: Annotated[int, Ge(0)] = 20
    scorings: Annotated[int, Ge(0)] = 5
    diagnoses: Annotated[int, Ge(0)] = 100
    saves: Annotated[int, Ge(0)] = 5
    remedies: Annotated[int, Ge(0), Le(100)] = 2
    seed: int = 0
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    threads: Annotated[int, Ge(0), Le(1024)] = 0
    patience: Annotated[int, Ge(0)] = 0

    def __repr__(self) -> str:
        names = [type(self.source).__name__, type(self.game).__name__]
        players = [f"{name}={type(player.network).__name__}" for name, player in self.players.items()]
        return f"Recipe({', '.join([*names, *players])}, {self.samples:,} samples)"

    @property
    def players(self) -> dict[str, Player]:
        """All players, by the names that games use."""
        two = {"G": self.G, "D": self.D}
        return {name: player for name, player in two.items() if player is not None} | dict(self.others)

    @property
    def trained_spaces(self) -> frozenset[str]:
        """The feature spaces that the players train in: scores in them flatter the run."""
        return trained_spaces(self)
