"""Checkpoints on disk: written aside, synced, renamed; loaded only if every byte is as it was written."""

import hashlib
import json
import os
import re
import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from ..base.errors import CheckFailed, UsageError
from ..base.files import kind_of, open_regular, remove_folder
from ..base.wording import shortened
from .checkup import until_first
from .directory import REMOVE, Run

MANIFEST = "MANIFEST.json"
KEEP = 2  # a newer one may turn out damaged
DIGITS = 18  # of a number of samples, at most
NAME = re.compile(r"samples-([0-9]{12,18})")
ASIDE = re.compile(r"\.writing-[0-9a-f]{32}")
FOLDER = "a folder"


def named(samples: int) -> str:
    """The folder's name of the checkpoint at so many samples."""
    return f"samples-{samples:012d}"


def save(folder: Path, samples: int, writers: Mapping[str, Callable[[Path], Any]], keep: Collection[int] = ()) -> Path:
    """checkpoints/samples-000001234/ with the files that `writers` write and their manifest; older ones beyond KEEP go, but for those at `keep` samples.

    Only folders with names that `save` itself gives are deleted or replaced. Raises CheckFailed where `folder` is a link or a file, and OSError.
    """
    check_folder(folder)
    final = folder / named(samples)
    for old in folder.iterdir() if folder.is_dir() else ():  # left by a writer that was killed
        if ASIDE.fullmatch(old.name):
            delete(old)
    aside = folder / f".writing-{uuid.uuid4().hex}"
    try:
        aside.mkdir(parents=True)
        for name, write in writers.items():
            write(aside / name)
            sync(aside / name)
        manifest = {name: {"bytes": (aside / name).stat().st_size, "sha256": sha256(aside / name)} for name in writers}
        (aside / MANIFEST).write_text(json.dumps(manifest, indent=1))
        sync(aside / MANIFEST)
        sync(aside)
        if kind_of(final):  # the same place of the same run: a resumed run comes by again
            remove_folder(final, inside=folder.parent)
        os.replace(aside, final)
        sync(folder)
    finally:
        delete(aside)
    kept = {named(each) for each in keep}
    for old in newest_first(folder)[KEEP:]:
        if old.name not in kept:
            delete(old)
    return final


def drop_after(folder: Path, samples: int) -> None:
    """Remove what was saved later than `samples`."""
    for path in newest_first(folder):
        if samples_of(path) > samples:
            delete(path)


def delete(path: Path) -> None:
    """Remove a checkpoint, as far as that can be done. A link of its name stays, and what it leads to."""
    with suppress(OSError):
        remove_folder(path, inside=path.parents[1])


def newest_first(folder: Path) -> list[Path]:
    """All finished checkpoints: real folders with the names that `save` gives. Raises CheckFailed where `folder` is a link or a file."""
    check_folder(folder)
    found = [path for path in folder.iterdir() if is_named(path.name) and kind_of(path) == FOLDER] if folder.is_dir() else []
    return sorted(found, key=samples_of, reverse=True)


def is_named(name: str) -> bool:
    """Whether `named` gives this name."""
    digits = NAME.fullmatch(name)
    return digits is not None and named(int(digits[1])) == name


def samples_of(path: Path) -> int:
    """How many samples a checkpoint had seen, by its folder's name."""
    return int(path.name.removeprefix("samples-"))


def check_folder(folder: Path) -> None:
    """Raises CheckFailed where something else stands for the folder of all checkpoints, such as a link out of the run."""
    if (kind := kind_of(folder)) not in ("", FOLDER):
        raise CheckFailed(f"{folder.name} is {kind}, and not a folder of this run", where=str(folder.parent), mend=REMOVE)


def latest(folder: Path) -> Path:
    """The newest checkpoint that verifies. Raises CheckFailed where all are damaged, UsageError where there is none yet."""
    found = newest_first(folder)
    damage: list[str] = []
    for path in found:
        try:
            verify(path)
            return path
        except CheckFailed as error:
            damage.append(str(error))
    if damage:
        raise CheckFailed("every checkpoint is damaged: " + " ".join(damage), where=str(folder), mend="Train again, or bring a backup.")
    links = sorted(path.name for path in folder.glob("samples-*") if is_named(path.name))
    if links:
        raise CheckFailed(f"no checkpoint is a folder of this run: {shortened(links)}", where=str(folder), mend="Copy here what these lead to.")
    raise UsageError("there is no checkpoint yet", where=str(folder), mend=until_first(Run(folder.parent)))


def chosen(folder: Path, at: str) -> Path:
    """The checkpoint "newest", "best" (by the run's first score) or at so many samples, verified. Raises UsageError where there is none."""
    newest = latest(folder)
    if at == "newest":
        return newest
    best = [folder / named(mark["samples"]) for mark in read_state(newest).get("best", [])]
    if at == "best" and not best:
        raise UsageError("there is no best checkpoint: the run has no score on val that has a better and a worse", where=str(folder))
    path = best[0] if at == "best" else folder / named(int(at)) if at.isdecimal() and len(at) <= DIGITS else None
    there = newest_first(folder)
    if path not in there:
        kept = ["newest", *(["best"] if best and best[0] in there else []), *(str(samples_of(each)) for each in there)]
        raise UsageError(f"there is no checkpoint '{at}'", where=str(folder), mend=f"There are: {', '.join(kept)}.")
    verify(path)
    return path


def verify(path: Path) -> None:
    """Sizes and SHA-256 of all files against the manifest."""
    try:
        manifest = json.loads((path / MANIFEST).read_text())
        wrong = [name for name, file in manifest.items() if (path / name).stat().st_size != file["bytes"] or sha256(path / name) != file["sha256"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckFailed(f"{path.name} is incomplete: {error}", where=str(path)) from error
    if not manifest:
        raise CheckFailed(f"{path.name} is incomplete: its manifest is empty", where=str(path))
    if wrong:
        raise CheckFailed(f"{path.name} is damaged: {', '.join(wrong)}", where=str(path))


def sha256(path: Path, *, inside: Path | None = None) -> str:
    """Of a regular file's bytes. `inside`: a folder that it lies in, below which no link is followed. Raises OSError."""
    with open_regular(path, inside=inside) as file:
        return hashlib.file_digest(cast(BufferedReader, file), "sha256").hexdigest()


def sync(path: Path) -> None:
    """Ask the disk to have it for good: a file or a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_state(path: Path) -> dict[str, Any]:
    """A verified checkpoint's state.json."""
    state: dict[str, Any] = json.loads((path / "state.json").read_text())
    return state
