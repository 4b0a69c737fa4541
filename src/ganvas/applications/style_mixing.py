"""Style mixing: the styles of some layers from one sample, and those of all other layers from another."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..base.errors import UsageError
from .edit import Edited, as_model, check_count
from .latent_paths import Start, start_points
from .latent_space import LatentPoints, LatentSpace, joined

PARTS = ("coarse", "middle", "fine")
MOST = 4096


def mix(
    run: Any,
    seeds: Sequence[int],
    other_seeds: Sequence[int] = (),
    *,
    layers: str | Sequence[int] = "coarse",
    start: Start = None,
    classes: Sequence[str | int] | str | int | None = None,
    at: str = "auto",
) -> Edited:
    """A table of samples: those of `seeds` in the first column, with the styles of some layers from those above.

    Karras et al. 2019, section 3.1 and figure 3. https://arxiv.org/abs/1812.04948

    Args:
        run: a run's folder, or the Model that `load` returned; its generator has styles.
        seeds: of the samples in the first column, whose other layers stay.
        other_seeds: of the samples in the first row, from which the styles of `layers` come.
        layers: their numbers, counted from 0, or "coarse", "middle" or "fine": the first, second or last third.
        start: latents for the first row instead of `other_seeds`: a file of `invert`, or its points.
        classes: one class, by name or number; None: that of the first sample.
        at: the checkpoint, as `load` takes it.

    Returns:
        len(seeds) + 1 rows; the first picture is blank.

    Raises:
        UsageError: the generator has no styles or no such layer, or there are no seeds.
    """
    plain = LatentSpace(as_model(run, at))
    space = LatentSpace(plain.model, styles=True)
    if not seeds or min([*seeds, *other_seeds]) < 0 or (start is None and not other_seeds):
        raise UsageError("style mixing needs seeds for the rows and for the columns", hint="--seeds 1,2 --with 3,4")
    chosen = layer_numbers(layers, int(space.G.layers))
    rows = [space.start(1, seed=seed, label=classes) for seed in seeds]
    if start is None:
        columns = joined([space.start(1, seed=seed, label=classes) for seed in other_seeds])
    else:
        columns = start_points(space, start, 1, seed=0, label=None)
    check_count("pictures", (len(rows) + 1) * (len(columns.z) + 1), MOST)
    mixed = [LatentPoints(torch.cat([row.z, taken(row.z, columns.z, chosen)])) for row in rows]
    x = space.generate(joined([LatentPoints(columns.z), *mixed]))
    x = torch.cat([torch.full_like(x[:1], -1.0), x])
    wide = len(columns.z) + 1
    for row, seed in enumerate(seeds, 1):
        x[row * wide] = plain.samples(1, seed=seed, label=classes)[0]
    note = f"Columns give the styles of layers {', '.join(map(str, chosen))} of {space.G.layers}, rows all others."
    return Edited(plain.model, x, wide, seeds[0], note)


def taken(w: Tensor, other: Tensor, layers: Sequence[int]) -> Tensor:
    """w [1, layers, style] with these layers of each of the others [n, layers, style]."""
    mixed = w.repeat(len(other), 1, 1)
    mixed[:, list(layers)] = other[:, list(layers)]
    return mixed


def layer_numbers(layers: str | Sequence[int], count: int) -> list[int]:
    """Numbers of layers, from a part's name, from text such as "0-3,6", or as they are.

    Raises UsageError: there is no such layer.
    """
    if isinstance(layers, str) and layers in PARTS:
        at = PARTS.index(layers)
        return list(range(count * at // 3, count * (at + 1) // 3))
    numbers = parsed(layers) if isinstance(layers, str) else list(layers)
    if not numbers or not all(0 <= each < count for each in numbers):
        raise UsageError(
            f"'{layers}' are no layers of this generator, which has {count}",
            hint=f"Use {', '.join(PARTS)}, or numbers from 0 to {count - 1}: 0-3,6.",
        )
    return sorted(set(numbers))


def parsed(text: str) -> list[int]:
    """[0, 1, 2, 3, 6] of "0-3,6"; empty for other text."""
    numbers: list[int] = []
    for part in text.split(","):
        ends = part.strip().split("-")
        if len(ends) > 2 or not all(end.isascii() and end.isdigit() and len(end) < 6 for end in ends):
            return []
        numbers += range(int(ends[0]), int(ends[-1]) + 1)
    return numbers
