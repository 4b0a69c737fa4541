"""The one training loop: a round is the game's turns in order; a turn is terms, backward, all-reduce, step."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..base.draws import Draws, derive
from ..base.schedule import resolve
from ..base.types import Batch
from ..data.stream import Streams
from ..games.contract import Game, Play, Terms
from ..networks.player import Player
from .player import LivePlayer
from .world import World


class Phase(NamedTuple):
    """A stretch of the run: its rules, which turns make its round, and its players' descriptions."""

    samples: int
    turns: tuple[str, ...]
    game: Game
    players: Mapping[str, Player]


@dataclass(frozen=True)
class Save:
    """An observer's request: write a checkpoint."""


@dataclass(frozen=True)
class Stop:
    """An observer's request: end the run after this round."""

    reason: str


Request = Save | Stop
Observer = Callable[["Trainer", int], Iterable[Request]]


class Trainer:
    """Plays a game until `samples` reals have been seen. Whatever is random is derived from (seed, turn, samples seen)."""

    def __init__(
        self,
        *,
        phases: tuple[Phase, ...],
        players: Mapping[str, LivePlayer],
        state: nn.Module | None,
        streams: Streams,
        batch_samples: int,
        micro_batches: int,
        seed: int,
        device: torch.device,
        precision: str,
        world: World,
    ) -> None:
        self.phases, self.players, self.state, self.streams = phases, players, state, streams
        self.batch_samples, self.micro_batches, self.seed = batch_samples, micro_batches, seed
        self.device, self.precision, self.world = device, precision, world
        self.total = sum(phase.samples for phase in phases)
        self.attempt = self.seen = self.position = 0
        self.turns: dict[str, int] = {}  # how often each turn was played
        self.stats: dict[str, Tensor] = {}  # the last round's terms, "discriminator.R1" and so on

    def run(self, observers: Iterable[Observer], fulfil: Callable[[Save], None]) -> str:
        """Round after round; between rounds observers look on and ask. Returns why the run ended."""
        observers = tuple(observers)
        reason = "finished"
        while self.seen < self.total and reason == "finished":
            before = self.seen
            self.round()
            requests = [request for observe in observers for request in observe(self, before)]
            if any(isinstance(request, Save) for request in requests) or self.seen >= self.total:
                fulfil(Save())
            reason = next((request.reason for request in requests if isinstance(request, Stop)), reason)
        return reason

    def phase(self) -> Phase:
        """The phase that the samples seen so far have led to."""
        end = 0
        for phase in self.phases:
            end += phase.samples
            if self.seen < end:
                return phase
        return self.phases[-1]

    def round(self) -> None:
        """Every turn of the phase's round, then count the reals that D was shown (the first player, where D does not play)."""
        phase = self.phase()
        game = resolve(phase.game, self.seen, self.total)
        turns = game.turns()
        critic = "D" if any(turns[name].player == "D" for name in phase.turns) else turns[phase.turns[0]].player
        batch = None
        shown = 0
        for name in phase.turns:
            if batch is None or turns[name].reals:
                batch = self.deal()
            self.turn(game, name, batch, phase.players[turns[name].player])
            shown += self.batch_samples * (turns[name].player == critic and turns[name].reals)
        self.seen += shown

    def deal(self) -> Batch:
        """The next batch of the streams; each process takes its own rows of it."""
        batch = self.streams.batch(self.position, self.batch_samples)
        self.position += self.batch_samples
        return batch.each(lambda value: value.to(self.device))

    def turn(self, game: Game, name: str, batch: Batch, described: Player) -> None:
        """One player's move: the gradient of the sum of its terms, averaged over micro-batches and processes, and a step."""
        turn = game.turns()[name]
        player = self.players[turn.player]
        number = self.turns.get(name, 0)
        play = Play({key: each.network for key, each in self.players.items()}, self.state, number)
        sums: dict[str, Tensor] = {}
        with self.alone(turn.player), self.same_buffers() as collect:
            for part, rows in self.parts():
                key = (self.seed, self.attempt, name, number, self.seen)
                torch.manual_seed(derive(*key, "torch", part) >> 64)  # for dropout and users' networks
                draws = Draws(*key, rows=rows, device=self.device)
                with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
                    terms = turn.terms(play, batch.rows(rows), draws)
                self.backward(terms, sums)
                collect()
        gradients = player.gradients() if self.world.size > 1 else []
        self.world.sum([*gradients, *sums.values()])
        player.step(described, seen=self.seen, total=self.total, batch_samples=self.batch_samples)
        self.turns[name] = number + 1
        self.stats.update({f"{name}.{term}": value for term, value in sums.items()})
        if self.state is not None:
            game.after_turn(self.state, name, {term: float(value) for term, value in sums.items()})

    def backward(self, terms: Terms, sums: dict[str, Tensor]) -> None:
        """The only reduction: sum of weight x mean, one backward for all terms; `sums` collects each term's mean."""
        share = 1 / (self.micro_batches * self.world.size)
        means = {name: term.value.float().mean() * share for name, term in terms.items()}
        total = sum((means[name] * term.weight for name, term in terms.items()), torch.zeros((), device=self.device))
        total.backward()
        for name, mean in means.items():
            sums[name] = sums.get(name, 0) + mean.detach()

    def parts(self) -> Iterator[tuple[int, range]]:
        """This process's micro-batches: their numbers among all and the rows of the global batch they hold."""
        count = self.micro_batches * self.world.size
        rows = self.batch_samples // count
        first = self.world.rank * self.micro_batches
        for part in range(first, first + self.micro_batches):
            yield part, range(part * rows, (part + 1) * rows)

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """One player learns; the others' weights get no gradients, so that backward skips them."""
        for key, player in self.players.items():
            player.network.requires_grad_(key == name)
        yield

    @contextmanager
    def same_buffers(self) -> Iterator[Callable[[], None]]:
        """Each micro-batch starts from the same buffers (batch norm's statistics); their mean over all is kept."""
        count = self.micro_batches * self.world.size
        if count == 1:
            yield lambda: None
            return
        buffers = [buffer for player in self.players.values() for buffer in player.buffers]
        first = [buffer.clone() for buffer in buffers]
        sums = [torch.zeros_like(buffer) for buffer in buffers]

        def collect() -> None:
            for buffer, start, total in zip(buffers, first, sums, strict=True):
                total.add_(buffer, alpha=1 / count) if buffer.is_floating_point() else total.copy_(buffer)  # counts are alike in all
                buffer.copy_(start)

        yield collect
        self.world.sum([total for total in sums if total.is_floating_point()])
        for buffer, total in zip(buffers, sums, strict=True):
            buffer.copy_(total)
