"""Checkpoints on disk: written under a temporary name, synced, renamed; used only if every SHA-256 matches."""

import hashlib
import json
import os
import re
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Annotated, Any, Generic, NamedTuple, TypeVar, cast

from annotated_types import Ge
from pydantic import TypeAdapter

from ..base.errors import CheckFailed, UsageError
from ..base.files import kind_of, open_regular, read_regular, remove_folder
from ..base.wording import shortened
from .checkpoint_state import STATE, damaged_checkpoint, error_reason
from .checkpoint_state import read_state as read_state  # for those that import this module
from .first_checkpoint import first_checkpoint_hint
from .run_files import REMOVE

MANIFEST = "MANIFEST.json"
FILES = ("players.safetensors", "optimisers.safetensors", "game.safetensors", STATE)  # a checkpoint needs all of them
MAX_MANIFEST_BYTES = 1 << 20
RETAINED = 2  # newest checkpoints; two, as the newest may be damaged
DIGITS = 18  # of a number of samples, at most
NAME = re.compile(r"samples-([0-9]{12,18})")
ASIDE = re.compile(r"\.writing-[0-9a-f]{32}")
FOLDER = "a folder"

T = TypeVar("T")


class OpenedCheckpoint(NamedTuple, Generic[T]):
    """A usable checkpoint, what was read from it, and a sentence for each newer checkpoint that is damaged."""

    path: Path
    value: T
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FileDigest:
    """Size and SHA-256 of a file in a manifest."""

    bytes: Annotated[int, Ge(0)]
    sha256: str

    def matches(self, path: Path) -> bool:
        """Whether a path is a regular file of its folder with this size and SHA-256."""
        try:
            with open_regular(path, inside=path.parent) as file:
                return os.fstat(file.fileno()).st_size == self.bytes and digest(file) == self.sha256
        except OSError:
            return False


READER = TypeAdapter(dict[str, FileDigest])


def checkpoint_name(samples: int) -> str:
    """The folder name of a checkpoint: samples-000000001234."""
    return f"samples-{samples:012d}"


def save(
    folder: Path, samples: int, writers: Mapping[str, Callable[[Path], Any]], retain: Collection[int] = ()
) -> Path:
    """Write a checkpoint with its manifest, then delete older checkpoints but the RETAINED newest.

    Only folders with names that `save` itself gives are deleted or replaced.

    Args:
        folder: checkpoints/ of a run.
        samples: real samples seen by training.
        writers: for each file name a function that writes the file at the path that it gets.
        retain: samples of further checkpoints that are not deleted.

    Returns:
        The checkpoint's folder.

    Raises:
        CheckFailed: `folder` is a link or a file.
        OSError: the checkpoint cannot be written; the older ones are unchanged.
    """
    check_folder(folder)
    final = folder / checkpoint_name(samples)
    for old in folder.iterdir() if folder.is_dir() else ():  # left by a writer that was killed
        if ASIDE.fullmatch(old.name):
            delete_checkpoint(old)
    aside = folder / f".writing-{uuid.uuid4().hex}"
    try:
        write_files(aside, writers)
        if kind_of(final):  # the run was resumed from an earlier checkpoint
            remove_folder(final, inside=folder.parent)
        os.replace(aside, final)
        fsync_path(folder)
    finally:
        delete_checkpoint(aside)
    retained = {checkpoint_name(each) for each in retain}
    for old in newest_first(folder)[RETAINED:]:
        if old.name not in retained:
            delete_checkpoint(old)
    return final


def write_files(aside: Path, writers: Mapping[str, Callable[[Path], Any]]) -> None:
    """Write the files of a checkpoint and their manifest into a new folder, each synced."""
    aside.mkdir(parents=True)
    for name, write in writers.items():
        write(aside / name)
        fsync_path(aside / name)
    manifest = {name: {"bytes": (aside / name).stat().st_size, "sha256": sha256(aside / name)} for name in writers}
    (aside / MANIFEST).write_text(json.dumps(manifest, indent=1))
    fsync_path(aside / MANIFEST)
    fsync_path(aside)


def drop_after(folder: Path, samples: int) -> None:
    """Delete the checkpoints of more than `samples` samples."""
    for path in newest_first(folder):
        if samples_of(path) > samples:
            delete_checkpoint(path)


def delete_checkpoint(path: Path) -> None:
    """Delete a checkpoint, as far as possible. A link of this name and its target stay."""
    with suppress(OSError):
        remove_folder(path, inside=path.parents[1])


def newest_first(folder: Path) -> list[Path]:
    """All complete checkpoints, folders with names that `save` gives, newest first. Raises CheckFailed as `save`."""
    check_folder(folder)
    found = (
        [path for path in folder.iterdir() if is_checkpoint_name(path.name) and kind_of(path) == FOLDER]
        if folder.is_dir()
        else []
    )
    return sorted(found, key=samples_of, reverse=True)


def is_checkpoint_name(name: str) -> bool:
    """Whether `named` gives this name."""
    digits = NAME.fullmatch(name)
    return digits is not None and checkpoint_name(int(digits[1])) == name


