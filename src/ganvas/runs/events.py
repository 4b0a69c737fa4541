"""The events of a run, a frozen dataclass for each kind, as lines of events.jsonl."""

import errno
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, get_type_hints

from ..base.errors import CheckFailed
from ..base.files import TooLarge, open_regular
from ..base.trees import from_json
from .event_values import Reader, reader_of

LINE_BYTES = 2**20  # of a line that is read; those that ganvas writes take some thousand
FILE_BYTES = 2**28  # of a file of lines that is read


@dataclass(frozen=True)
class Event:
    """An event after `samples` real samples; `time` in seconds since the epoch."""

    version: ClassVar[int] = 1
    samples: int
    time: float


@dataclass(frozen=True)
class Started(Event):
    """Training began, or began again."""

    total: int
    resumed: bool = False
    notes: str = ""  # what differs from the last start


@dataclass(frozen=True)
class Progress(Event):
    """The means of the last round's loss terms, the speed, and what training uses."""

    terms: Mapping[str, float]
    samples_per_second: float
    usage: Mapping[str, float] = field(default_factory=dict)  # bytes of memory, and `data_wait`, a share of the time


@dataclass(frozen=True)
class Snapshot(Event):
    """Samples of the fixed latents were drawn, by the averaged weights where there are such."""

    file: str
    raw: str = ""  # the same latents by the weights that are not averaged
    classes: tuple[str, ...] = ()  # of the sheet's samples, in turn
    text: str = ""  # a file of the same samples as lines, where they are text


@dataclass(frozen=True)
class Scored(Event):
    """The generator was scored on a split of the data."""

    scores: Mapping[str, float]
    split: str


@dataclass(frozen=True)
class SignalsMeasured(Event):
    """The doctor measured its signals: numbers by name; signals that do not apply are left out."""

    signals: Mapping[str, float | None]


@dataclass(frozen=True)
class LogitsMeasured(Event):
    """The doctor measured D's logits: the shares of samples in equal bins from `low` to `high`, by kind of sample."""

    low: float
    high: float
    shares: Mapping[str, tuple[float, ...]]  # "real" (of the training data), "held_out" and "fake"


@dataclass(frozen=True)
class Diagnosed(Event):
    """The doctor found a fault, or (`cleared`) no longer finds it."""

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
    """The run recovered from a fault without help: "numbers" that were not finite, or too little "memory"."""

    fault: str
    message: str


@dataclass(frozen=True)
class Remedied(Event):
    """A finding held, so the run went back to `samples` and trains on from there with other settings."""

    finding: str
    message: str  # the evidence
    found_at: int  # samples
    overrides: str  # of the recipe, from here on
    total: int  # samples of the whole run from here on


@dataclass(frozen=True)
class Commanded(Event):
    """A command came from a page: "pause", "resume", "stop", "snapshot", "score" or "save"."""

    command: str


@dataclass(frozen=True)
class Rewound(Event):
    """The earlier events after `to_samples` samples are superseded by the following ones."""

    to_samples: int


@dataclass(frozen=True)
class Stopped(Event):
    """The run ended: "finished", "interrupted" or an error."""

    reason: str
    notes: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[Event], None]  # called with every event of a run


def kind_of_event(event: type[Event]) -> str:
    """The `kind` of a class of events in events.jsonl: "save_failed" for SaveFailed."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", event.__name__).lower()


KINDS: dict[str, type[Event]] = {kind_of_event(kind): kind for kind in Event.__subclasses__()}
READERS: dict[type[Event], dict[str, Reader]] = {
    kind: {name: reader_of(hint) for name, hint in get_type_hints(kind).items() if name != "version"}
    for kind in Event.__subclasses__()
}


def event_line(event: Event) -> str:
    """One line of events.jsonl."""
    return to_json({"kind": kind_of_event(type(event)), "version": event.version, **asdict(event)})


def to_json(record: Mapping[str, Any]) -> str:
    """One line of JSON; numbers that are not finite become null, as JSON has no others."""

    def finite(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: finite(inner) for key, inner in value.items()}
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(finite(record)) + "\n"


def parse_event(text: str) -> Event | None:
    """The event of one line; None for an incomplete line, values of other types, and kinds or versions unknown here."""
    try:
        record = json.loads(text)
        kind = KINDS[record["kind"]]
        if record["version"] != kind.version:
            return None
        readers = READERS[kind]
        return kind(**{name: readers[name](value) for name, value in record.items() if name in readers})
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def append_line(path: Path, text: str) -> None:
    """Append one line to a regular file; an incomplete last line (a crash during a write) is ended first.

    Args:
        path: the file; no link.
        text: the line with its line end.

    Raises:
        OSError: the path is no regular file, or cannot be written.
    """
    with open_regular(path, "ab+", inside=path.parent) as file:
        if file.tell():
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(text.encode())


def read_events(path: Path, *, without: type[Event] | None = None) -> list[Event]:
    """The events that are not superseded: a `Rewound` hides the earlier events after its samples, and itself.

    Args:
        path: events.jsonl.
        without: a kind whose lines are left out, unless one is the last: a file of many is read faster.

    Raises:
        CheckFailed: the path is no regular file, or larger than FILE_BYTES.
    """
    valid: list[Event] = []
    for event in read_all_events(path, without=without):
        if not isinstance(event, Rewound):
            valid.append(event)
            continue
        while valid and valid[-1].samples > event.to_samples:  # events are in the order of their samples
            valid.pop()
    return valid


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file of lines; incomplete lines are skipped. Raises CheckFailed as `read_events`."""
    for text in text_lines(path):
        with suppress(ValueError):
            record = from_json(text)
            if isinstance(record, dict):
                yield record


def read_all_events(path: Path, *, without: type[Event] | None = None) -> Iterator[Event]:
    """All events as they were appended, superseded ones too. Arguments and errors as of `read_events`."""
    start, omitted = (f'{{"kind": "{kind_of_event(without)}"' if without else None), ""
    for text in text_lines(path):
        omitted = text if start and text.startswith(start) else ""
        if not omitted and (event := parse_event(text)) is not None:
            yield event
    if omitted and (event := parse_event(omitted)) is not None:
        yield event


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a regular file, none if there is no file. Lines of more than LINE_BYTES are skipped.

    Raises CheckFailed for a link, a pipe and the like, and for a file of more than FILE_BYTES.
    """
    try:
        with open_regular(path, inside=path.parent) as file:
            if file.seek(0, 2) > FILE_BYTES:
                raise TooLarge(errno.EFBIG, f"holds more than {FILE_BYTES:,} bytes", str(path))
            file.seek(0)
            begun = False  # whether the piece continues a line that is too long
            while piece := file.readline(LINE_BYTES):
                ended = piece.endswith(b"\n")
                if not begun and (ended or len(piece) < LINE_BYTES):
                    yield piece.decode(errors="replace")
                begun = not ended
    except FileNotFoundError:
        return
    except OSError as error:
        raise CheckFailed(f"cannot read {path.name}: {error.strerror or error}", where=str(path.parent)) from error
