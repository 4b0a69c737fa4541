"""Earlier samples of generators, from which discriminators learn too. Shrivastava et al. 2017, section 2.3.

https://arxiv.org/abs/1612.07828
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Spec


class SamplePool(nn.Module):
    """`size` earlier samples of each side; every new sample replaces one of them with probability 1/2.

    Until the pool is full, samples are stored and discriminators get the new ones. From then on a discriminator gets,
    with probability 1/2, a sample of the pool in the place of a new one, which is then stored in that place. Zhu et al.
    2017, section 4, with 50 samples. https://arxiv.org/abs/1703.10593. There one picture after the other is exchanged;
    here all of a batch are exchanged with the pool as it was before the batch.

    Args:
        shapes: of one sample of each side, by name; at most as many sides as random numbers are drawn for.
        size: samples of each side.
    """

    filled: Tensor

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], size: int) -> None:
        super().__init__()
        self.sides = tuple(shapes)
        for side, shape in shapes.items():
            self.register_buffer(side, torch.zeros(size, *shape))
        self.register_buffer("filled", torch.zeros((), dtype=torch.int64))

    def mixed(self, side: str, new: Tensor, chosen: Tensor) -> Tensor:
        """New samples, about half of them exchanged for stored ones.

        Args:
            side: of the samples.
            new: [B, *shape].
            chosen: uniform numbers [B, sides, 2]: whether to exchange, and for which.

        Returns:
            [B, *shape].
        """
        stored: Tensor = getattr(self, side)
        if int(self.filled) < len(stored):
            return new
        exchanged, places = self._exchanges(side, chosen)
        return torch.where(exchanged.view(-1, *[1] * (new.ndim - 1)), stored[places].to(new.dtype), new)

    def add(self, new: Mapping[str, Tensor], chosen: Tensor) -> None:
        """Store the samples that were exchanged, or as many as the pool has room for.

        Args:
            new: [B, *shape] by side.
            chosen: those of `mixed`.
        """
        size = len(getattr(self, self.sides[0]))
        begun = int(self.filled)
        room = min(size - begun, len(chosen))
        for side in self.sides:
            stored: Tensor = getattr(self, side)
            if begun < size:
                stored[begun : begun + room] = new[side][:room].to(stored.dtype)
                continue
            exchanged, places = (each.tolist() for each in self._exchanges(side, chosen))
            last = {place: row for row, (place, swap) in enumerate(zip(places, exchanged, strict=True)) if swap}
            stored[list(last)] = new[side][list(last.values())].to(stored.dtype)  # the last one where two share a place
        self.filled.fill_(min(size, begun + room))

    def _exchanges(self, side: str, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """Whether each sample is exchanged [B], and the place of the other one [B]."""
        stored: Tensor = getattr(self, side)
        u = chosen[:, self.sides.index(side)]
        return u[:, 0] < 0.5, (u[:, 1] * len(stored)).long()


def pool_of(spec: Spec, size: int) -> SamplePool:
    """A pool for samples like x ("b") and like given["input"] ("a"). Raises UsageError where there is no input."""
    if "input" not in spec.given:
        raise UsageError(
            "this game translates the pictures of a stream 'input', and the recipe has none",
            hint="Name their source in streams: {input: ...}.",
        )
    return SamplePool({"b": spec.shape, "a": spec.given["input"].shape}, size)
