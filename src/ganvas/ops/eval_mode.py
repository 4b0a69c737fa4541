"""A context manager that uses networks in eval mode and restores their modes."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def eval_mode(*networks: nn.Module) -> Iterator[None]:
    """Puts every module of the networks into eval mode; on leaving, each module returns to the mode that it had.

    Unlike `network.train(was)`, it restores modules that were frozen in eval mode inside a network in training mode.
    Gradients are not switched off: combine with torch.no_grad() where none are needed.

    Args:
        networks: the networks, each with all its submodules. They may share modules.
    """
    modes = [(module, module.training) for network in networks for module in network.modules()]
    for module, _ in modes:
        module.training = False
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
