"""Samples as the content of a file: what `ganvas sample` writes and what the server sends are the same bytes."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.files import open_regular

if TYPE_CHECKING:
    from ..domains.contract import Domain
    from ..sessions.model import Model

Values = np.ndarray[Any, Any]


def sample_classes(model: "Model", n: int, classes: Sequence[str | int] | None) -> Values | None:
    """The numbers of the classes of n samples, int64 [n]; None for a model that takes none. Raises UsageError."""
    y = model.numbers(classes)
    if not model.conditional:
        return None
    return np.resize(np.arange(len(model.spec.classes)) if y is None else y.numpy(), n)


def array_content(x: Values, y: Values | None, marked: dict[str, Any] | None) -> bytes:
    """An .npz with the arrays x and, if there are classes, y, and the mark; it has no date."""
    mark: dict[str, Any] = {"mark": np.array(json.dumps(marked))} if marked else {}
    arrays: dict[str, Any] = {"x": x, **mark, **({} if y is None else {"y": y})}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def csv_content(x: Values, domain: "Domain") -> bytes:
    """Rows of numbers as CSV (commas, decimal points, UTF-8), with the names and decimals of the data's columns."""
    names, decimals = (
        getattr(domain, name, ()) or (missing,) * x.shape[1] for name, missing in (("names", ""), ("decimals", -1))
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if any(names):
        writer.writerow(names)
    forms = [f".{digits}f" if digits >= 0 else ".9g" for digits in decimals]
    writer.writerows([format(value + 0.0, form) for value, form in zip(row, forms, strict=True)] for row in x.tolist())
    return text.getvalue().encode()


def write_content(content: bytes, out: Path) -> None:
    """Write the content of a file. Raises OSError: it cannot be written, or is a pipe or a device."""
    with open_regular(out, "wb") as file:
        file.write(content)
