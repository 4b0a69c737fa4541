"""D of an adversary: its optimiser, average and state, its parts of a batch, and its peers in other processes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn

from ..base.errors import CheckFailed, UsageError
from ..games.contract import Draws, Play
from ..networks.player import Player
from ..penalties.contract import Stateful, stateful
from ..training import Adam, LivePlayer, ProcessGroup
from .adversary_critic import Batch, wide

COUNTERS = ("steps", "turns", "samples")


class Penalties(NamedTuple):
    """The parts of D's penalties that learn from earlier steps, by name."""

    parts: Mapping[str, Stateful]

    @classmethod
    def of(cls, penalties: Sequence[object]) -> "Penalties":
        """Those among these penalties."""
        return cls(stateful(penalties))

    def state(self) -> nn.ModuleDict | None:
        """Their buffers at the start."""
        return nn.ModuleDict({name: part.state() for name, part in self.parts.items()}) if self.parts else None


class CriticPlayer:
    """D with its optimiser, in one process or several, over one part of a batch or several.

    Args:
        module: the discriminator.
        optimiser: its description; Adam(lr=2e-4, beta1=0.5) without one.
        ema: the description of its average, or None.
        penalties: those with a state.
        accumulate: parts of a batch.
        samples: of the whole training, for schedules.
        seed: of random numbers.
        device: where D is.
    """

    def __init__(
        self,
        module: nn.Module,
        optimiser: Any,
        ema: Any,
        penalties: Penalties,
        accumulate: int,
        samples: int,
        seed: int,
        device: torch.device | str,
    ) -> None:
        described = Player(cast(Any, None), optimiser or Adam(), ema)  # built already
        self.live, self.described = LivePlayer(described, module), described
        self.penalties, self.state_of_parts = penalties, penalties.state()
        if self.state_of_parts is not None:
            self.state_of_parts.to(device)
        self.accumulate, self.total = accumulate, samples
        self.seed, self.device = seed, torch.device(device)
        self.steps = self.turns = self.samples = 0
        self.part, self.finite = 0, True
        self.sums: dict[str, Tensor] = {}
        self.logits: dict[str, list[Tensor]] = {"real": [], "fake": []}
        self.means: dict[str, float] = {}
        self.rows = 0
        self.joined = False

    @property
    def world(self) -> ProcessGroup:
        """The processes that torch.distributed has joined; their D begins as that of rank 0."""
        if not (dist.is_available() and dist.is_initialized()):
            return ProcessGroup()
        world = ProcessGroup(dist.get_rank(), dist.get_world_size())
        if not self.joined:
            world.broadcast([*self.live.network.parameters(), *self.live.network.buffers()])
            self.joined = True
        return world

    def turn(self, player: str, x_real: Tensor, y: Tensor | None) -> tuple[Play, Batch, Draws]:
        """The core's view of a turn: D, the reals, random numbers of this step, part and process."""
        part = self.part + self.accumulate * self.world.rank
        rows = range(part * len(x_real), (part + 1) * len(x_real))
        play = Play({"D": self.live.network}, self.state_of_parts, self.turns)
        return (
            play,
            Batch(x=x_real, y=y),
            Draws(self.seed, "adversary", player, self.steps, rows=rows, device=x_real.device),
        )

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """Within the context D's weights get no gradients."""
        for parameter in self.live.parameters:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in self.live.parameters:
                parameter.requires_grad_(True)

    @contextmanager
    def trained(self) -> Iterator[None]:
        """Within the context float16 autocast is off: it needs a scaler that D does not have."""
        kind = self.device.type
        half = torch.is_autocast_enabled(kind) and torch.get_autocast_dtype(kind) == torch.float16
        with torch.autocast(kind, enabled=False) if half else nullcontext():
            yield

    def collect(self, terms: Mapping[str, Any], context: Any, accuracy: Tensor, *, waits: bool) -> None:
        """Add a part's gradient and numbers. The reduction of the trainer: the sum of weight x mean of the terms."""
        share = 1 / (self.accumulate * self.world.size)
        means = {name: wide(term.value).mean() * share for name, term in terms.items()}
        if not waits:
            total = torch.stack([means[name] * term.weight for name, term in terms.items()]).sum()
            total.backward(inputs=self.live.parameters)
        for name, mean in {**means, "accuracy": accuracy * share}.items():
            self.sums[name] = self.sums.get(name, torch.zeros((), device=mean.device)) + mean.detach()
        for name, verdict in (("real", context.real), ("fake", context.fake)):
            self.logits[name].append(verdict.scores.detach())
        self.rows += len(context.x_fake)
        self.part = (self.part + 1) % self.accumulate

    def step(self, *, waits: bool) -> float:
        """After the last part: average over processes and step, unless D waits or numbers are not finite.

        Returns:
            The accuracy over the whole batch.
        """
        world, names = self.world, sorted(self.sums)
        numbers = [self.sums[name].double() for name in names]
        gradients = [] if waits else self.live.gradients()
        world.sum(gradients)
        world.sum(numbers)
        floats = [each for each in self.live.buffers if each.is_floating_point()]
        world.sum(floats)
        for buffer in floats if world.size > 1 else ():
            buffer.div_(world.size)
        self.means = {name: float(number) for name, number in zip(names, numbers, strict=True)}
        accuracy, rows = self.means.pop("accuracy"), self.rows * world.size
        self.finite = all(bool(torch.isfinite(each).all()) for each in (*gradients, *numbers))
        if self.finite and not waits:
            self.live.step(self.described, samples_seen=self.samples, total=self.total, passed=rows)
            self.turns += 1
            self._update_parts(world)
        else:
            self.live.optimiser.zero_grad(set_to_none=True)
        self.steps, self.samples = self.steps + 1, self.samples + rows
        self.sums, self.rows, self.logits = {}, 0, {"real": [], "fake": []}
        self.means = {} if waits else self.means
        return accuracy if self.finite else 0.5

    def all_finite(self, term: Tensor) -> bool:
        """Whether a number is finite in every process."""
        return not self.world.any(not bool(torch.isfinite(term)))

    def norms_of_means(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """The norms of gradients, averaged over processes."""
        whole = [each.detach().float().clone() for each in gradients]
        self.world.sum(whole)
        return [each.norm() / self.world.size for each in whole]

    def state(self) -> dict[str, Tensor]:
        """Weights, average, optimiser, parts and counters as tensors. Raises UsageError within an accumulated step."""
        if self.part:
            raise UsageError("a state is complete after the last part of a step alone", hint="Save it after the step.")
        parts = self.state_of_parts.state_dict() if self.state_of_parts is not None else {}
        counters = torch.tensor([getattr(self, name) for name in COUNTERS], dtype=torch.int64)
        tensors = {
            **self.live.weights(),
            **{f"optimiser.{name}": value for name, value in self.live.memory().items()},
            **{f"parts.{name}": value for name, value in parts.items()},
        }
        return {name: value.detach().clone().contiguous() for name, value in tensors.items()} | {"counters": counters}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Continue from a state. Raises CheckFailed."""
        if not {"counters", "numbers"} <= state.keys():
            raise CheckFailed("this is no state of an adversary")
        named = {key: value for key, value in state.items() if key.startswith(("network.", "ema."))}
        memory, parts = (
            {key.removeprefix(head): value for key, value in state.items() if key.startswith(head)}
            for head in ("optimiser.", "parts.")
        )
        self.live.restore(named, memory)
        if self.state_of_parts is not None:
            self.state_of_parts.load_state_dict(parts)
        for name, value in zip(COUNTERS, state["counters"].tolist(), strict=True):
            setattr(self, name, value)

    def _update_parts(self, world: ProcessGroup) -> None:
        if self.state_of_parts is None:
            return
        recorded = {name: gathered(torch.cat(each), world) for name, each in self.logits.items()}
        for name, part in self.penalties.parts.items():
            part.update(self.state_of_parts[name], recorded)


def gathered(rows: Tensor, world: ProcessGroup) -> Tensor:
    """The rows of all processes, by rank."""
    if world.size == 1:
        return rows
    whole = rows.new_zeros((world.size, *rows.shape))
    whole[world.rank] = rows
    world.sum([whole])
    return whole.flatten(0, 1)


def check_pair(fake: Tensor, real: Tensor | None, *, needs_real: bool) -> None:
    """Raises UsageError for fakes and reals that do not belong together."""
    if real is None and needs_real:
        raise UsageError("this loss compares fakes with real samples", hint="Pass as many reals as fakes.")
    if real is not None and real.shape != fake.shape:
        raise UsageError(f"fakes have shape {list(fake.shape)} and reals {list(real.shape)}; they are alike")
