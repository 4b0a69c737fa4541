"""A player at work: its network, its optimiser and its average."""

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
    """Built from a description and its network; the trainer steps it, the game never does.

    Parameters that have requires_grad False when it is built are frozen: they get no gradients and no steps.
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
        """One gradient a parameter; zeros where a turn left a parameter out, so that all processes agree on the list."""
        for parameter in self.parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        return [parameter.grad for parameter in self.parameters if parameter.grad is not None]

    def step(self, described: Player, *, samples_seen: int, total: int, passed: float, lr_scale: float = 1.0) -> None:
        """One step of the optimiser at `lr_scale` times its learning rate, then the constraints, then the average."""
        resolve(described.optimiser, samples_seen, total).tune(self.optimiser)
        for group in self.optimiser.param_groups:
            group["lr"] *= lr_scale
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        for constraint in described.constraints:
            constraint.constrain(self.network)
        if self.average is not None and described.ema is not None:
            follow(self.average, self.network, described.ema.decay(samples_seen + passed, passed))

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
        return {f"{key}.{names[i]}": torch.as_tensor(value) for i, kept in state.items() for key, value in kept.items()}

    def expected_memory(self, found: Mapping[str, TensorInfo]) -> dict[str, TensorInfo]:
        """What `memory` has after a step, by name.

        `found` is what a file has: no memory at all is right too, and so is any shape that is neither the parameter's nor empty, if it is no larger.
        """
        if not found:
            return {}
        probe = nn.Parameter(torch.zeros(2, 3))
        optimiser = self.described.optimiser.optimise([probe])
        probe.grad = torch.zeros(2, 3)
        optimiser.step()
        kept = {key: torch.as_tensor(value) for key, value in optimiser.state_dict()["state"].get(0, {}).items()}
        expected: dict[str, TensorInfo] = {}
        trained = {id(parameter) for parameter in self.parameters}
        for name, parameter in ((name, each) for name, each in self.network.named_parameters() if id(each) in trained):
            for key, value in kept.items():
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
        """Exactly the player that was saved. copy_ keeps the memory format, which a file does not hold."""
        mine = self.weights()
        for name in sorted(mine.keys() ^ weights.keys()):
            raise CheckFailed(f"the checkpoint does not fit this network: {name}", hint="Was the recipe changed since?")
        for name, value in mine.items():
            if value.shape != weights[name].shape:
                raise CheckFailed(
                    f"the checkpoint does not fit this network: {name} is {list(weights[name].shape)}, not {list(value.shape)}"
                )
            value.copy_(weights[name])
        self.optimiser.state.clear()
        for key, parameter, value in self._named(memory):
            kept = (
                torch.empty_like(parameter)
                if value.shape == parameter.shape
                else torch.empty_like(value, device=parameter.device)
            )
            self.optimiser.state[parameter][key] = kept.copy_(value)

    def _named(self, memory: Mapping[str, Tensor]) -> Iterator[tuple[str, nn.Parameter, Tensor]]:
        parameters = dict(self.network.named_parameters())
        for name, value in memory.items():
            key, _, parameter = name.partition(".")
            yield key, parameters[parameter], value


@torch.no_grad()
def channels_last(network: nn.Module) -> nn.Module:
    """Weights of 2-D convolutions channels last in memory, which is faster; those of other ranks as they are."""
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.ndim == 4:
            tensor.data = tensor.data.to(memory_format=torch.channels_last)
    return network
