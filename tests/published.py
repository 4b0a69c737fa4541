"""Stand-ins for published weights, which are too large to bring along, and the published tools to compare with."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def random_state(network: nn.Module) -> dict[str, Tensor]:
    """Weights that keep activations lively: uniform over +- sqrt(6 / fan_in), norms near 1, shifts near 0. Uniform
    draws are the same on every machine.
    """
    draw = np.random.default_rng(20151205)
    state = {}
    for name, like in network.state_dict().items():
        u = torch.from_numpy(2 * draw.random(like.shape) - 1).float()
        if like.ndim > 1:
            u *= (6 / like[0].numel()) ** 0.5
        elif name.endswith(("bn.weight", "running_var")):
            u = 1 + u / 2
        else:
            u *= 0.1
        state[name] = u
    return state


@contextmanager
def torch_fidelity(module: str) -> Iterator[Any]:
    """A module of torch-fidelity, which imports torchvision in its face: the face is left out."""
    found = importlib.util.find_spec("torch_fidelity")
    assert found is not None
    assert found.submodule_search_locations
    bare = ModuleType("torch_fidelity")
    bare.__path__ = list(found.submodule_search_locations)
    before = set_aside()
    sys.modules["torch_fidelity"] = bare
    try:
        yield import_module(f"torch_fidelity.{module}")
    finally:
        set_aside()
        sys.modules.update(before)


def set_aside() -> dict[str, ModuleType]:
    """What is imported of torch-fidelity, no longer imported."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "torch_fidelity"}
