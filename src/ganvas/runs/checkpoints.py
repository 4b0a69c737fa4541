"""Checkpoints on disk: written aside, synced, renamed; loaded only if every byte is as it was written."""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from ..base.errors import CheckFailed, UsageError
from ..base.wording import command
from .checkup import settings
from .directory import Run
from .events import Progress, Started, read
from .text import left

MANIFEST = "MANIFEST.json"
KEEP = 2  # a newer one may turn out damaged


def named(samples: int) -> str:
    """The folder's name of the checkpoint at so many samples."""
    return f"samples-{samples:012d}"


def save(folder: Path, samples: int, writers: Mapping[str, Callable[[Path], Any]], keep: Collection[int] = ()) -> Path:
    """checkpoints/samples-000001234/ with the files that `writers` write and their manifest; older ones beyond KEEP go, but for those at `keep` samples."""
    final = folder / named(samples)
    for old in folder.glob(".writing-*"):  # left by a writer that was killed
        shutil.rmtree(old, ignore_errors=True)
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
        if final.exists():  # the same place of the same run: a resumed run comes by again
            shutil.rmtree(final)
        os.replace(aside, final)
        sync(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    kept = {named(each) for each in keep}
    for old in newest_first(folder)[KEEP:]:
        if old.name not in kept:
            shutil.rmtree(old, ignore_errors=True)
    return final


def drop_after(folder: Path, samples: int) -> None:
    """Remove what was saved later than `samples`."""
    for path in newest_first(folder):
        if path.name > named(samples):
            shutil.rmtree(path, ignore_errors=True)


def newest_first(folder: Path) -> list[Path]:
    """All finished checkpoints."""
    return sorted(folder.glob("samples-*"), reverse=True)


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
    raise UsageError("there is no checkpoint yet", where=str(folder), mend=until_first(Run(folder.parent)))


def until_first(run: Run) -> str:
    """What to do until a run has its first checkpoint."""
    if not run.in_training():
        return f"The run was stopped before its first. Begin it again: {command('ganvas', 'resume', run.path)}"
    said, events = "It is training", read(run.events)
    started, progress = (next((event for event in reversed(events) if isinstance(event, kind)), None) for kind in (Started, Progress))
    if isinstance(started, Started):
        first = started.total // max(1, settings(run).get("saves", 1))
        said += f" and writes its first at {first:,} samples"
        if isinstance(progress, Progress) and progress.images_per_second > 0:
            said += f", in about {left(max(0, first - progress.samples) / progress.images_per_second)}"
    return f"{said}: come back then."


def chosen(folder: Path, at: str) -> Path:
    """The checkpoint "newest", "best" (by the run's first score) or at so many samples, verified. Raises UsageError where there is none."""
    newest = latest(folder)
    if at == "newest":
        return newest
    best = [folder / named(mark["samples"]) for mark in read_state(newest).get("best", [])]
    if at == "best" and not best:
        raise UsageError("there is no best checkpoint: the run has no score on val that has a better and a worse", where=str(folder))
    path = best[0] if at == "best" else folder / named(int(at)) if at.isdecimal() else None
    if path is None or not path.is_dir():
        kept = ["newest", *(["best"] if best and best[0].is_dir() else []), *(str(int(each.name.removeprefix("samples-"))) for each in newest_first(folder))]
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


def sha256(path: Path) -> str:
    """Of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
