"""The one training loop: a round is the game's turns in order; a turn is terms, backward, all-reduce, step."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from ..base.draws import Draws, seed_torch
from ..base.types import Batch
from ..games.contract import Game, Play, Terms, Turn
from .accumulation import Buffers, MicroBatches
from .phases import LivePhase, phase_at
from .recovery import NonFinite, Recovery, finite, lacks_memory, mixing, norm, too_large, what_broke

if TYPE_CHECKING:
    from .player import LivePlayer


@dataclass(frozen=True)
class Save:
    """An observer's request: write a checkpoint. `scheduled`: at a moment that is the same in every course of this run, whatever disturbs it."""

    scheduled: bool = False


@dataclass(frozen=True)
class Stop:
    """An observer's request: end the run after this round."""

    reason: str


class Move(NamedTuple):
    """A turn that is being played."""

    name: str
    turn: Turn
    play: Play
    batch: Batch
    buffers: Buffers
    key: tuple[object, ...]  # of its random numbers


Request = Save | Stop
Callback = Callable[["Trainer", int], Iterable[Request]]


class Trainer:
    """Plays a game until every phase's reals have been seen. Whatever is random is derived from (seed, turn, samples seen)."""

    def __init__(
        self,
        *,
        phases: tuple[LivePhase, ...],
        players: "Mapping[str, LivePlayer]",
        states: Mapping[str, nn.Module],
        batches: Callable[[int, int], Batch],  # (position, count) -> the samples that stand there
        parts: MicroBatches,
        seed: int,
        device: torch.device,
        precision: str,
    ) -> None:
        self.phases, self.players, self.states = phases, players, states
        self.batches, self.parts, self.world = batches, parts, parts.world
        self.seed, self.device, self.precision = seed, device, precision
        self.total = sum(phase.samples for phase in phases)
        self.samples_seen = self.position = 0
        self.attempt = self.rollback_level = self.rollback_from = (
            0  # rollbacks so far, those of this stretch, and where the last one came from
        )
        self.lr_scale = 1.0  # times every learning rate
        self.turns: dict[str, int] = {}  # how often each turn was played
        self.stats: dict[
            str, Tensor
        ] = {}  # each turn's last terms and its gradient's norm: "discriminator.R1", "discriminator.gradient"
        self.recoveries: list[Recovery] = []  # faults got over, until an observer has told of them
        self.data_wait_seconds = 0.0  # seconds spent on getting batches
        self.check_finite = True  # False: numbers that are not finite go unnoticed

    def run(self, callbacks: Iterable[Callback], fulfil: Callable[[Save], object]) -> str:
        """Round after round; between rounds callbacks look on and ask. Returns why the run ended."""
        callbacks = tuple(callbacks)
        reason = "finished"
        while self.samples_seen < self.total and reason == "finished":
            before = self.samples_seen
            self.round()
            requests = [request for callback in callbacks for request in callback(self, before)]
            saves = [request for request in requests if isinstance(request, Save)]
            if saves or self.samples_seen >= self.total:
                fulfil(Save(self.samples_seen >= self.total or any(request.scheduled for request in saves)))
            reason = next((request.reason for request in requests if isinstance(request, Stop)), reason)
        return reason

    def round(self) -> None:
        """Every turn of the phase's round, then count the reals that D was shown (the first player, where D does not play)."""
        phase = phase_at(self.phases, self.samples_seen)
        game = phase.game_at(self.samples_seen, self.total)
        turns = [game.turns()[name] for name in phase.turns]
        batch = None
        for name, turn in zip(phase.turns, turns, strict=True):
            if batch is None or turn.reals:
                batch = self.next_batch()
            self.turn(game, name, batch, phase)
        self.samples_seen += self.counted(game, turns)

    def counted(self, game: Game, turns: Sequence[Turn]) -> int:
        """The samples that a round of these turns counts for."""
        critic = game.critic if any(game.critic in turn.players for turn in turns) else turns[0].players[0]
        return self.parts.batch_samples * sum(turn.reals and critic in turn.players for turn in turns)

    def next_batch(self) -> Batch:
        """The next batch of the data."""
        begun = time.perf_counter()
        batch = self.batches(self.position, self.parts.batch_samples)
        self.data_wait_seconds += time.perf_counter() - begun
        self.position += self.parts.batch_samples
        return batch.each(lambda value: value.to(self.device))

    def turn(self, game: Game, name: str, batch: Batch, phase: LivePhase) -> None:
        """One move: the gradient of its terms, and a step of each player that moves if all numbers are finite."""
        turn, number = game.turns()[name], self.turns.get(name, 0)
        state = self.states.get(type(game).__name__)
        networks = {key: each.network for key, each in self.players.items()}
        play = Play(networks, state, number, game.current_detail(), game.strength(state))
        buffers = Buffers([buffer for each in self.players.values() for buffer in each.buffers], self.parts)
        move = Move(name, turn, play, batch, buffers, (self.seed, self.attempt, name, number, self.samples_seen))
        with self.train_only(turn.players):
            sums = self.retry_if_nonfinite(game, move)
        moves = [game.turns()[each] for each in phase.turns]
        for key in turn.players:
            passed = self.counted(game, moves) / sum(
                key in each.players for each in moves
            )  # samples that go by with each step
            self.players[key].step(
                phase.players[key],
                samples_seen=self.samples_seen,
                total=self.total,
                passed=passed,
                lr_scale=self.lr_scale,
            )
        self.turns[name] = number + 1
        self.stats.update({f"{name}.{term}": value for term, value in sums.items()})
        if state is not None:
            recorded = self.parts.whole(play.recorded)
            game.after_turn(state, name, {term: float(value) for term, value in sums.items()}, recorded)

    def retry_if_nonfinite(self, game: Game, move: Move) -> dict[str, Tensor]:
        """`gathered`, played once more from the same start where numbers are not finite. Raises NonFinite if they are not then either."""
        sums = self.forward_backward(game, move)
        if not self.check_finite or finite(sums):
            return sums
        message = what_broke(move.name, sums, move.batch, move.play.networks)
        self.undo(move)
        sums = self.forward_backward(game, move)
        if not finite(sums):
            self.undo(move)
            raise NonFinite(
                f"{message} after {self.samples_seen:,} samples",
                hint="Train again with lower learning rates or a stronger penalty.",
            )
        self.recoveries.append(
            Recovery("numbers", f"{message}; the same turn played again was sound, so the machine may be at fault")
        )
        return sums

    def forward_backward(self, game: Game, move: Move) -> dict[str, Tensor]:
        """Each term's mean and |gradient|, the gradient being in the player: over all parts and processes, in smaller parts where memory runs out."""
        while True:
            lacks, sums = False, dict[str, Tensor]()
            try:
                sums = self.accumulate(move)
            except (MemoryError, RuntimeError) as error:
                if not lacks_memory(error):
                    raise
                lacks = True
            if not self.world.any(lacks):
                break
            self.undo(move)
            self.shrink(game, move)
        move.buffers.merge()
        gradients = [gradient for player in self.moving(move) for gradient in player.gradients()]
        self.world.sum([*gradients, *sums.values()])
        return {**sums, "gradient": norm(gradients)}

    def accumulate(self, move: Move) -> dict[str, Tensor]:
        """Every part of this process: its terms, and backward."""
        sums: dict[str, Tensor] = {}
        for part, rows in self.parts:
            seed_torch(self.device, *move.key, "torch", part)  # for dropout and users' networks
            draws = Draws(*move.key, rows=rows, device=self.device)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
                terms = move.turn.terms(move.play, move.batch.rows(rows), draws)
            self.backward(move, terms, sums, part)
            self.parts.collect(move.play.recorded, rows)
            move.buffers.collect()
        return sums

    def undo(self, move: Move) -> None:
        """As before the turn."""
        for player in self.moving(move):
            player.optimiser.zero_grad(set_to_none=True)
        move.buffers.back()

    def shrink(self, game: Game, move: Move) -> None:
        """Smaller parts, where they learn the same. Raises ResourceError where they would not."""
        rows, mixer = self.parts.batch_samples // self.parts.count, mixing(move.play.networks, game)
        if mixer or not self.parts.halve():
            raise too_large(rows, mixer, self.device)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        self.recoveries.append(
            Recovery(
                "memory",
                f"memory is short of {rows} samples at a time: from here on {rows // 2}, with the same gradient",
            )
        )

    def moving(self, move: Move) -> "list[LivePlayer]":
        """The players that step on this move."""
        return [self.players[name] for name in move.turn.players]

    def backward(self, move: Move, terms: Terms, sums: dict[str, Tensor], part: int) -> None:
        """The only reduction: sum of weight x mean, one backward for all terms; `sums` collects each term's mean.

        A player with a rule for its gradient makes it from the terms itself.
        """
        means = {name: term.value.float().mean() / self.parts.count for name, term in terms.items()}
        total = sum((means[name] * term.weight for name, term in terms.items()), torch.zeros((), device=self.device))
        rules = {name: rule for name in move.turn.players if (rule := self.players[name].described.gradients)}
        for name, rule in rules.items():
            key = (*move.key, name, part)
            rule.accumulate(terms, self.players[name].parameters, share=1 / self.parts.count, key=key)
        if not rules:
            total.backward()
        elif others := [
            each for name in move.turn.players if name not in rules for each in self.players[name].parameters
        ]:
            total.backward(inputs=others)
        for name, mean in means.items():
            sums[name] = sums.get(name, 0) + mean.detach()

    @contextmanager
    def train_only(self, names: tuple[str, ...]) -> Iterator[None]:
        """These players learn; the others' weights get no gradients, so that backward skips them. Frozen parameters never get any."""
        for key, player in self.players.items():
            for parameter in player.parameters:
                parameter.requires_grad_(key in names)
        yield
