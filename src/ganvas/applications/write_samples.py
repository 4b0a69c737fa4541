"""Samples to files: one picture, a folder of pictures, an .npz, or a table, each marked as generated."""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import UsageError
from ..domains.contract import HasFiles
from ..domains.images import picture_of
from ..runs import cannot_write, mark_of, save_picture, save_values, value_suffix, write_sidecar
from ..sessions.table_rows import domain_of, wanted_samples
from .sample_content import array_content, csv_content, sample_classes, write_content

if TYPE_CHECKING:
    from ..sessions.model import Model

TABLES = (".csv", ".csv.gz")


def write_samples(
    model: "Model",
    out: Path,
    n: int,
    *,
    seed: int,
    classes: Sequence[str] | None,
    mark: bool = True,
    where: Sequence[str] = (),
) -> list[Path]:
    """Write n samples of a model to files, and return these.

    Samples of more than 8 bits keep their units and their type in a folder (PNG of 16 bits, else TIFF) and in an .npz;
    a sheet shows them in 8 bits.

    Args:
        model: whose samples.
        out: a name that ends in .png or .webp (one sheet), .npz (arrays x and y), .csv or .csv.gz (rows of numbers),
            or a folder (a file for each sample).
        n: how many, at least 1.
        seed: the same seed gives the same bytes.
        classes: names of classes, repeated to the end; None for all in turn.
        mark: whether the files say that they are generated.
        where: conditions on rows of a table, such as "income = >50K".

    Raises:
        UsageError: the ending is not one of these, or does not hold such samples; there is no such class.
        ResourceError: the files cannot be written.
    """
    marked = mark_of(model.sha256, seed) if mark else None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(model.domain, HasFiles) and out.suffix.lower() not in (".png", ".webp", ".npz"):
            return write_own(model, out, n, seed=seed, classes=classes, where=where, marked=marked)
        if where:
            domain_of(model)
            raise UsageError("--where applies to rows in a file", where=str(out), hint="Use -o new.csv.")
        if out.suffix.lower() in (".png", ".webp"):
            save_picture(model.sheet(n, seed=seed, classes=classes), out, marked)
            return [out]
        if out.suffix.lower() == ".npz":
            return write_arrays(model, out, n, seed=seed, classes=classes, marked=marked)
        if out.name.lower().endswith(TABLES):
            return write_table(model, out, n, seed=seed, classes=classes, marked=marked)
        check_folder(model, out)
        out.mkdir(exist_ok=True)
        return write_folder(model.sample(n, seed=seed, classes=classes), out, marked)
    except OSError as error:
        raise cannot_write(out, error) from error
    except ValueError as error:  # WebP ends at 16,383 pixels
        what = f"cannot write {n:,} samples as one picture: {error}"
        raise UsageError(what, where=str(out), hint="Use -o samples.npz or a folder.") from error


def write_own(
    model: "Model",
    out: Path,
    n: int,
    *,
    seed: int,
    classes: Sequence[str] | None,
    where: Sequence[str],
    marked: dict[str, Any] | None,
) -> list[Path]:
    """Samples in a file that suits their kind of data, such as a table; its mark is in a second file.

    Raises UsageError, OSError.
    """
    assert isinstance(model.domain, HasFiles)
    model.domain.write(wanted_samples(model, n, seed=seed, classes=classes, where=where), out)
    made = sorted(out.iterdir()) if out.is_dir() else [out]
    return [*made, *(write_sidecar(each, marked) for each in made if marked)]


def check_folder(model: "Model", out: Path) -> None:
    """Raises UsageError for an ending of `out` that is not known, and for samples that are no pictures."""
    if out.suffix:
        raise UsageError(
            f"cannot write samples as '{out.suffix}'",
            where=str(out),
            hint="Use .png, .webp, .npz, .csv, or a folder.",
        )
    if model.spec.domain != "images":
        raise UsageError(
            f"a folder of pictures cannot hold {model.spec.domain}",
            hint="Use -o samples.csv, -o samples.npz, or -o picture.png.",
        )


def write_arrays(
    model: "Model", out: Path, n: int, *, seed: int, classes: Sequence[str] | None, marked: dict[str, Any] | None
) -> list[Path]:
    """Arrays x and, of a model that takes classes, y in an .npz. Raises UsageError, OSError."""
    x = model.sample(n, seed=seed, classes=classes)
    content = array_content(x, sample_classes(model, n, classes), marked)
    write_content(content, out)
    return [out]


def write_folder(samples: np.ndarray[Any, Any], out: Path, marked: dict[str, Any] | None) -> list[Path]:
    """One picture a file: bytes as PNG, values of more than 8 bits in their own type. Raises OSError."""
    files = [out / f"{place:06d}{value_suffix(samples.dtype)}" for place in range(len(samples))]
    for file, tile in zip(files, samples, strict=True):
        if tile.dtype == np.uint8:
            save_picture(picture_of(tile), file, marked)
        else:
            save_values(tile, file, marked)
    return files


def write_table(
    model: "Model", out: Path, n: int, *, seed: int, classes: Sequence[str] | None, marked: dict[str, Any] | None
) -> list[Path]:
    """Rows of numbers as CSV (commas, decimal points, UTF-8), with the names and decimals of the data's columns.

    The file itself holds nothing else, so that every reader takes it; its mark is in a second file. Raises
    UsageError, OSError.
    """
    if model.spec.domain != "points":
        raise UsageError(
            f"a table cannot hold {model.spec.domain}", where=str(out), hint="Use -o samples.npz, or a folder."
        )
    data = csv_content(model.sample(n, seed=seed, classes=classes), model.domain)
    # gzip without a date: the same seed gives the same bytes
    out.write_bytes(gzip.compress(data, mtime=0) if out.suffix.lower() == ".gz" else data)
    return [out, *([write_sidecar(out, marked)] if marked else [])]
