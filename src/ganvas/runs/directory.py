"""The run directory: the only link between training and everything else."""

import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from ..base.errors import CheckFailed, ResourceError, UsageError, suggest
from ..base.files import REGULAR, NotRegular, kind_of, open_regular, read_regular
from ..base.trees import float_or_none, from_json, from_yaml, is_count
from ..base.wording import command
from . import summary
from .events import Event, Rewound, append_line, event_line, read_events, read_records, to_json

MARKER = "config.yaml"
EARLIER = "earlier_configs"  # in environment.json: SHA-256 of what config.yaml was before
STATUS, LOCK = "status.json", ".lock"
TEST_LEDGER = "test-ledger.jsonl"  # scorings of the test split
FILES = (
    MARKER,
    "environment.json",
    "events.jsonl",
    "metrics.jsonl",
    "judgements.jsonl",
    TEST_LEDGER,
    STATUS,
    "log.txt",
    LOCK,
)
FOLDERS = ("samples", "checkpoints")
REMOVE = "Remove it, or bring the run's own back."
FILE_BYTES, CONFIG_BYTES = 2**24, 2**20  # of a JSON file, and of config.yaml, that are read
STATUS_BYTES, FACT_LETTERS = (
    512,
    500,
)  # status.json has a block of the disk from the beginning, and its last content fits into that


class Run:
    """config.yaml, environment.json, events.jsonl, metrics.jsonl, samples/, checkpoints/, status.json, log.txt.

    The folder itself may be reached through a link. What lies in it is read and written only as regular files and folders, never through a link.
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
        """Before anything is computed: the place is free and can be written to. Raises UsageError, CheckFailed, ResourceError."""
        check_file_kinds(path)
        if (path / MARKER).exists():
            raise UsageError(
                "there is a run already", where=str(path), hint=f"Continue it with: {command('ganvas', 'resume', path)}"
            )
        there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            raise ResourceError("cannot write here", where=str(there), hint="Choose another place with --out.")

    @classmethod
    def create(cls, path: Path, *, config: str, environment: dict[str, Any]) -> "Run":
        """A new run; an existing one is never overwritten."""
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
        """An existing run. Raises UsageError where there is none, CheckFailed where a link, a pipe or the like stands for a file of it."""
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

    @contextmanager
    def exclusive_lock(self) -> Iterator[None]:
        """One process trains a run at a time; the lock goes with the process, however it ends."""
        import fcntl

        with self.open_file(LOCK, "ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UsageError(
                    "another process is training this run", where=str(self.path), hint="Wait for it, or stop it."
                ) from error
            yield

    def in_training(self) -> bool:
        """Whether a process trains it just now."""
        import fcntl

        try:
            with open_regular(self.path / LOCK, inside=self.path) as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # nobody ever has, or that cannot be known
            return False
        return False

    def state(self) -> str:
        """What the run does: "training" while a process holds its lock. Else what status.json says, "killed" where that is still "training"; "" without it."""
        if self.in_training():
            return "training"
        try:
            said = str(self.read_json(STATUS).get("state", ""))
        except CheckFailed:
            return ""
        return "killed" if said == "training" else said

    def open_file(self, name: str, mode: str = "rb", **text: Any) -> IO[Any]:
        """`open` for one of the run's own files, a regular file that no link leads to. Raises CheckFailed, and OSError where it cannot be made or written."""
        try:
            return open_regular(self.path / name, mode, inside=self.path, **text)
        except NotRegular as error:
            raise CheckFailed(f"{name} cannot be used: {error.strerror}", where=str(self.path), hint=REMOVE) from error

    def read_file(self, name: str, limit: int = FILE_BYTES) -> bytes:
        """All of one of the run's own files, if it is a regular one of at most `limit` bytes. Raises CheckFailed."""
        try:
            return read_regular(self.path / name, limit, inside=self.path)
        except OSError as error:
            raise CheckFailed(f"cannot read {name}: {error.strerror or error}", where=str(self.path)) from error

    def add(self, event: Event) -> None:
        """Append an event, and tell whoever listens."""
        self.put(self.events, event_line(event))
        for listen in list(self.listeners):
            try:
                listen(event)
            except OSError:  # a closed pipe must not end a run
                self.listeners.remove(listen)

    def add_metric(self, record: dict[str, Any]) -> None:
        """Append a score with its protocol."""
        self.put(self.metrics, to_json(record))

    def read_metrics(self) -> list[dict[str, Any]]:
        """The scores that stand: those from before a rewind to fewer samples are hidden, and lines that hold no score left out. Raises CheckFailed."""
        kept: list[dict[str, Any]] = []
        for record in read_records(self.metrics):
            if is_count(record.get("rewound_to")):
                while kept and kept[-1]["samples"] > record["rewound_to"]:  # they stand in the order of their samples
                    kept.pop()
            elif (score := parse_score(record)) is not None:
                kept.append(score)
        return kept

    def put(self, path: Path, text: str) -> None:
        """Append a line; what a full disk refuses is kept and tried again with the next."""
        waiting = self.waiting.setdefault(path, [])
        waiting.append(text)
        with suppress(OSError):
            while waiting:
                append_line(path, waiting[0])
                waiting.pop(0)

    def rewind(self, samples: int) -> None:
        """Say that everything after `samples` is about to be done again."""
        if any(event.samples > samples for event in read_events(self.events)):
            self.add(Rewound(samples=samples, time=time.time(), to_samples=samples))
            self.add_metric({"rewound_to": samples})

    def status(self, state: str, **facts: Any) -> None:
        """status.json: "training", "finished", "interrupted", "aborted" or "failed", and since when.

        Where no file can be made (a full disk, no inodes left), the one that is there is overwritten in the room that it has.
        """
        short = {name: value[:FACT_LETTERS] if isinstance(value, str) else value for name, value in facts.items()}
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
        """config.yaml as a plain tree; empty where it holds none. Raises CheckFailed where it cannot be read."""
        try:
            tree = from_yaml(self.read_file(MARKER, CONFIG_BYTES).decode())
        except ValueError:
            return {}
        return tree if isinstance(tree, dict) else {}

    def reconfigure(self, config: str) -> None:
        """Replace config.yaml. The SHA-256 of the old one stays in environment.json: earlier previews are marked with it. Raises CheckFailed, ResourceError."""
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
        """The SHA-256 of what config.yaml was before. Raises CheckFailed."""
        found = self.read_json("environment.json").get(EARLIER, [])
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []

    def read_json(self, name: str) -> dict[str, Any]:
        """The object in one of the run's JSON files. Raises CheckFailed."""
        try:
            found = from_json(self.read_file(name))
        except ValueError as error:
            raise CheckFailed(f"cannot read {name}: {error}", where=str(self.path)) from error
        if not isinstance(found, dict):
            raise CheckFailed(f"cannot read {name}: it holds no JSON object", where=str(self.path))
        return found


