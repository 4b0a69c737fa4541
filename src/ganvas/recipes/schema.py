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


@dataclass(frozen=True)
class Phase:
    """A stretch of the run: which turns make a round (the game's own round if empty), and what is changed in the recipe meanwhile.

    `samples` counts as a proportion: the phases together always last for the recipe's `samples`.
    """

    samples: Count
    turns: tuple[str, ...] = ()
    game: Game | None = None  # the rules of this phase, where they are others than the recipe's
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """Data, players and rules, and for how long. Numbers in any part may be schedules."""

    source: Source
    game: Game
    samples: Count  # reals shown to D over the run
    G: Player | None = None
    D: Player | None = None
    others: Mapping[str, Player] = field(default_factory=dict)  # for games of more than two, or with other names
    domain: Domain | None = None  # None: told from the data
    transforms: tuple[Transform, ...] = ()  # changes made on the fly: tasks, and augmentation in training
    streams: Mapping[str, Source] = field(default_factory=dict)  # further data, each in an order of its own
    batch_samples: Count = 64
    micro_batches: Count = 1  # accumulated before a step
    phases: tuple[Phase, ...] = ()
    scores: tuple[Metric, ...] = ()
    snapshots: Annotated[int, Ge(0)] = 20  # pictures over the run
    scorings: Annotated[int, Ge(0)] = 5  # on val, over the run
    diagnoses: Annotated[int, Ge(0)] = 100  # the doctor's measurements over the run, at most: at most 2 % of the time
    saves: Annotated[int, Ge(0)] = 5  # checkpoints over the run, the last one besides
    seed: int = 0
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    threads: Annotated[int, Ge(0), Le(1024)] = 0  # 0: measured

    @property
    def players(self) -> dict[str, Player]:
        """By the names that games use."""
        two = {"G": self.G, "D": self.D}
        return {name: player for name, player in two.items() if player is not None} | dict(self.others)
