"""Commands for a run in training: small files in its folder control/, which the trainer reads between rounds."""

import json
import os
import time

from ..base.errors import CheckFailed
from ..base.files import kind_of, read_regular, replace_file
from ..base.trees import from_json
from .directory import Run

FOLDER = "control"
COMMANDS = ("pause", "resume", "stop", "snapshot", "score", "save")
FILE_BYTES = 1024
MOST = 100  # files that are read at a time


def send_command(run: Run, command: str) -> None:
    """Write a command, one of COMMANDS. Raises CheckFailed: control/ is no folder, or cannot be written."""
    folder = run.path / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        if kind_of(folder) != "a folder":
            raise CheckFailed(f"{FOLDER} is no folder of this run", where=str(run.path))
        replace_file(folder / f"{time.time_ns():020}.json", json.dumps({"do": command}), inside=run.path)
    except OSError as error:
        raise CheckFailed(f"cannot write a command: {error.strerror or error}", where=str(run.path)) from error


def take_commands(run: Run) -> list[str]:
    """The commands that came since the last call, in order; their files are removed. What is no command is passed over.

    A link in the place of the folder is not followed.
    """
    folder = run.path / FOLDER
    if kind_of(folder) != "a folder":
        return []
    found: list[str] = []
    for name in sorted(os.listdir(folder))[:MOST]:
        try:
            tree = from_json(read_regular(folder / name, FILE_BYTES, inside=run.path))
            os.unlink(folder / name)
        except (OSError, ValueError):
            continue
        command = tree.get("do") if isinstance(tree, dict) else None
        found += [command] if command in COMMANDS else []
    return found
