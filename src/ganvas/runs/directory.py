"""The run directory: what training writes, and what every other command reads."""

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import IO, Any

from ..base.errors import CheckFailed, UsageError, suggest
from ..base.files import overwrite_file, replace_file
from . import summary
from .events import Event, Rewound, append_line, event_line, read_events, to_json
from .run_files import (
    CONFIG_BYTES,
    EARLIER,
    FILE_BYTES,
    MARKER,
    MAX_FACT_CHARACTERS,
    STATUS,
    STATUS_BYTES,
    cannot_write,
    check_file_kinds,
    check_new_run,
    exclusive_lock,
    is_locked,
    open_run_file,
    read_object,
    read_run_file,
    read_settings,
)
from .score_file import read_scores


class Run:
    """config.yaml, environment.json, events.jsonl, metrics.jsonl, samples/, checkpoints/, status.json, log.txt.

    The folder itself may be reached through a link. Links in it are neither read nor written.

    Args:
        path: the folder. The constructor reads nothing: see `create` and `open`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / MARKER
        self.events = path / "events.jsonl"
        self.metrics = path / "metrics.jsonl"
        self.samples = path / "samples"
        self.checkpoints = path / "checkpoints"
        self.waiting: dict[Path, list[str]] = {}  # lines that could not be written yet
        self.listeners: list[Callable[[Event], None]] = []  # the progress line and the like

    def __fspath__(self) -> str:
        return os.fspath(self.path)

    def __repr__(self) -> str:
        found, samples = summary.run_state(self.path)
        known = (
            "stopped"
            if found == "training" and not self.in_training()
            else found or ("no run" if not self.config.is_file() else "state unknown")
        )
        return f"Run({str(self.path)!r}, {known}{'' if samples is None else f', {samples:,} samples'})"

    def _repr_html_(self) -> str:
        return summary.html_figure(repr(self), summary.last_sheet(self.path, summary.run_state(self.path)[1]))

    @classmethod
    def check(cls, path: Path) -> None:
        """Check, before anything is computed, that a new run can be written here.

        Raises:
            UsageError: there is a run already.
            CheckFailed: a link, a pipe or the like has the name of a file of a run.
            ResourceError: the folder cannot be written to.
        """
        check_new_run(path)

    @classmethod
    def create(cls, path: Path, *, config: str, environment: dict[str, Any]) -> "Run":
        """Create a run; an existing run is never overwritten.

        Args:
            path: the folder of the run.
            config: content of config.yaml.
            environment: content of environment.json.

        Raises:
            UsageError, CheckFailed, ResourceError: as `check`.
        """
        cls.check(path)
        run = cls(path)
        try:
            for folder in (run.samples, run.checkpoints):
                folder.mkdir(parents=True, exist_ok=True)
            replace_file(path / "environment.json", json.dumps(environment, indent=1))
            replace_file(run.config, config)
        except OSError as error:
            raise cannot_write(path, error) from error
        return run

    @classmethod
    def open(cls, path: Path) -> "Run":
        """Open an existing run.

        Args:
            path: the folder.

        Returns:
            The run.

        Raises:
            UsageError: there is no run at `path`.
            CheckFailed: a link, a pipe or the like has the name of a file of a run.
        """
        check_file_kinds(path)
        if (path / MARKER).is_file():
            return cls(path)
        near = (
            suggest(path.name, [each.name for each in path.parent.glob("*") if (each / MARKER).is_file()])
            if path.parent.is_dir()
            else ""
        )
        raise UsageError(
            "there is no run here: config.yaml is missing",
            where=str(path),
            hint=near or "Name the folder that `ganvas train` printed.",
        )

    def exclusive_lock(self) -> AbstractContextManager[None]:
        """While the context is open no other process can train the run. Raises UsageError if one does."""
        return exclusive_lock(self.path)

    def in_training(self) -> bool:
        """Whether a process is training the run: it holds the lock."""
        return is_locked(self.path)

    def state(self) -> str:
        """The state of the run.

        Returns:
            "training" while a process holds the lock; else the state in status.json, or "killed" if that is "training";
            "" if status.json cannot be read.
        """
        if self.in_training():
            return "training"
        try:
            written = str(self.read_json(STATUS).get("state", ""))
        except CheckFailed:
            return ""
        return "killed" if written == "training" else written

    def open_file(self, name: str, mode: str = "rb", **text: Any) -> IO[Any]:
        """`open` for a file of the run.

        Args:
            name: of the file.
            mode: as `open` takes it.
            text: `encoding`, `newline` and `errors`, as `open` takes them.

        Raises:
            CheckFailed: the file is a link, a pipe or the like.
            OSError: the file cannot be opened.
        """
        return open_run_file(self.path, name, mode, **text)

    def read_file(self, name: str, limit: int = FILE_BYTES) -> bytes:
        """The content of a file of the run. Raises CheckFailed if it is not regular or has more than `limit` bytes."""
        return read_run_file(self.path, name, limit)

    def add(self, event: Event) -> None:
        """Append an event to events.jsonl and pass it to the listeners."""
        self.put(self.events, event_line(event))
        for listen in list(self.listeners):
            try:
                listen(event)
            except OSError:  # a closed pipe must not end a run
                self.listeners.remove(listen)

    def add_metric(self, record: dict[str, Any]) -> None:
        """Append a score with its protocol to metrics.jsonl."""
        self.put(self.metrics, to_json(record))

    def read_metrics(self) -> list[dict[str, Any]]:
        """The valid scores of metrics.jsonl that are not superseded by a rewind. Raises CheckFailed."""
        return read_scores(self.metrics)

    def put(self, path: Path, text: str) -> None:
        """Append a line; lines that a full disk refuses are written with the next one."""
        waiting = self.waiting.setdefault(path, [])
        waiting.append(text)
        with suppress(OSError):
            while waiting:
                append_line(path, waiting[0])
                waiting.pop(0)

    def rewind(self, samples: int) -> None:
        """Record that training restarts from `samples`, so that later events and scores are superseded."""
        if any(event.samples > samples for event in read_events(self.events)):
            self.add(Rewound(samples=samples, time=time.time(), to_samples=samples))
            self.add_metric({"rewound_to": samples})

    def status(self, state: str, **facts: Any) -> None:
        """Write status.json. If no new file can be written (a full disk, no inodes), the existing one is overwritten.

        Args:
            state: "training", "finished", "interrupted", "aborted" or "failed".
            facts: further values, such as the error.
        """
        short = {
            name: value[:MAX_FACT_CHARACTERS] if isinstance(value, str) else value for name, value in facts.items()
        }
        text = (
            json.dumps({"state": state, "time": time.time(), "pid": os.getpid(), **short}).ljust(STATUS_BYTES - 1)
            + "\n"
        )
        try:
            replace_file(self.path / STATUS, text)
        except OSError:
            with suppress(OSError):  # a full disk must not end a run
                overwrite_file(self.path / STATUS, text)

    def settings(self) -> dict[str, Any]:
        """config.yaml as a tree; empty if it is no YAML mapping. Raises CheckFailed if it cannot be read."""
        return read_settings(self.path)

    def reconfigure(self, config: str) -> None:
        """Replace config.yaml; environment.json retains the SHA-256 of the old one, as earlier previews name it.

        Raises:
            CheckFailed: a file cannot be read.
            ResourceError: a file cannot be written.
        """
        facts, old = (
            self.read_json("environment.json"),
            hashlib.sha256(self.read_file(MARKER, CONFIG_BYTES)).hexdigest(),
        )
        try:
            replace_file(
                self.path / "environment.json", json.dumps({**facts, EARLIER: [*self.earlier(), old]}, indent=1)
            )
            replace_file(self.config, config)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def earlier(self) -> list[str]:
        """The SHA-256 of each earlier config.yaml. Raises CheckFailed."""
        found = self.read_json("environment.json").get(EARLIER, [])
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []

    def read_json(self, name: str) -> dict[str, Any]:
        """The object in a JSON file of the run. Raises CheckFailed if it cannot be read."""
        return read_object(self.path, name)