def check_file_kinds(path: Path) -> None:
    """Raises CheckFailed where a link, a pipe, a device or a folder stands for one of a run's files, or something else for one of its folders."""
    for names, wanted in ((FILES, REGULAR), (FOLDERS, "a folder")):
        for name in names:
            if (kind := kind_of(path / name)) not in ("", wanted):
                raise CheckFailed(f"{name} is {kind}, and not {wanted} of this run", where=str(path), hint=REMOVE)


def parse_score(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """A line of metrics.jsonl with its values checked; None where one is missing or not of its type."""
    try:
        numbers = {name: float_or_none(record[name]) for name in ("value", "error", "real_vs_real")}
        name, protocol, lower, samples, n = (
            record[key] for key in ("name", "protocol", "lower_is_better", "samples", "n")
        )
    except (ValueError, KeyError):
        return None
    right = isinstance(name, str) and isinstance(protocol, dict) and (lower is None or isinstance(lower, bool))
    return {**record, **numbers} if right and is_count(samples) and is_count(n) else None


def fresh_path(root: Path, recipe: str) -> Path:
    """runs/2026-01-31_1405_mnist_7f3a"""
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", recipe)
    return root / f"{time.strftime('%Y-%m-%d_%H%M')}_{name}_{secrets.token_hex(2)}"


def replace_file(path: Path, content: str | bytes, *, inside: Path | None = None) -> None:
    """Replace a small file in one step: readers see the old or the new, never half. A link of this name is replaced, not followed.

    `inside`: a folder that `path` begins with; no folder below it on the way may be a link. Raises OSError.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    file = new_file(temporary, inside or path.parent)
    try:
        with file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def new_file(path: Path, inside: Path) -> IO[bytes]:
    """A file that was not there before; what a killed process of the same number left is removed."""
    try:
        return open_regular(path, "xb", inside=inside)
    except FileExistsError:
        path.unlink()
        return open_regular(path, "xb", inside=inside)


def overwrite_file(path: Path, text: str) -> None:
    """Put a text into a file that is there: no new file is made. Raises OSError."""
    with open_regular(path, "r+b", inside=path.parent) as file:
        file.write(text.encode())
        file.truncate()


def cannot_write(path: Path, error: OSError) -> ResourceError:
    """The error for a place that cannot be written to."""
    return ResourceError(
        f"cannot write: {error.strerror or error}",
        where=str(path),
        hint="Choose another place with --out, or make room.",
    )
