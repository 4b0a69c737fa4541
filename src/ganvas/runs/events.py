"""What happens in a run, one frozen dataclass a kind, appended to events.jsonl. Reading needs no torch."""

import errno
import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

from ..base.errors import CheckFailed
from ..base.files import TooLarge, open_regular
from ..base.trees import float_or_none, from_json, is_count

LINE_BYTES = 2**20  # of a line that is read; those that ganvas writes take some thousand
FILE_BYTES = 2**28  # of a file of lines that is read


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
class Measured(Event):
    """What the doctor measured: numbers by name, those that do not apply left out."""

    signals: Mapping[str, float | None]


@dataclass(frozen=True)
class Diagnosed(Event):
    """The doctor found something, or (`cleared`) no longer finds it."""

    name: str
    message: str
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
class Recovered(Event):
    """A fault that the run got over by itself: "numbers" that were not finite, or "memory" that ran out."""

    fault: str
    message: str


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
FIELDS: dict[type[Event], dict[str, Any]] = {
    kind: {name: hint for name, hint in get_type_hints(kind).items() if name != "version"}
    for kind in Event.__subclasses__()
}


def event_line(event: Event) -> str:
    """One line of events.jsonl."""
    return to_json({"kind": type(event).__name__.lower(), "version": event.version, **asdict(event)})


def to_json(record: Mapping[str, Any]) -> str:
    """One line of JSON; numbers that are not finite become null, as JSON has none."""

    def finite(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: finite(inner) for key, inner in value.items()}
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(finite(record)) + "\n"


def parse_event(text: str) -> Event | None:
    """The event of one line, or None for a torn line, for values of other types, and for a kind or version from a later ganvas."""
    try:
        record = from_json(text)
        kind = KINDS[record["kind"]]
        if record["version"] != kind.version:
            return None
        return kind(
            **{name: typed_value(record[name], FIELDS[kind][name]) for name in record.keys() & FIELDS[kind].keys()}
        )
    except (ValueError, KeyError, TypeError):
        return None


def typed_value(value: Any, expected: Any) -> Any:
    """A field's value as its type wants it; numbers that are not finite, which files have as null, are NaN. Raises ValueError."""
    if expected is int and is_count(value):
        return value
    if expected is float:
        found = float_or_none(value)
        return math.nan if found is None else found
    if expected in (str, bool) and isinstance(value, expected):
        return value
    if get_origin(expected) is Mapping and isinstance(value, dict):
        kind = get_args(expected)[1]
        return (
            value
            if kind is Any
            else {
                name: float_or_none(each) if kind == float | None else typed_value(each, kind)
                for name, each in value.items()
            }
        )
    raise ValueError(f"{value!r} is not of the type {expected}")


def append_line(path: Path, text: str) -> None:
    """Add one line; a torn last line (a crash in mid-write) is ended first. The file is no link and nothing but a regular file. Raises OSError."""
    with open_regular(path, "ab+", inside=path.parent) as file:
        if file.tell():
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(text.encode())


def read_events(path: Path) -> list[Event]:
    """What stands: a `Rewound` hides the events after its samples, and itself. Raises CheckFailed for a file that is none of a run."""
    kept: list[Event] = []
    for event in read_all_events(path):
        if not isinstance(event, Rewound):
            kept.append(event)
            continue
        while kept and kept[-1].samples > event.to_samples:  # they stand in the order of their samples
            kept.pop()
    return kept


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file of lines; torn lines are skipped. Raises CheckFailed for a file that is none of a run."""
    for text in text_lines(path):
        with suppress(ValueError):
            record = from_json(text)
            if isinstance(record, dict):
                yield record


def read_all_events(path: Path) -> Iterator[Event]:
    """All events as they were appended, superseded ones too. Raises CheckFailed for a file that is none of a run."""
    yield from (event for text in text_lines(path) if (event := parse_event(text)) is not None)


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a regular file that is no link, one by one; none where there is no file. A line of more than LINE_BYTES is skipped unread.

    Raises CheckFailed for a link, a pipe and the like, and for a file of more than FILE_BYTES.
    """
    try:
        with open_regular(path, inside=path.parent) as file:
            if file.seek(0, 2) > FILE_BYTES:
                raise TooLarge(errno.EFBIG, f"holds more than {FILE_BYTES:,} bytes", str(path))
            file.seek(0)
            begun = False  # whether the piece goes on with a line that is too long
            while piece := file.readline(LINE_BYTES):
                ended = piece.endswith(b"\n")
                if not begun and (ended or len(piece) < LINE_BYTES):
                    yield piece.decode(errors="replace")
                begun = not ended
    except FileNotFoundError:
        return
    except OSError as error:
        raise CheckFailed(f"cannot read {path.name}: {error.strerror or error}", where=str(path.parent)) from error
