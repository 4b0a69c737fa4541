"""Which class each picture is of: by its folder, or by a table of file and label."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ..base.errors import DataError
from .folder_names import composed
from .label_tables import file_and_column, in_zip, pairs
from .label_tables import located as located
from .listing_messages import printable

SHOWN = 3  # names in a sentence
NOT_FILES = ("", "folders", "y", "cls")  # labels that name no table


def file_of(labels: str) -> Path | None:
    """The file that holds the labels (or the zip around it); None if no separate file holds them."""
    if labels in NOT_FILES:
        return None
    file = file_and_column(labels)[0]
    return file.parent if in_zip(file) else file


def match_labels(
    names: Sequence[str], folders: Sequence[str], labels: str, encoding: str = "utf-8", *, base_path: str = ""
) -> tuple[str, ...]:
    """A label for each picture, in Unicode's composed form; empty without labels. Raises DataError where one has none.

    `labels` is "folders" or a table's path, which may be relative to `base_path`, the data's folder or zip.
    """
    if not labels:
        return ()
    known: dict[str, str] = {}
    if labels == "folders":
        given = tuple(folders)
        hint = "Each class is a folder of its own directly below the data."
    else:
        known = by_name(pairs(located(labels, base_path), encoding), labels)
        given = labels_by_name(names, known)
        hint = "Each picture needs one row: file,label."
    without = [name for name, text in zip(names, given, strict=True) if not text]
    if without:
        hint = other_case(without, known) or hint
        raise DataError(
            f"{len(without):,} of {len(names):,} pictures have no label: {some_names(without)}", where=labels, hint=hint
        )
    return given


def by_name(rows: Sequence[tuple[str, str]], labels: str) -> dict[str, str]:
    """Labels by the names of files as the table spells them. Raises DataError where one has two."""
    known: dict[str, str] = {}
    for name, text in rows:
        if known.setdefault(plain_name(name), composed(text)) != composed(text):
            raise DataError(f"{name} has two labels: {known[plain_name(name)]} and {text}", where=labels)
    return known


def labels_by_name(names: Sequence[str], known: dict[str, str]) -> tuple[str, ...]:
    """Labels in the order of `names`, "" for none.

    A row's file may be the whole name; or, where only one picture has it, the end of its name, or its last part
    without the ending.
    """
    ways = [name_keys(name) for name in names]
    counts = Counter(key for each in ways for key in each)
    return tuple(
        next((known[key] for key in each if key in known and (key == each[0] or counts[key] == 1)), "") for each in ways
    )


def name_keys(name: str) -> list[str]:
    """The whole name, its ends from the longest, and the last part without its ending: a/b/c.png, b/c.png, c.png, c."""
    parts = plain_name(name).split("/")
    return list(
        dict.fromkeys(["/".join(parts[start:]) for start in range(len(parts))] + [PurePosixPath(parts[-1]).stem])
    )


def other_case(without: Sequence[str], known: dict[str, str]) -> str:
    """A sentence where the table names a picture in other letters of the alphabet's case; "" where it does not."""
    folded = {key.casefold(): key for key in known}
    for name in without:
        for key in name_keys(name):
            if other := folded.get(key.casefold()):
                return f"The table has '{printable(other)}': only the letter case differs from '{printable(name)}'."
    return ""


def plain_name(name: str) -> str:
    """One spelling of a path, its letters composed."""
    return PurePosixPath(composed(name).replace("\\", "/")).as_posix()


def in_order(labels: Sequence[str]) -> tuple[str, ...]:
    """The classes: numbers by size, all else by the alphabet. Raises DataError if there is only one."""
    found = sorted(set(labels))
    if len(found) < 2:
        raise DataError(
            f"only one class: {found[0] if found else 'none'}", hint="Leave the labels out, or bring a second class."
        )
    return tuple(sorted(found, key=int) if all(text.isascii() and text.isdigit() for text in found) else found)


def some_names(names: Sequence[str]) -> str:
    """The first few names."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(printable(name) for name in names[:SHOWN]) + more
