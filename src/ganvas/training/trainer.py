"""The one training loop: a round is the game's turns in order; a turn is terms, backward, all-reduce, step."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..base.draws import Draws, derive
from ..base.types import Batch
from ..games.contract import Game, Play, Terms, Turn
from .micro import MicroBatches
from .phases import Phase, phase_at
from .player import LivePlayer


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
    """Plays a game until every phase's reals have been seen. Whatever is random is derived from (seed, turn, samples seen)."""

    def __init__(
        self,
        *,
        phases: tuple[Phase, ...],
        players: Mapping[str, LivePlayer],
        state: nn.Module | None,
        batches: Callable[[int, int], Batch],  # (position, count) -> the samples that stand there
        parts: MicroBatches,
        seed: int,
        device: torch.device,
        precision: str,
    ) -> None:
        self.phases, self.players, self.state = phases, players, state
        self.batches, self.parts, self.world = batches, parts, parts.world
        self.seed, self.device, self.precision = seed, device, precision
        self.total = sum(phase.samples for phase in phases)
        self.attempt = self.seen = self.position = 0
        self.turns: dict[str, int] = {}  # how often each turn was played
        self.stats: dict[str, Tensor] = {}  # each turn's last terms: "discriminator.R1" and so on, and the norm of its gradient
        self.waited = 0.0  # seconds spent waiting for data

    def run(self, observers: Iterable[Observer], fulfil: Callable[[Save], object]) -> str:
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

    def round(self) -> None:
        """Every turn of the phase's round, then count the reals that D was shown (the first player, where D does not play)."""
        phase = phase_at(self.phases, self.seen)
        game = phase.rules(self.seen, self.total)
        turns = [game.turns()[name] for name in phase.turns]
        batch = None
        for name, turn in zip(phase.turns, turns, strict=True):
            if batch is None or turn.reals:
                batch = self.deal()
            self.turn(game, name, batch, phase)
        self.seen += self.counted(turns)

    def counted(self, turns: Sequence[Turn]) -> int:
        """The samples that a round of these turns counts for."""
        critic = "D" if any(turn.player == "D" for turn in turns) else turns[0].player
        return self.parts.batch_samples * sum(turn.reals and turn.player == critic for turn in turns)

    def deal(self) -> Batch:
        """The next batch of the data."""
        begun = time.perf_counter()
        batch = self.batches(self.position, self.parts.batch_samples)
        self.waited += time.perf_counter() - begun
        self.position += self.parts.batch_samples
        return batch.each(lambda value: value.to(self.device))

    def turn(self, game: Game, name: str, batch: Batch, phase: Phase) -> None:
        """One player's move: the gradient of its terms, averaged over micro-batches and processes, and a step."""
        turn, number = game.turns()[name], self.turns.get(name, 0)
        player = self.players[turn.player]
        play = Play({key: each.network for key, each in self.players.items()}, self.state, number)
        buffers = [buffer for each in self.players.values() for buffer in each.buffers]
        sums: dict[str, Tensor] = {}
        with self.alone(turn.player), self.parts.same_start(buffers) as collect:
            for part, rows in self.parts:
                key = (self.seed, self.attempt, name, number, self.seen)
                torch.manual_seed(derive(*key, "torch", part) >> 64)  # for dropout and users' networks
                draws = Draws(*key, rows=rows, device=self.device)
                with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
                    terms = turn.terms(play, batch.rows(rows), draws)
                self.backward(terms, sums)
                collect()
        self.world.sum([*player.gradients(), *sums.values()])
        self.stats[f"{name}.gradient"] = nn.utils.get_total_norm(player.gradients())
        moves = [game.turns()[each] for each in phase.turns]
        passed = self.counted(moves) / sum(move.player == turn.player for move in moves)  # samples that go by with each step
        player.step(phase.players[turn.player], seen=self.seen, total=self.total, passed=passed)
        self.turns[name] = number + 1
        self.stats.update({f"{name}.{term}": value for term, value in sums.items()})
        if self.state is not None:
            game.after_turn(self.state, name, {term: float(value) for term, value in sums.items()})

    def backward(self, terms: Terms, sums: dict[str, Tensor]) -> None:
        """The only reduction: sum of weight x mean, one backward for all terms; `sums` collects each term's mean."""
        means = {name: term.value.float().mean() / self.parts.count for name, term in terms.items()}
        total = sum((means[name] * term.weight for name, term in terms.items()), torch.zeros((), device=self.device))
        total.backward()
        for name, mean in means.items():
            sums[name] = sums.get(name, 0) + mean.detach()

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """One player learns; the others' weights get no gradients, so that backward skips them."""
        for key, player in self.players.items():
            player.network.requires_grad_(key == name)
        yield
