"""Tables of files and classes: CSV with any delimiter, one column of several, one-hot columns, JSON, JSON lines.

Among them StyleGAN's dataset.json and metadata.jsonl.
"""

import csv
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..base.errors import DataError
from ..base.wording import command, shortened
from .text_files import DELIMITERS, MOST_BYTES, codec, other_encoding_hint, read_text

FILES = ("file_name", "filename", "file", "image", "path", "name", "id")  # what the column of files may be called
ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl")
HINT = 'Give "folders", or a CSV file with the columns file,label.'
Pairs = list[tuple[str, str]]


def file_and_column(labels: str) -> tuple[Path, str]:
    """The file, and the requested column: metadata.csv:label. "" for none."""
    head, colon, column = labels.rpartition(":")
    if colon and head.lower().endswith(ENDINGS) and not Path(labels).expanduser().exists():
        return Path(head).expanduser(), column
    return Path(labels).expanduser(), ""


def in_zip(file: Path) -> bool:
    """Whether a path leads into a zip: pictures.zip/dataset.json."""
    return not file.exists() and file.parent.is_file() and zipfile.is_zipfile(file.parent)


def located(labels: str, data: str) -> str:
    """The path of a table that is named relative to the data's folder or zip; otherwise the text as it is."""
    file, column = file_and_column(labels)
    inside = Path(data).expanduser() / file
    if file.exists() or not labels.lower().rpartition(":")[0 if column else 2].endswith(ENDINGS):
        return labels
    held = inside.is_file()
    if not held and inside.parent.is_file() and zipfile.is_zipfile(inside.parent):
        with zipfile.ZipFile(inside.parent) as archive:
            held = file.name in archive.namelist()
    return f"{inside}:{column}" if held and column else str(inside) if held else labels


def pairs(labels: str, encoding: str = "utf-8") -> Pairs:
    """Each file's name and its label, as text. Raises DataError, and UsageError for an unknown encoding."""
    file, column = file_and_column(labels)
    text = member(file, encoding) if in_zip(file) else read_text(file, "labels", encoding)
    try:
        if file.suffix.lower() == ".json":
            return of_json(json.loads(text), file)
        if file.suffix.lower() == ".jsonl":
            return of_rows(flat(map(json.loads, filter(None, map(str.strip, text.splitlines()))), file), column, file)
        return of_rows(parse_cells(text), column, file)
    except (ValueError, csv.Error, RecursionError) as error:
        raise DataError(f"cannot read the labels: {error}", where=str(file), hint=HINT) from error


def member(file: Path, encoding: str) -> str:
    """A table inside a zip. Raises DataError."""
    try:
        with zipfile.ZipFile(file.parent) as archive, archive.open(file.name) as content:
            data = content.read(MOST_BYTES + 1)
    except (OSError, KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise DataError(f"cannot read the labels: {error}", where=str(file), hint=HINT) from error
    if len(data) > MOST_BYTES:
        raise DataError(f"cannot read the labels: more than {MOST_BYTES:,} bytes", where=str(file))
    try:
        return data.decode(codec(encoding))
    except UnicodeError as error:
        raise DataError(
            f"cannot read the labels: not {encoding.upper()}",
            where=str(file),
            hint=f"Save the file as UTF-8, or {other_encoding_hint(encoding)}.",
        ) from error


def parse_cells(text: str) -> list[list[str]]:
    """The rows of a CSV, by the first delimiter that gives all of them as many columns, else by commas."""
    for delimiter in (*DELIMITERS, ","):
        rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=delimiter) if row]
        if len({len(row) for row in rows}) == 1 and len(rows[0]) > 1:
            break
    return rows


def of_rows(rows: Sequence[Sequence[str]], column: str, file: Path) -> Pairs:
    """Two columns, or of more the requested one, or as many as there are classes with a single 1 a row."""
    width = len(rows[0]) if rows else 2
    for line, row in enumerate(rows, start=1):
        if len(row) != width or width < 2:
            count, wanted = len(row), "two" if width in (1, 2) else str(width)
            raise DataError(
                f"line {line} of the labels has {count} columns, not {wanted}: {','.join(row)[:60]}",
                where=str(file),
                hint="Write file,label.",
            )
    if width == 2 and not column and not (rows and rows[0][1].lower() in FILES[:1]):
        return [(row[0], row[1]) for row in rows]
    head, body = rows[0], rows[1:]
    files = next((head.index(name) for wanted in FILES for name in head if name.lower() == wanted), 0)
    others = [place for place in range(width) if place != files]
    if not column and len(others) > 1:
        if body and all(sorted(row[place] for place in others) == ["0"] * (len(others) - 1) + ["1"] for row in body):
            return [(row[files], next(head[place] for place in others if row[place] == "1")) for row in body]
        choices = shortened([head[place] for place in others])
        hint = f"Name one: {command('--labels', f'{file}:{head[others[0]]}')}"
        raise DataError(f"the labels have several columns: {choices}", where=str(file), hint=hint)
    if column and column not in head:
        raise DataError(
            f"the labels have no column '{column}'",
            where=str(file),
            hint=f"There are: {shortened([head[place] for place in others])}.",
        )
    chosen = head.index(column) if column else others[0]
    return [(row[files], row[chosen]) for row in body]


def flat(lines: Iterable[Any], file: Path) -> list[list[str]]:
    """Objects of a .jsonl as rows, with their keys first."""
    found = list(lines)
    if not all(isinstance(line, dict) and "file_name" in line for line in found):
        raise DataError(
            "each line of the labels has to be an object with file_name",
            where=str(file),
            hint='As in {"file_name": "a.png", "label": "cat"}.',
        )
    keys = ["file_name", *(key for key in dict.fromkeys(key for line in found for key in line) if key != "file_name")]
    return [keys, *([label_text(line.get(key, "")) for key in keys] for line in found)]


def of_json(tree: Any, file: Path) -> Pairs:
    """StyleGAN's {"labels": [["00000/img.png", 3], ...]}; or {"a.png": "cat", ...}."""
    listed = tree.get("labels", tree) if isinstance(tree, dict) else tree
    rows = list(listed.items()) if isinstance(listed, dict) else listed
    if rows is None:
        raise DataError("this dataset.json has no labels", where=str(file), hint="Leave --labels out.")
    if not isinstance(rows, list) or not all(
        isinstance(row, list | tuple) and len(row) == 2 and isinstance(row[0], str) for row in rows
    ):
        raise DataError(
            "the labels are no pairs of file and class",
            where=str(file),
            hint='As in {"labels": [["a.png", 0], ["b.png", 1]]}.',
        )
    return [(row[0], one_of(row[1], row[0], file)) for row in rows]


def one_of(label: Any, name: str, file: Path) -> str:
    """A class as text; of a one-hot vector the place of its 1."""
    if isinstance(label, list) and label.count(1) == 1 and label.count(0) == len(label) - 1:
        return str(label.index(1))
    if isinstance(label, list | dict):
        raise DataError(
            f"the label of {name} is no class: {str(label)[:60]}", where=str(file), hint="One number or name a picture."
        )
    return label_text(label)


def label_text(value: Any) -> str:
    """A label of JSON as text; "" for null."""
    return "" if value is None else str(value).strip()
