"""Non-finite numbers and lack of memory: how a turn detects them, and the messages."""

import resource
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ..base.errors import Diverged, ResourceError
from ..base.types import Batch, mixes_samples

NAMED = 3  # names in a sentence


class Recovery(NamedTuple):
    """A fault from which the trainer recovered.

    Args:
        fault: "numbers" or "memory".
        message: what happened, in a sentence.
    """

    fault: str
    message: str


class NonFinite(Diverged):
    """A turn's numbers were not finite twice from the same start; the caller may roll back to a checkpoint."""


def norm(gradients: Iterable[Tensor]) -> Tensor:
    """|g|_2 over all of a player's gradients, a scalar."""
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(gradients))))


def finite(sums: Mapping[str, Tensor]) -> bool:
    """True if all terms and the gradient's norm are finite; one synchronisation with the device."""
    return bool(torch.stack([value.detach().float() for value in sums.values()]).isfinite().all())


def what_broke(turn: str, sums: Mapping[str, Tensor], batch: Batch, networks: Mapping[str, nn.Module]) -> str:
    """Names the first cause of non-finite numbers: data, weights, terms, or only the gradient.

    Args:
        turn: its name.
        sums: the mean of each term, and "gradient".
        batch: of the turn.
        networks: all players, by name.
    """
    given = {"x": batch.x, **batch.given}
    data = [name for name, value in given.items() if value.is_floating_point() and not value.isfinite().all()]
    if data:
        numbers = f", samples {wrong_rows(batch.x, batch.index)}" if data[0] == "x" else ""  # unknown for others
        return f"the data are not finite ({data[0]}{numbers})"
    weights = [
        f"{name}.{key}"
        for name, network in networks.items()
        for key, value in network.named_parameters()
        if not value.isfinite().all()
    ]
    if weights:
        return f"weights are not finite: {listed(weights)}"
    terms = [name for name, value in sums.items() if name != "gradient" and not value.isfinite()]
    return (
        f"{listed(f'{turn}.{name}' for name in terms)} is not finite"
        if terms
        else f"the gradient of {turn} is not finite, though its terms are"
    )


def wrong_rows(value: Tensor, index: Tensor | None) -> str:
    """The sample numbers of non-finite rows."""
    rows = (~value.reshape(len(value), -1).isfinite().all(1)).nonzero().flatten().cpu()
    return listed(str(int(number)) for number in (rows if index is None else index.cpu()[rows]))


def listed(names: Iterable[str]) -> str:
    """The first few, and how many more."""
    found = list(names)
    return ", ".join(found[:NAMED]) + (f" and {len(found) - NAMED} more" if len(found) > NAMED else "")


def lacks_memory(error: BaseException) -> bool:
    """True for an error that reports a lack of memory; on the CPU torch raises a plain RuntimeError."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        text in str(error) for text in ("out of memory", "can't allocate memory")
    )


def mixing(networks: Mapping[str, nn.Module], game: Any) -> str:
    """The first network or part that computes statistics over the batch, so that micro-batches change it; or ""."""
    for name, network in networks.items():
        if mixes_samples(network):
            return name
    return mixing_part(game)


def mixing_part(part: Any) -> str:
    """The class name of the first such part among a game and its fields; or ""."""
    if isinstance(part, tuple | list):
        return next(filter(None, map(mixing_part, part)), "")
    if not is_dataclass(part) or isinstance(part, type):
        return ""
    if getattr(part, "mixes_samples", False):
        return type(part).__name__
    return next(filter(None, (mixing_part(getattr(part, field.name)) for field in fields(part))), "")


def too_large(rows: int, mixer: str, device: torch.device) -> ResourceError:
    """The error for a batch that does not fit into memory and cannot be split further without changing the result."""
    why = (
        f", and {mixer} computes statistics over the batch, so that smaller micro-batches would change the result"
        if mixer
        else ""
    )
    return ResourceError(
        f"not enough memory for {rows} samples at a time ({used(device)} in use at the most){why}",
        hint="Lower batch_samples or the networks' width.",
    )


def used(device: torch.device) -> str:
    """The peak memory use so far, such as "1,024 MiB"."""
    if device.type == "cuda":
        return f"{torch.cuda.max_memory_allocated(device) / 2**20:,.0f} MiB"
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, kilobytes elsewhere
    return f"{most / (2**20 if sys.platform == 'darwin' else 2**10):,.0f} MiB"
