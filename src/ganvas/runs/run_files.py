"""The files of a run: their names, checks of their kind, reading them, and the lock that the training process holds."""

import copy
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from ..base.errors import CheckFailed, ResourceError, UsageError
from ..base.files import REGULAR, NotRegular, kind_of, open_regular, read_regular
from ..base.trees import from_json, from_yaml
from ..base.wording import command

MARKER = "config.yaml"
EARLIER = "earlier_configs"  # in environment.json: SHA-256 of each earlier config.yaml
STATUS, LOCK = "status.json", ".lock"
TEST_LEDGER = "test-ledger.jsonl"  # scorings of the test split
NOTE = "note.json"  # what a person writes about the run
FILES = (
    MARKER,
    "environment.json",
    "events.jsonl",
    "metrics.jsonl",
    "ratings.jsonl",
    TEST_LEDGER,
    STATUS,
    NOTE,
    "detector.json",
    "log.txt",
    LOCK,
)
FOLDERS = ("samples", "checkpoints")
REMOVE = "Delete it, or restore the run's file from a backup."
FILE_BYTES, CONFIG_BYTES = 2**24, 2**20  # of a JSON file, and of config.yaml, that are read
STATUS_BYTES = 512  # status.json is padded to this size, so that it can be overwritten on a full disk
MAX_FACT_CHARACTERS = 500  # of a text in status.json


def check_file_kinds(path: Path) -> None:
    """Raises CheckFailed if the name of a run's file or folder is that of a link, a pipe, a device or the like."""
    for names, wanted in ((FILES, REGULAR), (FOLDERS, "a folder")):
        for name in names:
            if (kind := kind_of(path / name)) not in ("", wanted):
                raise CheckFailed(f"{name} is {kind}, and not {wanted} of this run", where=str(path), hint=REMOVE)


def check_new_run(path: Path) -> None:
    """Check that a new run can be written to the folder `path`. Raises UsageError, CheckFailed, ResourceError."""
    check_file_kinds(path)
    if (path / MARKER).exists():
        raise UsageError(
            "there is a run already", where=str(path), hint=f"Continue it with: {command('ganvas', 'resume', path)}"
        )
    there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ResourceError("cannot write here", where=str(there), hint="Choose another place with --out.")


def open_run_file(run: Path, name: str, mode: str = "rb", **text: Any) -> IO[Any]:
    """`open` for a file of a run. Raises CheckFailed for a link, a pipe or the like, and OSError as `open`."""
    try:
        return open_regular(run / name, mode, inside=run, **text)
    except NotRegular as error:
        raise CheckFailed(f"{name} cannot be used: {error.strerror}", where=str(run), hint=REMOVE) from error


def read_run_file(run: Path, name: str, limit: int = FILE_BYTES) -> bytes:
    """The content of a file of a run. Raises CheckFailed if it is not regular or has more than `limit` bytes."""
    try:
        return read_regular(run / name, limit, inside=run)
    except OSError as error:
        raise CheckFailed(f"cannot read {name}: {error.strerror or error}", where=str(run)) from error


def read_object(run: Path, name: str) -> dict[str, Any]:
    """The object in a JSON file of a run. Raises CheckFailed if it cannot be read."""
    try:
        found = from_json(read_run_file(run, name))
    except ValueError as error:
        raise CheckFailed(f"cannot read {name}: {error}", where=str(run)) from error
    if not isinstance(found, dict):
        raise CheckFailed(f"cannot read {name}: it holds no JSON object", where=str(run))
    return found


def read_settings(run: Path) -> dict[str, Any]:
    """config.yaml of a run as a tree; empty if it is no YAML mapping. Raises CheckFailed if it cannot be read."""
    try:
        tree = parsed_settings(read_run_file(run, MARKER, CONFIG_BYTES).decode())
    except ValueError:
        return {}
    return copy.deepcopy(tree) if isinstance(tree, dict) else {}


@lru_cache(maxsize=4)
def parsed_settings(text: str) -> Any:
    """`from_yaml`, once for a text: a run's settings are read many times while it trains."""
    return from_yaml(text)


@contextmanager
def exclusive_lock(run: Path) -> Iterator[None]:
    """While the context is open no other process can train the run.

    Args:
        run: the folder of the run.

    Raises:
        UsageError: another process holds the lock.
        CheckFailed: the lock file is a link, a pipe or the like.
    """
    import fcntl

    with open_run_file(run, LOCK, "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                "another process is training this run", where=str(run), hint="Wait for it, or stop it."
            ) from error
        yield


def is_locked(run: Path) -> bool:
    """Whether a process holds the lock of the run in the folder `run`."""
    import fcntl

    try:
        with open_regular(run / LOCK, inside=run) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is no lock file, or it cannot be read
        return False
    return False


def fresh_path(root: Path, recipe: str) -> Path:
    """A path for a new run: ROOT/2026-01-31_1405_mnist_7f3a."""
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", recipe)
    return root / f"{time.strftime('%Y-%m-%d_%H%M')}_{name}_{secrets.token_hex(2)}"


def cannot_write(path: Path, error: OSError) -> ResourceError:
    """The error for a path that cannot be written."""
    return ResourceError(
        f"cannot write: {error.strerror or error}",
        where=str(path),
        hint="Choose another place with --out, or make room.",
    )
