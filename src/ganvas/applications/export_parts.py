"""What exported functions share: names of inputs and outputs, and the decoding of a model's data."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn

from ..base.errors import UsageError
from ..domains.contract import DecodesTensors
from ..sessions.model import Model

Z, Y, TRUNCATION, PICTURE, HOLES = "z", "y", "truncation", "picture", "mask"
SAMPLES, X = "samples", "x"  # outputs
EXAMPLE = 3  # rows of the example that is traced: no number that networks have by themselves


class Graph(NamedTuple):
    """A function of tensors with its inputs.

    Args:
        module: called with the inputs in their order; returns `samples` in the data's own units, and x as networks
            make it.
        inputs: an example of each input, by name.
        free: for each input, the names of its axes whose length is free, by axis.
        step: what free heights and widths are multiples of; 0 where they are fixed.
        span: the values of input pictures.
    """

    module: nn.Module
    inputs: dict[str, Tensor]
    free: dict[str, dict[int, str]]
    step: int = 0
    span: tuple[float, float] = (0.0, 255.0)

    @property
    def of_one_size(self) -> "Graph":
        """The same function with a free number of samples and fixed sizes."""
        return self._replace(free={name: {0: axes[0]} for name, axes in self.free.items()}, step=0)


def decoder_of(model: Model) -> Callable[[Tensor], Tensor]:
    """The decoding of the model's data in operations of torch. Raises UsageError: its domain has none."""
    if not isinstance(model.domain, DecodesTensors):
        kind = type(model.domain).__name__
        raise UsageError(f"data of the kind {kind} cannot be decoded in an exported file", where=str(model.run))
    return model.domain.decode_tensor
