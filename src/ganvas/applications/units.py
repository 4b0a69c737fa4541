"""Units of a generator: the feature maps that its convolutions read, and pictures with some of them switched off."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.wording import shortened
from .latent_space import LatentPoints, LatentSpace


class Unit(NamedTuple):
    """One feature map.

    Args:
        layer: the name of the convolution that reads it.
        channel: its number, counted from 0.
    """

    layer: str
    channel: int


def layers_with_units(space: LatentSpace, points: LatentPoints) -> dict[str, int]:
    """Names of the layers that read feature maps, in the order in which they are called, and how many they read.

    They are the modules with a kernel of weights: convolutions, and those that a style scales. Raises UsageError: the
    generator has none.
    """
    found: dict[str, int] = {}
    names = {module: name for name, module in space.G.named_modules()}

    def note(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        if inputs and isinstance(inputs[0], Tensor) and inputs[0].ndim == 4:
            found.setdefault(names[module], int(inputs[0].shape[1]))

    handles = [each.register_forward_pre_hook(note) for each in names if has_kernel(each)]
    try:
        space.generate(points)
    finally:
        for handle in handles:
            handle.remove()
    if not found:
        raise UsageError("this generator has no convolutions, whose feature maps could be switched off")
    return found


def has_kernel(module: nn.Module) -> bool:
    """Whether a module itself has a weight of four axes; parametrisations may compute it."""
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) and weight.ndim == 4


@contextmanager
def switched_off(G: nn.Module, units: Sequence[Unit]) -> Iterator[None]:
    """Within the context these feature maps are 0 where their layer reads them.

    Bau et al. 2019, section 3.2: the intervention that ablates units. https://arxiv.org/abs/1811.10597

    Args:
        G: the generator.
        units: of `layers_with_units`.
    """
    modules = dict(G.named_modules())
    handles = []
    for layer in {unit.layer for unit in units}:
        channels = [unit.channel for unit in units if unit.layer == layer]

        def ablate(module: nn.Module, inputs: tuple[Any, ...], off: Sequence[int] = channels) -> tuple[Any, ...]:
            x = inputs[0].clone()
            x[:, list(off)] = 0
            return (x, *inputs[1:])

        handles.append(modules[layer].register_forward_pre_hook(ablate))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def check_units(units: Sequence[Unit], layers: dict[str, int]) -> None:
    """Raises UsageError: there is no such unit."""
    for layer, channel in units:
        if layer not in layers:
            raise UsageError(f"there is no layer '{layer}'", hint=f"There are: {shortened(list(layers))}.")
        if not 0 <= channel < layers[layer]:
            raise UsageError(f"layer '{layer}' has {layers[layer]} units, counted from 0, and no unit {channel}")


def without_units(space: LatentSpace, points: LatentPoints, units: Sequence[Unit]) -> Tensor:
    """Pictures x of points with these units switched off."""
    with switched_off(space.G, units):
        return space.generate(points)
