"""Weights as a model folder stores them."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Literal

import torch
from torch import Tensor, nn

Precision = Literal["float32", "bfloat16"]


def stored_tensors(networks: Mapping[str, nn.Module], precision: Precision) -> dict[str, Tensor]:
    """The tensors of all networks by player and name, contiguous, each on its own storage."""
    found = {f"{name}.{key}": value for name, each in networks.items() for key, value in each.state_dict().items()}
    return {key: narrowed(value, precision).detach().cpu().contiguous().clone() for key, value in found.items()}


def narrowed(value: Tensor, precision: Precision) -> Tensor:
    """A matrix or a convolution's weights in the precision; vectors, such as those of norms, as they are."""
    matrix = value.ndim > 1 and value.dtype == torch.float32
    return value.to(torch.bfloat16) if matrix and precision == "bfloat16" else value


def as_stored(networks: Mapping[str, nn.Module], same: bool) -> Mapping[str, nn.Module]:
    """Networks whose weights are those of a reader of the folder; the same ones if nothing was rounded."""
    if same:
        return networks
    rounded = {name: deepcopy(network) for name, network in networks.items()}
    for network in rounded.values():
        network.load_state_dict(
            {key: narrowed(value, "bfloat16").to(value.dtype) for key, value in network.state_dict().items()}
        )
    return rounded
