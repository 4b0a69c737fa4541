"""The run directory: the only link between training and everything else."""

import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..base.errors import CheckFailed, ResourceError, UsageError, suggest
from ..base.wording import command
from . import shown
from .events import Event, Rewound, append, line, read, read_lines, to_json

MARKER = "config.yaml"
EARLIER = "earlier_configs"  # in environment.json: SHA-256 of what config.yaml was before


class Run:
    """config.yaml, environment.json, events.jsonl, metrics.jsonl, samples/, checkpoints/, status.json, log.txt."""

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
        found, samples = shown.state(self.path)
        known = "stopped" if found == "training" and not self.in_training() else found or ("no run" if not self.config.is_file() else "state unknown")
        return f"Run({str(self.path)!r}, {known}{'' if samples is None else f', {samples:,} samples'})"

    def _repr_html_(self) -> str:
        return shown.figure(repr(self), shown.last_sheet(self.path, shown.state(self.path)[1]))

    @classmethod
    def check(cls, path: Path) -> None:
        """Before anything is computed: the place is free and can be written to."""
        if (path / MARKER).exists():
            raise UsageError("there is a run already", where=str(path), mend=f"Continue it with: {command('ganvas', 'resume', path)}")
        there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            raise ResourceError("cannot write here", where=str(there), mend="Choose another place with --out.")

    @classmethod
    def create(cls, path: Path, *, config: str, environment: dict[str, Any]) -> "Run":
        """A new run; an existing one is never overwritten."""
        cls.check(path)
        run = cls(path)
        try:
            for folder in (run.samples, run.checkpoints):
                folder.mkdir(parents=True, exist_ok=True)
            write(path / "environment.json", json.dumps(environment, indent=1))
            write(run.config, config)
        except OSError as error:
            raise unwritable(path, error) from error
        return run

    @classmethod
    def open(cls, path: Path) -> "Run":
        """An existing run."""
        if (path / MARKER).is_file():
            return cls(path)
        near = suggest(path.name, [each.name for each in path.parent.glob("*") if (each / MARKER).is_file()]) if path.parent.is_dir() else ""
        raise UsageError("there is no run here: config.yaml is missing", where=str(path), mend=near or "Name the folder that `ganvas train` printed.")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process trains a run at a time; the lock goes with the process, however it ends."""
        import fcntl

        with (self.path / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UsageError("another process is training this run", where=str(self.path), mend="Wait for it, or stop it.") from error
            yield

    def in_training(self) -> bool:
        """Whether a process trains it just now."""
        import fcntl

        try:
            with (self.path / ".lock").open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # nobody ever has, or that cannot be known
            return False
        return False

    def add(self, event: Event) -> None:
        """Append an event, and tell whoever listens."""
        self.put(self.events, line(event))
        for listen in list(self.listeners):
            try:
                listen(event)
            except OSError:  # a closed pipe must not end a run
                self.listeners.remove(listen)

    def add_metric(self, record: dict[str, Any]) -> None:
        """Append a score with its protocol."""
        self.put(self.metrics, to_json(record))

    def read_metrics(self) -> list[dict[str, Any]]:
        """The scores that stand: those from before a rewind to fewer samples are hidden."""
        kept: list[dict[str, Any]] = []
        for record in read_lines(self.metrics):
            if "rewound_to" in record:
                kept = [old for old in kept if old["samples"] <= record["rewound_to"]]
            elif "samples" in record:
                kept.append(record)
        return kept

    def put(self, path: Path, text: str) -> None:
        """Append a line; what a full disk refuses is kept and tried again with the next."""
        waiting = self.waiting.setdefault(path, [])
        waiting.append(text)
        with suppress(OSError):
            while waiting:
                append(path, waiting[0])
                waiting.pop(0)

    def rewind(self, samples: int) -> None:
        """Say that everything after `samples` is about to be done again."""
        if any(event.samples > samples for event in read(self.events)):
            self.add(Rewound(samples=samples, time=time.time(), to_samples=samples))
            self.add_metric({"rewound_to": samples})

    def status(self, state: str, **facts: Any) -> None:
        """status.json: "training", "finished", "interrupted" or "failed", and since when."""
        with suppress(OSError):  # a full disk must not end a run
            write(self.path / "status.json", json.dumps({"state": state, "time": time.time(), "pid": os.getpid(), **facts}))

    def reconfigure(self, config: str) -> None:
        """Replace config.yaml. The SHA-256 of the old one stays in environment.json, as earlier previews are marked with it. Raises ResourceError."""
        facts, old = self.read_json("environment.json"), hashlib.sha256(self.config.read_bytes()).hexdigest()
        try:
            write(self.path / "environment.json", json.dumps({**facts, EARLIER: [*facts.get(EARLIER, ()), old]}, indent=1))
            write(self.config, config)
        except OSError as error:
            raise unwritable(self.path, error) from error

    def read_json(self, name: str) -> Any:
        """One of the run's JSON files."""
        try:
            return json.loads((self.path / name).read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise CheckFailed(f"cannot read {name}: {error}", where=str(self.path)) from error


def fresh_path(root: Path, recipe: str) -> Path:
    """runs/2026-01-31_1405_mnist_7f3a"""
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", recipe)
    return root / f"{time.strftime('%Y-%m-%d_%H%M')}_{name}_{secrets.token_hex(2)}"


def write(path: Path, text: str) -> None:
    """Replace a small file in one step: readers see the old or the new, never half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def unwritable(path: Path, error: OSError) -> ResourceError:
    """The error for a place that cannot be written to."""
    return ResourceError(f"cannot write: {error.strerror or error}", where=str(path), mend="Choose another place with --out, or make room.")
