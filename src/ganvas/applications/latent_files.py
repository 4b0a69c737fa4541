"""Files of latent codes: z or w of pictures, with the SHA-256 of the weights that they belong to (safetensors)."""

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from ..base.errors import UsageError
from ..base.files import read_regular, replace_file
from ..sessions.model import Model
from .latent_space import LatentPoints, LatentSpace

ENDING = ".safetensors"
FORMAT = "ganvas latents 1"
MOST_BYTES = 1 << 28
HINT = "Use a file that `ganvas edit RUN invert` wrote for this run and checkpoint."


def save_points(points: LatentPoints, model: Model, out: str | os.PathLike[str]) -> Path:
    """Write latent codes to a file that the other edits accept as their start.

    Args:
        points: z [n, latent] or w [n, layers, style], and the classes.
        model: whose codes they are.
        out: ends in .safetensors.

    Raises:
        UsageError: another ending.
        OSError: the file cannot be written.
    """
    path = check_latent_ending(Path(out))
    tensors = {"w" if points.z.ndim == 3 else "z": points.z.float().contiguous()}
    if points.y is not None:
        tensors["y"] = points.y.long().contiguous()
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, save(tensors, {"format": FORMAT, "model": model.sha256, "checkpoint": model.checkpoint}))
    return path


def check_latent_ending(out: Path) -> Path:
    """The path. Raises UsageError: it does not end in .safetensors."""
    if out.suffix.lower() != ENDING:
        raise UsageError(f"cannot write latents as '{out.suffix}'", where=str(out), hint=f"Use {ENDING}.")
    return out


def read_points(file: str | os.PathLike[str], space: LatentSpace) -> LatentPoints:
    """The latent codes of a file, as points of a space: z become styles where the space is that of w.

    Args:
        file: what `save_points` wrote.
        space: of the model, z or w.

    Raises:
        UsageError: the file is missing or no such file, is of other weights, or holds w where the space is z.
    """
    path = Path(file)
    tensors, facts = read_tensors_and_facts(path)
    if facts.get("model") != space.model.sha256:
        raise UsageError("these latents belong to other weights than this model's", where=str(path), hint=HINT)
    z, w, y = (tensors.get(name) for name in ("z", "w", "y"))
    n = len(next(each for each in (z, w) if each is not None))
    if y is not None and not 0 <= int(y.min()) <= int(y.max()) < max(1, len(space.model.spec.classes)):
        raise UsageError("these latents have classes that the model does not have", where=str(path), hint=HINT)
    if space.styles:
        w = space.G.styles(z, y) if w is None else w
        return LatentPoints(checked(w, (n, space.G.layers, *space.G.mean.shape), path), y)
    if z is None:
        hint = "Use an edit of styles: --path style for a walk."
        raise UsageError("these latents are styles w, and this edit needs latents z", where=str(path), hint=hint)
    return LatentPoints(checked(z, (n, *space.G.latent), path), y)


def checked(values: Tensor, shape: tuple[int, ...], path: Path) -> Tensor:
    """The values. Raises UsageError: they have another shape, or are not finite."""
    if tuple(values.shape) != shape or not torch.isfinite(values).all():
        raise UsageError(f"these latents are {list(values.shape)}, not {list(shape)}", where=str(path), hint=HINT)
    return values


def read_tensors_and_facts(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors z or w, and y, and the facts in the header. Raises UsageError."""
    try:
        data = read_regular(path, MOST_BYTES)
        tensors = load(data)
        facts = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get("__metadata__", {})
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot read the latents: {why}", where=str(path), hint=HINT) from error
    except (SafetensorError, ValueError) as error:
        raise UsageError("this is no file of latents", where=str(path), hint=HINT) from error
    code = [tensors[name] for name in ("z", "w") if name in tensors]
    y = tensors.get("y")
    fits = len(code) == 1 and code[0].ndim in (2, 3) and len(code[0]) > 0 and code[0].dtype == torch.float32
    if facts.get("format") != FORMAT or not fits or (y is not None and y.shape != code[0].shape[:1]):
        raise UsageError("this is no file of latents", where=str(path), hint=HINT)
    if y is not None and y.dtype != torch.int64:
        raise UsageError("this is no file of latents", where=str(path), hint=HINT)
    return tensors, facts
