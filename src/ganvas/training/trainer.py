"""The one training loop: a round is the game's turns in order; a turn is terms, backward, all-reduce, step."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ..base.draws import Draws, seed_torch
from ..base.types import Batch
from ..games.contract import Game, Play, Terms, Turn
from .accumulation import Buffers, MicroBatches, Move
from .phases import LivePhase, phase_at
from .recovery import NonFinite, Recovery, finite, lacks_memory, mixing, norm, too_large, what_broke

if TYPE_CHECKING:
    from .player import LivePlayer


@dataclass(frozen=True)
class Save:
    """A callback's request: write a checkpoint.

    Args:
        scheduled: whether it is requested at this position in every repetition of the run, whatever faults occur.
    """

    scheduled: bool = False


@dataclass(frozen=True)
class Stop:
    """A callback's request: end the run after this round.

    Args:
        reason: recorded in the run.
    """

    reason: str


@dataclass(frozen=True)
class Rewind:
    """A callback's request: go back to an earlier checkpoint, and train on from there with changes of the recipe.

    Args:
        to_samples: of the checkpoint; 0 for the start of the run.
        finding: the fault that is the reason.
        message: a sentence with the evidence.
        overrides: of the recipe, as arguments of `ganvas train`.
    """

    to_samples: int
    finding: str
    message: str
    overrides: str


Request = Save | Stop | Rewind
Callback = Callable[["Trainer", int], Iterable[Request]]


class Trainer:
    """Plays a game for the samples of every phase. Random numbers derive from (seed, turn, samples seen).

    Args:
        phases: of the run, in order.
        players: by name.
        states: the games' buffers, by class name.
        batches: (position, count) -> the batch of so many samples at this position of the data.
        parts: the micro-batches.
        seed: of all random numbers of the training.
        device: where the players are.
        precision: "fp32" or "bf16" (autocast).
    """

    def __init__(
        self,
        *,
        phases: tuple[LivePhase, ...],
        players: "Mapping[str, LivePlayer]",
        states: Mapping[str, nn.Module],
        batches: Callable[[int, int], Batch],
        parts: MicroBatches,
        seed: int,
        device: torch.device,
        precision: str,
    ) -> None:
        self.set_phases(phases)
        self.players, self.states = players, states
        self.batches, self.parts, self.world = batches, parts, parts.world
        self.seed, self.device, self.precision = seed, device, precision
        self.samples_seen = self.position = 0
        # rollbacks so far, those since the last progress, and the position that the last one came from
        self.attempt = self.rollback_level = self.rollback_from = 0
        self.lr_scale = 1.0  # times every learning rate
        self.turns: dict[str, int] = {}  # how often each turn was played
        # each turn's last terms and its gradient's norm: "discriminator.R1", "discriminator.gradient"
        self.stats: dict[str, Tensor] = {}
        self.recoveries: list[Recovery] = []  # since a callback last read them
        self.data_wait_seconds = 0.0  # seconds spent on waiting for batches
        self.check_finite = True  # False: non-finite numbers are not detected

    def run(self, callbacks: Iterable[Callback], fulfil: Callable[[Save], object]) -> str | Rewind:
        """Train to the end; after each round, callbacks may request Save, Stop or Rewind.

        Args:
            callbacks: called with (trainer, samples seen before the round).
            fulfil: writes a checkpoint.

        Returns:
            Why the run ended: "finished", or the reason of a Stop; or a Rewind, which the caller carries out.
        """
        callbacks, reason = tuple(callbacks), "finished"
        while self.samples_seen < self.total and reason == "finished":
            before = self.samples_seen
            self.round()
            requests = [request for callback in callbacks for request in callback(self, before)]
            if rewinds := [request for request in requests if isinstance(request, Rewind)]:
                return rewinds[0]
            saves = [request for request in requests if isinstance(request, Save)]
            if saves or self.samples_seen >= self.total:
                fulfil(Save(self.samples_seen >= self.total or any(request.scheduled for request in saves)))
            reason = next((request.reason for request in requests if isinstance(request, Stop)), reason)
        return reason

    def set_phases(self, phases: tuple[LivePhase, ...]) -> None:
        """Train by these phases from here on; their samples are the new total."""
        self.phases, self.total = phases, sum(phase.samples for phase in phases)

    def round(self) -> None:
        """Play the turns of one round, then count the real samples of the critic (of the first player without it)."""
        for _ in self.round_in_steps():
            pass

    def round_in_steps(self) -> Iterator[tuple[str, Batch]]:
        """One round that pauses before each of its turns: yields the name of the next turn, and its batch."""
        phase = phase_at(self.phases, self.samples_seen)
        game = phase.game_at(self.samples_seen, self.total)
        turns = [game.turns()[name] for name in phase.turns]
        batch = None
        for name, turn in zip(phase.turns, turns, strict=True):
            if batch is None or turn.reals:
                batch = self.next_batch()
            yield name, batch
            self.turn(game, name, batch, phase)
        self.samples_seen += self.counted(game, turns)

    def turn_key(self, name: str) -> tuple[object, ...]:
        """The key of the random numbers of the next turn of this name."""
        return (self.seed, self.attempt, name, self.turns.get(name, 0), self.samples_seen)

    def counted(self, game: Game, turns: Sequence[Turn]) -> int:
        """How many samples a round of these turns counts as."""
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
        """Play one turn: the gradient of its terms, then a step of each of its players, if all numbers are finite."""
        turn, number = game.turns()[name], self.turns.get(name, 0)
        state = self.states.get(type(game).__name__)
        networks = {key: each.network for key, each in self.players.items()}
        play = Play(networks, state, number, game.current_detail(), game.strength(state))
        buffers = Buffers([buffer for each in self.players.values() for buffer in each.buffers], self.parts)
        move = Move(name, turn, play, batch, buffers, self.turn_key(name))
        with self.train_only(turn.players):
            sums = self.retry_if_nonfinite(game, move)
        moves = [game.turns()[each] for each in phase.turns]
        for key in turn.players:
            passed = self.counted(game, moves) / sum(key in each.players for each in moves)  # samples per step
            position = {"samples_seen": self.samples_seen, "total": self.total}
            self.players[key].step(phase.players[key], **position, passed=passed, lr_scale=self.lr_scale)
        self.turns[name] = number + 1
        self.stats.update({f"{name}.{term}": value for term, value in sums.items()})
        if state is not None:
            recorded = self.parts.whole(play.recorded)
            game.after_turn(state, name, {term: float(value) for term, value in sums.items()}, recorded)

    def retry_if_nonfinite(self, game: Game, move: Move) -> dict[str, Tensor]:
        """`forward_backward`, repeated once from the same start if numbers are not finite.

        Raises:
            NonFinite: they are not finite the second time either.
        """
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
        fault = f"{message}; the repeated turn was finite, so the machine may be at fault"
        self.recoveries.append(Recovery("numbers", fault))
        return sums

    def forward_backward(self, game: Game, move: Move) -> dict[str, Tensor]:
        """Means of the terms and the gradient's norm, over all ranks; halves micro-batches if memory runs out."""
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
        each = {name: self.players[name].gradients() for name in move.turn.players}
        gradients = [gradient for of in each.values() for gradient in of]
        self.world.sum([*gradients, *sums.values()])
        by_player = {f"{name}.gradient": norm(of) for name, of in each.items()} if len(each) > 1 else {}
        return {**sums, **by_player, "gradient": norm(gradients)}

    def accumulate(self, move: Move) -> dict[str, Tensor]:
        """Terms and backward of each micro-batch of this process."""
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
        """Restore gradients and buffers from before the turn."""
        for player in self.moving(move):
            player.optimiser.zero_grad(set_to_none=True)
        move.buffers.back()

    def shrink(self, game: Game, move: Move) -> None:
        """Halve the micro-batches.

        Raises:
            ResourceError: that would change the result, or they cannot be halved.
        """
        rows, mixer = self.parts.batch_samples // self.parts.count, mixing(move.play.networks, game)
        if mixer or not self.parts.halve():
            raise too_large(rows, mixer, self.device)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        fault = f"not enough memory for {rows} samples at a time: {rows // 2} from here on, with the same gradient"
        self.recoveries.append(Recovery("memory", fault))

    def moving(self, move: Move) -> "list[LivePlayer]":
        """The players that step in this turn."""
        return [self.players[name] for name in move.turn.players]

    def backward(self, move: Move, terms: Terms, sums: dict[str, Tensor], part: int) -> None:
        """The only reduction: sum of weight x mean, one backward for all terms.

        A player with a gradient rule makes its gradient from the terms itself.

        Args:
            move: the turn.
            terms: of one micro-batch.
            sums: each term's mean is added to it.
            part: number of the micro-batch.
        """
        means = {name: term.value.float().mean() / self.parts.count for name, term in terms.items()}
        total = sum((means[name] * term.weight for name, term in terms.items()), torch.zeros((), device=self.device))
        rules = {name: rule for name in move.turn.players if (rule := self.players[name].described.gradients)}
        for name, rule in rules.items():
            key = (*move.key, name, part)
            rule.accumulate(terms, self.players[name].parameters, share=1 / self.parts.count, key=key)
        others = (each for name in move.turn.players if name not in rules for each in self.players[name].parameters)
        if trained := [each for each in others if each.requires_grad]:
            total.backward(inputs=trained)  # only as far as these: a game may end D's terms at the fakes
        for name, mean in means.items():
            sums[name] = sums.get(name, 0) + mean.detach()

    @contextmanager
    def train_only(self, names: tuple[str, ...]) -> Iterator[None]:
        """Only these players' weights get gradients; backward skips the others. Frozen parameters never get any."""
        for key, player in self.players.items():
            for parameter in player.parameters:
                parameter.requires_grad_(key in names)
        yield
