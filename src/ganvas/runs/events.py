"""What happens in a run, one frozen dataclass a kind, appended to events.jsonl. Reading needs no torch."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """Something that happened when `samples` reals had been seen; `time` in seconds since the epoch."""

    version: ClassVar[int] = 1
    samples: int
    time: float


@dataclass(frozen=True)
class Started(Event):
    """Training began, or began again."""

    total: int
    resumed: bool = False
    notes: str = ""  # what is not as it was


@dataclass(frozen=True)
class Progress(Event):
    """The means of the last round's terms, and how fast it goes."""

    terms: Mapping[str, float]
    images_per_second: float


@dataclass(frozen=True)
class Snapshot(Event):
    """Samples of the fixed latents were drawn."""

    file: str


@dataclass(frozen=True)
class Scored(Event):
    """The players were scored."""

    scores: Mapping[str, float]
    split: str


@dataclass(frozen=True)
class Examined(Event):
    """What the doctor measured: numbers by name, those that do not apply left out."""

    signals: Mapping[str, float | None]


@dataclass(frozen=True)
class Diagnosed(Event):
    """The doctor found something, or (`cleared`) no longer finds it."""

    name: str
    words: str
    remedy: str = ""
    cleared: bool = False


@dataclass(frozen=True)
class Saved(Event):
    """A checkpoint was written and verified."""

    checkpoint: str


@dataclass(frozen=True)
class SaveFailed(Event):
    """A checkpoint could not be written; training goes on with the older ones."""

    error: str


@dataclass(frozen=True)
class Healed(Event):
    """A fault that the run got over by itself: "numbers" that were not finite, or "memory" that ran out."""

    fault: str
    words: str


@dataclass(frozen=True)
class Rewound(Event):
    """Everything after `to_samples` is superseded by what follows."""

    to_samples: int


@dataclass(frozen=True)
class Stopped(Event):
    """The run ended: "finished", "interrupted" or an error."""

    reason: str
    notes: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[Event], None]  # what is called with every event of a run
KINDS: dict[str, type[Event]] = {kind.__name__.lower(): kind for kind in Event.__subclasses__()}


def line(event: Event) -> str:
    """One line of events.jsonl."""
    return to_json({"kind": type(event).__name__.lower(), "version": event.version, **asdict(event)})


def to_json(record: Mapping[str, Any]) -> str:
    """One line of JSON; numbers that are not finite become null, as JSON has none."""

    def finite(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: finite(inner) for key, inner in value.items()}
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(finite(record)) + "\n"


def parse(text: str) -> Event | None:
    """The event of one line, or None for a torn line or a kind or version from a later ganvas."""
    try:
        record = json.loads(text)
        kind = KINDS[record.pop("kind")]
        if record.pop("version") != kind.version:
            return None
        return kind(**{name: value for name, value in record.items() if name in {f.name for f in fields(kind)}})
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None


def append(path: Path, text: str) -> None:
    """Add one line; a torn last line (a crash in mid-write) is ended first."""
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(text.encode())


def read(path: Path) -> list[Event]:
    """What stands: a `Rewound` hides the events after its samples, and itself."""
    kept: list[Event] = []
    for event in every(path):
        if isinstance(event, Rewound):
            kept = [old for old in kept if old.samples <= event.to_samples]
        else:
            kept.append(event)
    return kept


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file of lines; torn lines are skipped."""
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as file:
            for text in file:
                with suppress(json.JSONDecodeError):
                    record = json.loads(text)
                    if isinstance(record, dict):
                        yield record


def every(path: Path) -> Iterator[Event]:
    """All events as they were appended, superseded ones too."""
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from (event for text in file if (event := parse(text)) is not None)
