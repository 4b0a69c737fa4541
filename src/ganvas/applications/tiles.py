"""A picture in overlapping tiles: bounded memory, and no visible borders between them.

Neighbouring tiles share `overlap` pixels. In the middle of them, over `ramp` pixels, one tile fades linearly into the
next; both weights add up to 1. The rest of the overlap is read and not used: it is context, so that a network whose
receptive field has a radius of at most (overlap - ramp) / 2 gives the same result as on the whole picture.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

WHOLE_PIXELS = 2**20  # a picture of at most so many is one tile, unless a size of tiles is given
TILE = 512


class Tiling(NamedTuple):
    """How a picture is cut. All in pixels of the input.

    Args:
        tile: side of the tiles, a multiple of `step`.
        overlap: pixels that neighbours share at least, a multiple of `step`, at most half of `tile`.
        ramp: of these, the pixels in which one tile fades into the next, at least 1 and at most `overlap`.
        step: tiles begin at multiples of it, such as a network with strides needs.
    """

    tile: int
    overlap: int
    ramp: int
    step: int = 1

    @classmethod
    def of(cls, tile: int, step: int) -> "Tiling":
        """Tiles of about this side: a quarter of it overlaps, a quarter of that is the ramp.

        Args:
            tile: in pixels; it is rounded up to a multiple of `step`, and to four steps at least.
            step: what the network needs, at least 1.
        """
        side = max(rounded_up(tile, step), 4 * step)
        overlap = rounded_up(side // 4, step)
        return cls(side, overlap, max(1, overlap // 4), step)


def rounded_up(length: int, step: int) -> int:
    """The least multiple of a step that is not less than the length."""
    return -(-length // step) * step


def tile_starts(length: int, tiling: Tiling) -> list[int]:
    """Where the tiles along one side begin: the first at 0, the last ends at the end, evenly spread.

    Args:
        length: of the side in pixels, a multiple of `tiling.step`.
        tiling: of the picture.

    Returns:
        Multiples of the step; [0] for a side that is not longer than a tile.
    """
    if length <= tiling.tile:
        return [0]
    count = -(-(length - tiling.overlap) // (tiling.tile - tiling.overlap))
    steps = (length - tiling.tile) // tiling.step
    return [round(place * steps / (count - 1)) * tiling.step for place in range(count)]


def tile_weights(starts: list[int], side: int, ramp: int) -> list[Float[Tensor, "side"]]:
    """The weight of each tile at each of its pixels: at every pixel of the whole they add up to 1.

    w(t) = clamp((t + 1/2 - c) / ramp + 1/2, 0, 1) for a neighbour whose overlap with the one before has its middle at
    c, and 1 - w(t) for the one before.

    Args:
        starts: what `tile_starts` returned, scaled as `side` is.
        side: of the tiles.
        ramp: pixels in which one fades into the next.

    Returns:
        float64 [side] for each tile.
    """
    weights = [torch.ones(side, dtype=torch.float64) for _ in starts]
    pixels = torch.arange(side, dtype=torch.float64) + 0.5
    for place in range(1, len(starts)):
        before, start = starts[place - 1], starts[place]
        middle = (start + before + side) / 2
        weights[place - 1] *= 1 - ((before + pixels - middle) / ramp + 0.5).clamp(0, 1)
        weights[place] *= ((start + pixels - middle) / ramp + 0.5).clamp(0, 1)
    return weights


def blended_rows(
    output_of: Callable[[int, int, int, int], Float[Tensor, "c h w"]],
    height: int,
    width: int,
    tiling: Tiling,
    scale: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Float[Tensor, "c h w"]]:
    """The result for a picture, some rows at a time from the top, computed tile by tile.

    Args:
        output_of: called with (top, left, height, width) of a tile of the input; returns its [c, scale * height,
            scale * width].
        height, width: of the whole input, multiples of `tiling.step`.
        tiling: how it is cut.
        scale: how many times larger the output is than the input.
        progress: called with tiles done and tiles in all.

    Returns:
        Parts [c, n, scale * width], which follow each other; together they have scale * height rows.
    """
    tops, lefts = tile_starts(height, tiling), tile_starts(width, tiling)
    high, wide = min(height, tiling.tile), min(width, tiling.tile)
    ramp = scale * tiling.ramp
    down = tile_weights([scale * top for top in tops], scale * high, ramp)
    across = tile_weights([scale * left for left in lefts], scale * wide, ramp)
    unfinished: Tensor | None = None
    progress(0, len(tops) * len(lefts))
    for row, top in enumerate(tops):
        strip: Tensor | None = None
        for column, left in enumerate(lefts):
            tile = output_of(top, left, high, wide)
            if strip is None:
                strip = tile.new_zeros(tile.shape[0], scale * high, scale * width)
            weight = (down[row][:, None] * across[column]).to(tile.dtype)
            strip[:, :, scale * left : scale * (left + wide)] += tile * weight
            progress(row * len(lefts) + column + 1, len(tops) * len(lefts))
        assert strip is not None
        if unfinished is not None:
            strip[:, : unfinished.shape[1]] += unfinished
        end = scale * ((tops[row + 1] if row + 1 < len(tops) else height) - top)
        yield strip[:, :end]
        unfinished = strip[:, end:].clone()