def samples_of(path: Path) -> int:
    """The number of samples in the folder name of a checkpoint."""
    return int(path.name.removeprefix("samples-"))


def check_folder(folder: Path) -> None:
    """Raises CheckFailed if a path for the folder of all checkpoints is something else, such as a link."""
    if (kind := kind_of(folder)) not in ("", FOLDER):
        raise CheckFailed(
            f"{folder.name} is {kind}, and not a folder of this run", where=str(folder.parent), hint=REMOVE
        )


def newest_path(folder: Path) -> Path:
    """The newest undamaged checkpoint. Raises CheckFailed if all are damaged, UsageError if there is none."""
    return open_newest(folder, lambda path: path).path


def open_newest(folder: Path, use: Callable[[Path], T], paths: Iterable[Path] | None = None) -> "OpenedCheckpoint[T]":
    """The first checkpoint whose digests match and whose content `use` accepts.

    Args:
        folder: checkpoints/ of a run.
        use: reads the checkpoint's folder; raises CheckFailed where the content does not fit.
        paths: the checkpoints to try, in this order; by default all, newest first.

    Raises:
        CheckFailed: no checkpoint can be used.
        UsageError: there is no checkpoint yet.
    """
    found, damage = newest_first(folder) if paths is None else list(paths), list[CheckFailed]()
    for path in found:
        try:
            verify(path)
            value = use(path)
        except CheckFailed as error:
            damage.append(error)
            continue
        return OpenedCheckpoint(
            path, value, tuple(f"{error.what.rstrip('.')}, so {path.name} is used." for error in damage)
        )
    if len(damage) == 1 and paths is not None:
        raise damage[0]
    if damage:
        older = f"; {shortened([path.name for path in found[1:]])} cannot be used either" if len(damage) > 1 else ""
        hint = damage[0].hint or "Bring a backup, or train again."
        raise CheckFailed(f"every checkpoint is damaged: {damage[0].what}{older}", where=str(folder), hint=hint)
    links = sorted(path.name for path in folder.glob("samples-*") if is_checkpoint_name(path.name))
    if links:
        raise CheckFailed(
            f"no checkpoint is a folder of this run: {shortened(links)}",
            where=str(folder),
            hint="Copy here what these lead to.",
        )
    raise UsageError("there is no checkpoint yet", where=str(folder), hint=first_checkpoint_hint(folder.parent))


def open_selected(folder: Path, at: str, use: Callable[[Path], T]) -> "OpenedCheckpoint[T]":
    """The checkpoint that a user names, as `open_newest` returns it.

    Args:
        folder: checkpoints/ of a run.
        at: "newest", "best" (by the run's first score) or a number of samples.
        use: as for `open_newest`.

    Raises:
        UsageError: there is no such checkpoint.
        CheckFailed: it is damaged.
    """
    if at == "newest":
        return open_newest(folder, use)
    newest = open_newest(folder, read_state).value
    best = [folder / checkpoint_name(mark.samples) for mark in newest.best]
    if at == "best" and not best:
        raise UsageError(
            "there is no best checkpoint: no score of this run on val says whether lower or higher is better",
            where=str(folder),
        )
    path = (
        best[0] if at == "best" else folder / checkpoint_name(int(at)) if at.isdecimal() and len(at) <= DIGITS else None
    )
    there = newest_first(folder)
    if path not in there:
        names = ["newest", *(["best"] if best and best[0] in there else []), *(str(samples_of(each)) for each in there)]
        raise UsageError(
            f"there is no checkpoint '{at[:DIGITS]}'", where=str(folder), hint=f"There are: {', '.join(names)}."
        )
    return open_newest(folder, use, [path])


def verify(path: Path) -> None:
    """Compares sizes and SHA-256 of all files with the manifest. Raises CheckFailed if one differs or is missing."""
    try:
        manifest = READER.validate_json(read_regular(path / MANIFEST, MAX_MANIFEST_BYTES, inside=path), strict=True)
    except (OSError, ValueError) as error:
        raise CheckFailed(f"{path.name} is incomplete: {MANIFEST}: {error_reason(error)}", where=str(path)) from error
    if missing := [name for name in FILES if name not in manifest]:
        raise CheckFailed(
            f"{path.name} is incomplete: its manifest does not name {', '.join(missing)}", where=str(path)
        )
    wrong = [name for name in manifest if name not in FILES] or [
        name for name, proof in manifest.items() if not proof.matches(path / name)
    ]
    if wrong:
        raise damaged_checkpoint(path, shortened([repr(name)[1:-1] for name in wrong]))


def sha256(path: Path, *, inside: Path | None = None) -> str:
    """SHA-256 of a regular file, hexadecimal; with `inside`, no link below that folder is followed. Raises OSError."""
    with open_regular(path, inside=inside) as file:
        return digest(file)


def digest(file: IO[bytes]) -> str:
    """SHA-256, hexadecimal, from the current position of a file to its end."""
    return hashlib.file_digest(cast(BufferedReader, file), "sha256").hexdigest()


def fsync_path(path: Path) -> None:
    """fsync of a file or a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
