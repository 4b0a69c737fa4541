"""What can be scored: pictures that a run makes, or has, or that lie in a folder; handed on a block at a time."""

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
from ..ops.unit_range import to_bytes, to_unit_range

BLOCK = 256  # pictures read at a time
TOGETHER, MOST = 1_000, 64 * 2**20  # pictures looked at together, and bytes of theirs
KEPT = 64 * 2**20  # bytes of made pictures that are kept


@dataclass(frozen=True)
class PictureSet:
    """n pictures of one shape [C, H, W] as bytes, and their classes where they have any.

    `data` is a fingerprint: what these pictures are.
    """

    name: str
    shape: tuple[int, ...]
    n: int
    data: str
    read: Callable[[], Iterator[Tensor]]  # uint8 [b, C, H, W], n in all
    y: Tensor | None = None
    classes: tuple[str, ...] = ()
    prepared: str = "none"  # how all such are brought to this shape
    messages: tuple[str, ...] = ()  # what that meant for these
    offset: int = 0  # the place of the first among all of that fingerprint
    units: Units = BYTES  # of the values that the bytes were made from
    reusable: bool = False  # whether the same pictures may be looked at another time

    def blocks(self) -> Iterator[Tensor]:
        """All pictures in order, as many at a time as networks like, saying how far it is."""
        many = max(1, min(TOGETHER, MOST // math.prod(self.shape)))
        done, waiting = 0, list[Tensor]()
        for block in self.read():
            waiting.append(block)
            if sum(map(len, waiting)) < min(many, self.n - done):
                continue
            together, waiting = torch.cat(waiting), []
            yield together
            done += len(together)
            report_progress(f"looking at {self.name}", done, self.n)

    def kept(self) -> "PictureSet":
        """Made once and kept, where all fit into KEPT bytes; else made anew at each look."""
        if self.n * math.prod(self.shape) > KEPT:
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
        """The first n of them."""

        def read() -> Iterator[Tensor]:
            left = n
            for block in self.read():
                yield block[:left]
                left -= len(block)
                if left <= 0:
                    return

        return self if n >= self.n else replace(self, n=n, read=read, y=None if self.y is None else self.y[:n])

    def after(self, n: int) -> "PictureSet":
        """All but the first n."""

        def read() -> Iterator[Tensor]:
            over = n
            for block in self.read():
                if over < len(block):
                    yield block[over:]
                over = max(0, over - len(block))

        return replace(self, n=self.n - n, read=read, y=None if self.y is None else self.y[n:], offset=self.offset + n)

    def at(self, numbers: list[int]) -> Tensor:
        """The pictures of these numbers, uint8 [len, C, H, W]."""
        found: dict[int, Tensor] = {}
        start = 0
        for block in self.read():
            found |= {number: block[number - start] for number in numbers if start <= number < start + len(block)}
            start += len(block)
            if len(found) == len(set(numbers)):
                break
        return torch.stack([found[number] for number in numbers])

    def sheet(self, n: int) -> Image.Image:
        """The first n as one picture."""
        return Images().render(to_unit_range(torch.cat(list(self.first(n).read()))))


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
    """[N, H, W, C], bytes or values in `units`, of which scores see bytes. Raises DataError.

    They come in an order that is drawn: part of them is then like all, and neighbours in it are as good as independent.
    """
    if x.ndim != 4 or str(x.dtype) not in (units.depth, str(units.stored)) or not len(x):
        raise DataError(
            f"pictures are {units.depth} [N, H, W, C], at least one; these are {x.dtype} {list(x.shape)}", where=name
        )

    def read() -> Iterator[Tensor]:
        for start in range(0, len(x), BLOCK):
            yield torch.from_numpy(view(np.array(x[order[start : start + BLOCK]]))).permute(0, 3, 1, 2).contiguous()

    view = Images(depth=units.depth, low=units.low, high=units.high).view
    order = permutation(("order of pictures",), len(x))
    numbers = None if y is None else torch.from_numpy(np.asarray(y, np.int64)[order])
    data = data or Items(x, y, classes, units=units).fingerprint
    return PictureSet(name, (x.shape[3], *x.shape[1:3]), len(x), data, read, numbers, classes, prepared, units=units)


def bytes_of_finite(x: Tensor) -> Tensor:
    """Made pictures as bytes. Raises CheckFailed for what is no number: it would be scored as black."""
    if not x.isfinite().all():
        raise CheckFailed(
            "the model makes numbers that are not finite", hint="Take an earlier checkpoint, or train anew."
        )
    return to_bytes(x)
