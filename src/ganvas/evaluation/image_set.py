"""A set of pictures for scoring, read one block at a time: a run's samples, a run's data, or a folder."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.draws import permutation
from ..base.errors import CheckFailed, DataError
from ..base.progress import report_progress
from ..data.source import BYTES, Items, Units
from ..domains.images import Images
from ..ops.transparency import SCORING_GROUND, bytes_on_ground, image_bytes

BLOCK = 256  # pictures read at a time
TOGETHER, MOST = 1_000, 64 * 2**20  # pictures in a block for feature extraction, and bytes of it
GROUND = f"transparency on grey {SCORING_GROUND}"  # in the protocol
CACHED_BYTES = 64 * 2**20  # generated pictures that are held in memory


@dataclass(frozen=True)
class PictureSet:
    """n pictures of one shape as bytes, with classes if they have labels.

    Args:
        name: of the set, in messages.
        shape: [C, H, W]; C is 4 for straight RGBA.
        n: the number of pictures.
        data: a fingerprint of the pictures.
        read: returns an iterator over all pictures, uint8 [b, C, H, W].
        y: class numbers, int64 [n].
        classes: names of the classes.
        prepared: how pictures are brought to this shape.
        messages: sentences on what was changed in these pictures.
        offset: index of the first picture among all with this fingerprint.
        units: of the values that the bytes were made from.
        reusable: whether features of these pictures may be cached.
    """

    name: str
    shape: tuple[int, ...]
    n: int
    data: str
    read: Callable[[], Iterator[Tensor]]
    y: Tensor | None = None
    classes: tuple[str, ...] = ()
    prepared: str = "none"
    messages: tuple[str, ...] = ()
    offset: int = 0
    units: Units = BYTES
    reusable: bool = False

    @property
    def scored_shape(self) -> tuple[int, ...]:
        """The shape of what is scored: transparent pictures are put on a grey ground."""
        return (3, *self.shape[1:]) if self.shape[0] == 4 else self.shape

    def scored(self) -> Iterator[Tensor]:
        """All pictures as they are scored, uint8 [b, C, H, W] of `scored_shape`."""
        return map(bytes_on_ground, self.read())

    def blocks(self) -> Iterator[Tensor]:
        """All pictures in order, in blocks of a good size for networks; reports progress."""
        many = max(1, min(TOGETHER, MOST // math.prod(self.shape)))
        done, waiting = 0, list[Tensor]()
        for block in self.scored():
            waiting.append(block)
            if sum(map(len, waiting)) < min(many, self.n - done):
                continue
            together, waiting = torch.cat(waiting), []
            yield together
            done += len(together)
            report_progress(f"reading {self.name}", done, self.n)

    def cached(self) -> "PictureSet":
        """The same set, generated once and held in memory if it fits into CACHED_BYTES, else at each reading."""
        if self.n * math.prod(self.shape) > CACHED_BYTES:
            return self
        blocks: list[Tensor] = []

        def read() -> Iterator[Tensor]:
            if blocks:
                yield from blocks
                return
            made = []
            for block in self.read():
                made.append(block)
                yield block
            if not blocks:
                blocks.extend(made)

        return replace(self, read=read)

    def first(self, n: int) -> "PictureSet":
        """The first n pictures."""

        def read() -> Iterator[Tensor]:
            left = n
            for block in self.read():
                yield block[:left]
                left -= len(block)
                if left <= 0:
                    return

        return self if n >= self.n else replace(self, n=n, read=read, y=None if self.y is None else self.y[:n])

    def after(self, n: int) -> "PictureSet":
        """All pictures but the first n."""

        def read() -> Iterator[Tensor]:
            over = n
            for block in self.read():
                if over < len(block):
                    yield block[over:]
                over = max(0, over - len(block))

        return replace(self, n=self.n - n, read=read, y=None if self.y is None else self.y[n:], offset=self.offset + n)

    def at(self, numbers: list[int]) -> Tensor:
        """The pictures with these indices as they are scored, uint8 [len, C, H, W]."""
        found: dict[int, Tensor] = {}
        start = 0
        for block in self.scored():
            found |= {number: block[number - start] for number in numbers if start <= number < start + len(block)}
            start += len(block)
            if len(found) == len(set(numbers)):
                break
        return torch.stack([found[number] for number in numbers])

    def sheet(self, n: int) -> Image.Image:
        """The first n pictures as a grid in one picture."""
        domain = Images(channels=self.shape[0])
        return domain.render(domain.to_tensor(torch.cat(list(self.first(n).read()))))


def array_images(
    x: np.ndarray[Any, Any],
    *,
    name: str,
    y: np.ndarray[Any, Any] | None = None,
    classes: tuple[str, ...] = (),
    data: str = "",
    prepared: str = "none",
    units: Units = BYTES,
) -> PictureSet:
    """The pictures of an array in a random order, so that the first n are a random sample of all.

    Args:
        x: [N, H, W, C], bytes, or values in `units`, which are converted to bytes.
        name: of the set, in messages.
        y: class numbers [N].
        classes: names of the classes.
        data: fingerprint. Default: computed from the pictures.
        prepared: how the pictures were brought to this shape.
        units: of the values.

    Returns:
        The set.

    Raises:
        DataError: the array has another shape or dtype, or no picture.
    """
    if x.ndim != 4 or str(x.dtype) not in (units.depth, str(units.stored)) or not len(x):
        raise DataError(
            f"pictures must be {units.depth} [N, H, W, C], at least one; these are {x.dtype} {list(x.shape)}",
            where=name,
        )

    def read() -> Iterator[Tensor]:
        for start in range(0, len(x), BLOCK):
            yield torch.from_numpy(view(np.array(x[order[start : start + BLOCK]]))).permute(0, 3, 1, 2).contiguous()

    prepared = f"{prepared}; {GROUND}" if x.shape[3] == 4 else prepared
    view = Images(depth=units.depth, low=units.low, high=units.high).view
    order = permutation(("order of pictures",), len(x))
    numbers = None if y is None else torch.from_numpy(np.asarray(y, np.int64)[order])
    data = data or Items(x, y, classes, units=units).fingerprint
    return PictureSet(name, (x.shape[3], *x.shape[1:3]), len(x), data, read, numbers, classes, prepared, units=units)


def bytes_of_finite(x: Tensor) -> Tensor:
    """Generated pictures as bytes, of four channels straight RGBA.

    Raises CheckFailed for values that are not finite: they would be scored as black.
    """
    if not x.isfinite().all():
        raise CheckFailed("the model's output is not finite", hint="Use an earlier checkpoint, or train again.")
    return image_bytes(x)
