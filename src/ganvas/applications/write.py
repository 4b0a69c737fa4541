"""Samples to files: one picture, a folder of pictures, or an .npz, each marked as generated."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import UsageError
from ..domains.images import picture_of
from ..runs import facts, save_picture, save_values, suffix, unwritable
from .sample import Model


def write_samples(model: Model, out: Path, n: int, *, seed: int, classes: Sequence[str] | None, mark: bool = True) -> list[Path]:
    """The files written: `out` ends in .png or .webp (one sheet), .npz (arrays x and y), or is a folder (a picture a sample).

    Samples of more than 8 bits keep their units and their type in a folder (PNG of 16 bits, else TIFF) and in an .npz; a sheet shows them in 8 bits.
    """
    marked = facts(model.sha256, seed) if mark else None
    y = model.numbers(classes)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix.lower() in (".png", ".webp"):
            save_picture(model.sheet(n, seed=seed, classes=classes), out, marked)
            return [out]
        if out.suffix.lower() == ".npz":
            x = model.sample(n, seed=seed, classes=classes)
            arrays: dict[str, Any] = {"x": x, **({"mark": np.array(json.dumps(marked))} if marked else {})}
            if model.conditional:
                arrays["y"] = np.resize(np.arange(len(model.spec.classes)) if y is None else y.numpy(), len(x))
            with out.open("wb") as archive:  # a name would be given another ending
                np.savez_compressed(archive, **arrays)
            return [out]
        if out.suffix:
            raise UsageError(f"cannot write samples as '{out.suffix}'", where=str(out), mend="Use .png, .webp, .npz, or a folder.")
        if model.spec.domain != "images":
            raise UsageError(f"a folder of pictures cannot hold {model.spec.domain}", mend="Use -o samples.npz, or -o picture.png.")
        out.mkdir(exist_ok=True)
        samples = model.sample(n, seed=seed, classes=classes)
        files = [out / f"{place:06d}{suffix(samples.dtype)}" for place in range(n)]
        for file, tile in zip(files, samples, strict=True):
            if tile.dtype == np.uint8:
                save_picture(picture_of(tile), file, marked)
            else:
                save_values(tile, file, marked)
        return files
    except OSError as error:
        raise unwritable(out, error) from error
    except ValueError as error:  # WebP ends at 16,383 pixels
        raise UsageError(f"cannot write {n:,} samples as one picture: {error}", where=str(out), mend="Use -o samples.npz or a folder.") from error
