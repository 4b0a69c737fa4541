"""Numbers that are not finite, and memory that runs out: how a turn finds out, and what it says."""

import resource
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ..base.errors import Diverged, ResourceError
from ..base.types import Batch, mixes_samples

NAMED = 3  # culprits named in a sentence


class Recovery(NamedTuple):
    """A fault that the trainer got over by itself."""

    fault: str  # "numbers" or "memory"
    message: str


class NonFinite(Diverged):
    """A turn whose numbers are not finite, twice from the same start. Whoever owns checkpoints may roll back."""


def norm(gradients: Iterable[Tensor]) -> Tensor:
    """|g|_2 over all of a player's gradients, a scalar."""
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(gradients))))


def finite(sums: Mapping[str, Tensor]) -> bool:
    """Whether all terms and the gradient are: one question to the device."""
    return bool(torch.stack([value.detach().float() for value in sums.values()]).isfinite().all())


def what_broke(turn: str, sums: Mapping[str, Tensor], batch: Batch, networks: Mapping[str, nn.Module]) -> str:
    """Where the first numbers that are not finite stand: data, weights, terms, or only their gradient."""
    given = {"x": batch.x, **batch.given}
    data = [name for name, value in given.items() if value.is_floating_point() and not value.isfinite().all()]
    if data:
        numbers = (
            f", samples {wrong_rows(batch.x, batch.index)}" if data[0] == "x" else ""
        )  # of other streams they are not known
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
    """The numbers of the samples that are not finite."""
    rows = (~value.reshape(len(value), -1).isfinite().all(1)).nonzero().flatten().cpu()
    return listed(str(int(number)) for number in (rows if index is None else index.cpu()[rows]))


def listed(names: Iterable[str]) -> str:
    """The first few, and how many more."""
    found = list(names)
    return ", ".join(found[:NAMED]) + (f" and {len(found) - NAMED} more" if len(found) > NAMED else "")


def lacks_memory(error: BaseException) -> bool:
    """Whether it says that memory ran out: torch has no class of its own for the CPU."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        text in str(error) for text in ("out of memory", "can't allocate memory")
    )


def mixing(networks: Mapping[str, nn.Module], game: Any) -> str:
    """The first thing for which a batch in smaller parts is not the same batch, or an empty string."""
    for name, network in networks.items():
        if mixes_samples(network):
            return name
    return mixing_part(game)


def mixing_part(part: Any) -> str:
    """Of a game, and of the parts it holds."""
    if isinstance(part, tuple | list):
        return next(filter(None, map(mixing_part, part)), "")
    if not is_dataclass(part) or isinstance(part, type):
        return ""
    if getattr(part, "mixes_samples", False):
        return type(part).__name__
    return next(filter(None, (mixing_part(getattr(part, field.name)) for field in fields(part))), "")


def too_large(rows: int, mixer: str, device: torch.device) -> ResourceError:
    """The one sentence where a batch fits no memory and cannot be made smaller without changing what is learnt."""
    why = f", and {mixer} looks at whole batches, so that smaller parts would learn something else" if mixer else ""
    return ResourceError(
        f"not enough memory for {rows} samples at a time ({used(device)} in use at the most){why}",
        hint="Lower batch_samples or the networks' width.",
    )


def used(device: torch.device) -> str:
    """The most memory that was in use."""
    if device.type == "cuda":
        return f"{torch.cuda.max_memory_allocated(device) / 2**20:,.0f} MiB"
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, kilobytes elsewhere
    return f"{most / (2**20 if sys.platform == 'darwin' else 2**10):,.0f} MiB"
