"""Pictures through an extractor's network in batches of one size: the last is filled up, so that a sample's features never depend on how many came with it."""

from collections.abc import Callable

import torch
from jaxtyping import UInt8
from torch import Tensor

from ..base.errors import DataError
from .extractor import Seen

BATCH = 8  # samples; another number may change the last bits of features


@torch.no_grad()
def in_batches(x: UInt8[Tensor, "n c h w"], see: Callable[[Tensor], Seen], size: int = BATCH) -> Seen:
    """What `see` says of all pictures, on the CPU in float32. Raises DataError for no pictures, features that are not finite, or not one row a picture."""
    if not len(x):
        raise DataError("there are no pictures to look at")
    seen = [cut(see(filled(part, size)), len(part), size) for part in x.split(size)]
    features = torch.cat([part.features for part in seen])
    if not features.isfinite().all():
        first = int((~features.isfinite().all(1)).nonzero()[0])
        raise DataError(
            f"the features of picture {first} are not finite",
            hint="The network that sees is broken, or its weights are.",
        )
    named = [part.probabilities for part in seen if part.probabilities is not None]
    return Seen(features, torch.cat(named) if named else None)


def filled(part: Tensor, size: int) -> Tensor:
    """[n, ...] -> [size, ...], the last picture repeated."""
    return part if len(part) == size else torch.cat([part, part[-1:].expand(size - len(part), *part.shape[1:])])


def cut(seen: Seen, n: int, size: int) -> Seen:
    """Without what was filled up; also checks that there was a row for each picture."""
    if seen.features.ndim != 2 or len(seen.features) != size:
        raise DataError(
            f"the network made features of shape {list(seen.features.shape)} of {size} pictures; wanted are {size} rows"
        )
    named = seen.probabilities
    return Seen(seen.features[:n].float().cpu(), None if named is None else named[:n].float().cpu())
