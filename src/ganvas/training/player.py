"""A player in training: its network, optimiser and averaged weights."""

import copy
import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from ..base.errors import CheckFailed
from ..base.schedule import resolve
from ..networks.player import Player
from ..runs.tensors import TensorInfo
from .ema import follow
from .tensor_files import tensor_info


class LivePlayer:
    """A network with its optimiser and averaged weights. Only the trainer steps it.

    Parameters with requires_grad False at the start are frozen: they get no gradients and no steps.

    Args:
        described: the player's description.
        network: built from it; channels last in memory from then on.
    """

    def __init__(self, described: Player, network: nn.Module) -> None:
        self.network = channels_last(network)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False) if described.ema else None
        self.optimiser = described.optimiser.optimise(self.network.parameters())
        self.described = described
        self.parameters = [
            parameter for parameter in self.network.parameters() if parameter.requires_grad
        ]  # those that are trained
        self.buffers = list(self.network.buffers())

    @property
    def best(self) -> nn.Module:
        """The network to use: the average where there is one."""
        return self.network if self.average is None else self.average

    def gradients(self) -> list[Tensor]:
        """One gradient per trained parameter; zeros for parameters that a turn did not use, so that ranks agree."""
        for parameter in self.parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        return [parameter.grad for parameter in self.parameters if parameter.grad is not None]

    def step(self, described: Player, *, samples_seen: int, total: int, passed: float, lr_scale: float = 1.0) -> None:
        """One step of the optimiser, then the constraints, then the average.

        Args:
            described: the player as the current phase describes it.
            samples_seen: position of the run, for schedules.
            total: samples of the whole run.
            passed: samples per step, for the average's half-life.
            lr_scale: factor of the learning rate.
        """
        resolve(described.optimiser, samples_seen, total).tune(self.optimiser)
        for group in self.optimiser.param_groups:
            group["lr"] *= lr_scale
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        for constraint in described.constraints:
            constraint.constrain(self.network)
        if self.average is not None and described.ema is not None:
            ema = resolve(described.ema, samples_seen, total)
            follow(self.average, self.network, ema.decay(samples_seen + passed, passed))

    def weights(self) -> dict[str, Tensor]:
        """network.* and, where there is one, ema.*"""
        parts = {"network": self.network, "ema": self.average}
        return {
            f"{part}.{k}": v
            for part, module in parts.items()
            if module is not None
            for k, v in module.state_dict().items()
        }

    def memory(self) -> dict[str, Tensor]:
        """The optimiser's tensors, by the name of the parameter they belong to."""
        names = [name for name, _ in self.network.named_parameters()]
        state = self.optimiser.state_dict()["state"]
        return {f"{key}.{names[i]}": torch.as_tensor(value) for i, each in state.items() for key, value in each.items()}

    def expected_memory(self, found: Mapping[str, TensorInfo]) -> dict[str, TensorInfo]:
        """The names, types and shapes that `memory` has after a step.

        Args:
            found: those of a file. An empty file is correct too. A tensor that is neither a scalar nor of its
                parameter's shape may have any shape that is no larger.
        """
        if not found:
            return {}
        probe = nn.Parameter(torch.zeros(2, 3))
        optimiser = self.described.optimiser.optimise([probe])
        probe.grad = torch.zeros(2, 3)
        optimiser.step()
        fresh = {key: torch.as_tensor(value) for key, value in optimiser.state_dict()["state"].get(0, {}).items()}
        expected: dict[str, TensorInfo] = {}
        trained = {id(parameter) for parameter in self.parameters}
        for name, parameter in ((name, each) for name, each in self.network.named_parameters() if id(each) in trained):
            for key, value in fresh.items():
                there, like = (
                    found.get(f"{key}.{name}"),
                    tensor_info(parameter) if value.shape == probe.shape else tensor_info(value),
                )
                free = (
                    value.ndim
                    and value.shape != probe.shape
                    and there is not None
                    and math.prod(there.shape) <= parameter.numel()
                )
                expected[f"{key}.{name}"] = there if free and there is not None else like
        return expected

    @torch.no_grad()
    def restore(self, weights: Mapping[str, Tensor], memory: Mapping[str, Tensor]) -> None:
        """Set weights and optimiser to saved tensors. Memory formats stay, as a file does not hold them.

        Raises:
            CheckFailed: names or shapes are not those of this network.
        """
        mine = self.weights()
        for name in sorted(mine.keys() ^ weights.keys()):
            raise CheckFailed(f"the checkpoint does not fit this network: {name}", hint="Was the recipe changed since?")
        for name, value in mine.items():
            if value.shape != weights[name].shape:
                shapes = f"{list(weights[name].shape)}, not {list(value.shape)}"
                raise CheckFailed(f"the checkpoint does not fit this network: {name} is {shapes}")
            value.copy_(weights[name])
        self.optimiser.state.clear()
        for key, parameter, value in self._named(memory):
            restored = (
                torch.empty_like(parameter)
                if value.shape == parameter.shape
                else torch.empty_like(value, device=parameter.device)
            )
            self.optimiser.state[parameter][key] = restored.copy_(value)

    def _named(self, memory: Mapping[str, Tensor]) -> Iterator[tuple[str, nn.Parameter, Tensor]]:
        parameters = dict(self.network.named_parameters())
        for name, value in memory.items():
            key, _, parameter = name.partition(".")
            yield key, parameters[parameter], value


@torch.no_grad()
def channels_last(network: nn.Module) -> nn.Module:
    """Set tensors of four axes to channels last in memory, which makes 2-D convolutions faster."""
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.ndim == 4:
            tensor.data = tensor.data.to(memory_format=torch.channels_last)
    return network
