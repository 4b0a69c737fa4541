"""A trained model for use elsewhere: a model folder, or a file for another runtime."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

from ..base.errors import UsageError
from ..sessions.load_model import Model, load
from .export_program import write_onnx, write_torch
from .export_web import write_web

Format = Literal["folder", "onnx", "torch", "web"]
Place = str | os.PathLike[str]
ENDINGS = {"onnx": ".onnx", "torch": ".pt2"}


def export(
    run: "Model | Place",
    out: Place,
    *,
    format: Format = "folder",
    every: bool = False,
    precision: Literal["float32", "bfloat16"] = "float32",
    name: str = "",
    licence: str = "",
    data_note: str = "",
    runtime: Place | None = None,
    at: str = "auto",
    parts: Collection[Any] = (),
) -> list[Path]:
    """Write a model for use elsewhere.

    Args:
        run: a run's folder, a model as `load` takes it, or the Model that `load` returned.
        out: "folder" and "web": a new folder, or one of the same kind; "onnx": a file .onnx; "torch": a file .pt2.
        format: "folder", a model folder of safetensors and JSON, which every command takes in the place of a run;
            "onnx", needs `pip install "ganvas[onnx]"`; "torch", a program of torch.export; "web", a page that makes
            samples in a browser.
        every: of a folder: all players, so that `--init-from` can train them further.
        precision: of a folder: "float32", or "bfloat16" for half the size.
        name, licence, data_note: stated in the folder's card: the model's name, a licence such as "Apache-2.0", and a
            sentence on the data.
        runtime: of "web": the folder of the npm package onnxruntime-web.
        at: the checkpoint, as `load` takes it.
        parts: classes of the caller that the recipe uses, as `load` takes them.

    Returns:
        The files that were written.

    Raises:
        UsageError: the format is unknown, the model has no such form, or other files are in the way.
        MissingExtra: a package that the format needs is not installed.
        CheckFailed: the exported file computes something else than the model.
        ResourceError: a file cannot be written.
    """
    if format not in ("folder", *ENDINGS, "web"):
        raise UsageError(f"there is no format '{format}'", hint="There are: folder, onnx, torch, web.")
    check_ending(Path(out), format)
    model = run if isinstance(run, Model) else load(run, at=at, parts=parts)
    if format == "onnx":
        return [write_onnx(model, Path(out))]
    if format == "torch":
        return [write_torch(model, Path(out))]
    if format == "web":
        return write_web(model, Path(out), None if runtime is None else Path(runtime), name)
    stated = {"name": name, "licence": licence, "data_note": data_note}
    return list(model.save_pretrained(out, every=every, precision=precision, **stated))


def check_ending(out: Path, format: Format) -> None:
    """Raises UsageError unless a file has the ending of its format, and a folder none of them."""
    wanted, found = ENDINGS.get(format, ""), out.suffix.lower()
    if wanted and found != wanted:
        raise UsageError(f"a file of this format ends in {wanted}", where=str(out), hint=f"Such as -o model{wanted}.")
    if not wanted and found in ENDINGS.values():
        option = next(name for name, ending in ENDINGS.items() if ending == found)
        raise UsageError(f"'{out.name}' is the name of a file, not of a folder", hint=f"Add --format {option}.")
