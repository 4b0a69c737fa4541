"""A game: whose turn it is, and what each turn minimises."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, NamedTuple

from torch import Tensor, nn

from ..base.draws import Draws
from ..base.types import Batch, Spec, Term

Terms = Mapping[str, Term]


class Play:
    """The live networks as a turn sees them: `play.G(z, y)`, `play.D(x, y)`."""

    def __init__(self, networks: Mapping[str, nn.Module], state: nn.Module | None = None, turn: int = 0) -> None:
        self.networks = networks
        self.state = state
        self.turn = turn  # how many turns of this name came before: lazy penalties count by it

    @property
    def latent(self) -> tuple[int, ...]:
        """The shape of one latent z, as G declares it."""
        shape: tuple[int, ...] = self.networks["G"].latent  # type: ignore[assignment]  # a generator has it
        return shape

    def __getattr__(self, name: str) -> nn.Module:
        try:
            return self.networks[name]
        except KeyError:
            raise AttributeError(f"no player named {name}") from None


class Turn(NamedTuple):
    """One player's move: `terms(play, batch, draws)` are what that player minimises, all others held still."""

    player: str
    terms: Callable[[Play, Batch, Draws], Terms]
    reals: bool = True  # whether it looks at the batch's x, and so is dealt a fresh batch


class Game(ABC):
    """The rules, in a frozen dataclass. A game never touches optimisers, devices, checkpoints or logs."""

    images_per_sample: ClassVar[int] = 1  # pictures that `show` makes of one sample
    output_kind: ClassVar[str] = "samples"  # or "classes": what `output` is
    needs_data: ClassVar[bool] = False  # whether `output` reads the batch; otherwise only noise and classes

    @abstractmethod
    def turns(self) -> Mapping[str, Turn]:
        """Every turn there is, by name."""

    def round(self) -> tuple[str, ...]:
        """The names of one round's turns, in order."""
        return tuple(self.turns())

    @abstractmethod
    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        """What the trained players make of a batch: samples, restorations, class logits."""

    def judge(self, play: Play, batch: Batch, x: Tensor) -> Tensor | None:
        """D's logits of x in the place of the batch's x, for those who look on; None where no D tells reals from fakes."""
        return None

    def show(self, batch: Batch, output: Tensor) -> Tensor | None:
        """The pictures that tell how it goes, in order; None where there is nothing to see."""
        return output

    def state(self, spec: Spec) -> nn.Module | None:
        """Buffers that the rules themselves own, changed by `after_turn` alone and saved with the players."""
        return None

    def after_turn(self, state: nn.Module | None, turn: str, stats: Mapping[str, float]) -> None:
        """Called when a turn is over with the means of its terms over the whole batch."""
        return
