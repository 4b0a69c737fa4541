"""The groups of runs on a command line, and the table of their comparison as a file."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import ResourceError, UsageError
from ..base.files import replace_file
from ..base.wording import counted
from ..runs.run_files import cannot_write
from .comparison_tables import ENDINGS

if TYPE_CHECKING:
    from .comparison import Comparison

VERSUS = "vs"  # between groups
DEFAULT_NAME = re.compile(r"\d{4}-\d\d-\d\d_\d{4}_(.+)_[0-9a-f]{4}")  # of a run's folder


def groups_of(arguments: Sequence[Path], names: Sequence[str] = ()) -> dict[str, list[Path]]:
    """The groups of runs in a command's arguments.

    Args:
        arguments: paths of runs, with "vs" between groups.
        names: of the groups. Default: the common part of the names of a group's runs.

    Returns:
        The paths of each group, by name.

    Raises:
        UsageError: fewer than two paths, an empty group, or names that do not match the groups.
    """
    if len(arguments) < 2:
        raise UsageError(
            "a comparison needs at least two runs", hint="Name another run, or more runs of the same recipe."
        )
    parts: list[list[Path]] = [[]]
    for word in arguments:
        if str(word) == VERSUS:
            parts.append([])
        else:
            parts[-1].append(word)
    if not all(parts):
        raise UsageError(
            "a group is empty", hint="Write runs on both sides of vs: ganvas compare runs/base-* vs runs/mine-*."
        )
    if names and len(names) != len(parts):
        raise UsageError(
            f"{counted(len(parts), 'group')} and {counted(len(names), 'name')} do not match",
            hint="Give --name once for each group.",
        )
    found = list(names) or [group_name(part) for part in parts]
    if len(set(found)) < len(found):
        if names:
            raise UsageError("two groups have one name", hint="Give each group a different --name.")
        found = [f"{name} ({place})" for place, name in enumerate(found, start=1)]
    return dict(zip(found, parts, strict=True))


def write_table(found: "Comparison", file: Path, form: str | None = None) -> None:
    """Write the table to a file, in the format `form` or its ending's. Raises UsageError, ResourceError."""
    if file.suffix.lower() not in ENDINGS:
        raise UsageError(
            f"a table cannot be written to '{file.name}'", hint=f"Let the name end in {', '.join(ENDINGS)}."
        )
    table = found.table(form or ENDINGS[file.suffix.lower()])
    if not file.parent.is_dir():
        raise ResourceError(
            "there is no such folder", where=str(file.parent), hint="Make it, or choose another place with -o."
        )
    try:
        replace_file(file, f"{table}\n")
    except OSError as error:
        raise cannot_write(file, error) from error


def group_name(paths: Sequence[Path]) -> str:
    """The common part of the names: mnist of runs/mnist-0 and runs/mnist-1, or of 2026-01-31_1405_mnist_7f3a."""
    names = [
        found[1] if (found := DEFAULT_NAME.fullmatch(path.name)) else path.name
        for path in (path.absolute() for path in paths)
    ]
    common = next(
        names[0][:end] for end in range(len(names[0]), -1, -1) if all(name.startswith(names[0][:end]) for name in names)
    )
    return (names[0] if len(names) == 1 else common.rstrip("-_. ")) or "runs"
