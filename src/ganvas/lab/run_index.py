"""The runs below a folder, each with an id that a page may name; a page never names a path."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..base import trees
from ..base.errors import CheckFailed, UsageError
from ..runs import MARKER, Run, checkpoints

DEEPEST = 3  # folders below the root
MOST = 1000  # runs
ID_CHARACTERS = 16


@dataclass(frozen=True)
class IndexedRun:
    """A run below the root.

    Args:
        id: of the run in addresses, a hash of `name`.
        name: its path below the root, or the root's own name.
        run: opened; nothing of it is read yet.
    """

    id: str
    name: str
    run: Run


class RunIndex:
    """All runs of a folder, or the folder itself if it is a run; searched at every call, links not followed.

    Args:
        root: the folder or the run.
        may_be_missing: whether a folder that does not exist has no runs yet.

    Raises:
        UsageError: the folder does not exist.
    """

    def __init__(self, root: Path, *, may_be_missing: bool = False) -> None:
        if not root.is_dir() and not may_be_missing:
            raise UsageError(
                "there is no such folder", where=str(root), hint="Name a run, or the folder that holds your runs."
            )
        self.root = root.resolve()
        self.known: dict[str, IndexedRun] = {}  # of the last search

    @property
    def is_one_run(self) -> bool:
        """Whether the root is a run itself."""
        return (self.root / MARKER).is_file()

    def all(self) -> list[IndexedRun]:
        """The runs, by name; folders that are no proper runs are left out."""
        found = []
        for path in sorted(self.paths()):
            name = str(path.relative_to(self.root)) if path != self.root else self.root.name
            try:
                found.append(IndexedRun(identity(name), name, Run.open(path)))
            except (CheckFailed, UsageError):
                continue
        self.known = {each.id: each for each in found}
        return found

    def get(self, wanted: str) -> IndexedRun | None:
        """The run with this id, or None; a run that was found before is not searched for again while it is there."""
        found = self.known.get(wanted)
        if found is None or not found.run.config.is_file():
            self.all()
        return self.known.get(wanted)

    def parent_of(self, found: IndexedRun) -> IndexedRun | None:
        """The run whose checkpoint this one began from, by the hash of its weights; None if it is not here."""
        start = found.run.read_json("environment.json").get("init_from")
        if not isinstance(start, dict) or not trees.is_count(start.get("samples")):
            return None
        manifest = (
            f"{found.run.checkpoints.name}/{checkpoints.checkpoint_name(start['samples'])}/{checkpoints.MANIFEST}"
        )
        for other in self.all():
            try:
                players = other.run.read_json(manifest).get("players.safetensors")
            except CheckFailed:
                continue
            if isinstance(players, dict) and players.get("sha256") == start.get("players_sha256"):
                return other
        return None

    def id_of(self, path: Path) -> str | None:
        """The id of the run in this folder, new ones too; None for a folder that is not below the root."""
        if path == self.root or not path.is_relative_to(self.root):
            return None
        return identity(str(path.relative_to(self.root)))

    def paths(self) -> Iterator[Path]:
        """Folders with a config.yaml, MOST at most."""
        if self.is_one_run:
            yield self.root
            return
        number = 0
        for folder, below, files in os.walk(self.root):
            here = Path(folder)
            if MARKER in files:
                yield here
                number += 1
            is_deepest = MARKER in files or len(here.relative_to(self.root).parts) >= DEEPEST
            below[:] = [] if is_deepest else sorted(name for name in below if not name.startswith("."))
            if number == MOST:
                return


def identity(name: str) -> str:
    """The id of a run of this name."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:ID_CHARACTERS]
