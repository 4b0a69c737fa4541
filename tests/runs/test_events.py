import json
import math
import os
import tempfile
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.base.errors import CheckFailed
from ganvas.runs import (
    Commanded,
    Diagnosed,
    LogitsMeasured,
    Progress,
    Saved,
    SaveFailed,
    Scored,
    SignalsMeasured,
    Snapshot,
    Started,
    Stopped,
    duration_text,
    event_text,
    read_events,
)
from ganvas.runs.directory import Run
from ganvas.runs.events import (
    FILE_BYTES,
    KINDS,
    LINE_BYTES,
    Event,
    Recovered,
    Remedied,
    Rewound,
    append_line,
    event_line,
    parse_event,
    read_all_events,
    read_records,
)

ONE_OF_EACH: list[Event] = [
    Started(0, 1.0, total=100),
    Progress(8, 2.0, terms={"discriminator.adversarial": 1.5}, samples_per_second=3.25),
    Snapshot(8, 3.0, file="000000000008.webp"),
    Scored(8, 4.0, scores={"fid": 12.5}, split="val"),
    SignalsMeasured(8, 4.5, signals={"D.ahead": 0.75, "D.update": None}),
    LogitsMeasured(8, 4.5, low=-1.5, high=2.0, shares={"real": (0.0, 1.0), "fake": (0.75, 0.25)}),
    Diagnosed(8, 4.6, name="divergence", message="It is far.", remedy="samples=8"),
    Saved(8, 5.0, checkpoint="samples-000000000008"),
    SaveFailed(16, 6.0, error="No space left on device"),
    Remedied(
        16, 6.4, finding="full collapse", message="twins", found_at=64, overrides="D.optimiser.lr=0.001", total=99
    ),
    Commanded(16, 6.4, command="pause"),
    Recovered(16, 6.5, fault="numbers", message="weights are not finite"),
    Rewound(8, 7.0, to_samples=8),
    Stopped(100, 8.0, reason="finished", notes={"why": "ö"}),
]


def test_every_kind_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert {type(event) for event in ONE_OF_EACH} == set(KINDS.values())
    for event in ONE_OF_EACH:
        append_line(tmp_path / "events.jsonl", event_line(event))
    assert list(read_all_events(tmp_path / "events.jsonl")) == ONE_OF_EACH
    for text in (tmp_path / "events.jsonl").read_text().splitlines():
        assert {"kind", "version", "samples", "time"} <= json.loads(text).keys()


@pytest.mark.parametrize(
    "value",
    [
        "1" * 5000,
        "10000000000000000000",
        "-1",
        "true",
        '"8"',
        "8.0",
        "null",
        "NaN",
        "[]",
        "{}",
        "[" * 10_000,
        "[" * 99 + "]" * 99,
    ],
)
@pytest.mark.parametrize("name", ["samples", "total"])
def test_a_count_that_is_none_is_no_event(name: str, value: str) -> None:
    assert (
        parse_event(f'{{"kind": "started", "version": 1, "time": 1.0, "samples": 0, "total": 5, "{name}": {value}}}')
        is None
    )


@pytest.mark.parametrize(
    "fields",
    [
        '"terms": [], "samples_per_second": 1',
        '"terms": {"a": "b"}, "samples_per_second": 1',
        '"terms": {"a": {}}, "samples_per_second": 1',
        '"terms": {}',
    ],
)
def test_a_field_of_another_type_is_no_event(fields: str) -> None:
    assert parse_event(f'{{"kind": "progress", "version": 1, "samples": 8, "time": 2.0, {fields}}}') is None


def test_a_number_is_no_switch() -> None:
    started = '{"kind": "started", "version": 1, "time": 1.0, "samples": 0, "total": 5, "resumed": %s}'
    assert parse_event(started % "true") is not None
    assert parse_event(started % "1") is None


def test_numbers_that_are_not_finite_are_nan() -> None:
    found = parse_event(
        '{"kind": "progress", "version": 1, "samples": 8, "time": 2.0, "terms": {"a": null, "b": 1e400}, '
        '"samples_per_second": null}'
    )
    assert isinstance(found, Progress)
    assert all(math.isnan(each) for each in (*found.terms.values(), found.samples_per_second))
    look = parse_event(
        '{"kind": "signals_measured", "version": 1, "samples": 8, "time": 2.0, '
        '"signals": {"a": null, "b": NaN, "c": 1}}'
    )
    assert look == SignalsMeasured(8, 2.0, signals={"a": None, "b": None, "c": 1.0})


def test_half_a_surrogate_pair_is_no_text() -> None:
    assert parse_event('{"kind": "saved", "version": 1, "samples": 8, "time": 2.0, "checkpoint": "\\ud800"}') is None


def test_no_file_is_no_events(tmp_path: Path) -> None:
    assert read_events(tmp_path / "events.jsonl") == []


@given(st.integers(0, 200))
@settings(max_examples=40)
def test_a_torn_last_line_is_ended_and_skipped(keep: int) -> None:
    whole = "".join(event_line(event) for event in ONE_OF_EACH[:3])
    path = Path(tempfile.gettempdir()) / f"{time.monotonic_ns()}.jsonl"
    path.write_text(whole + event_line(ONE_OF_EACH[3])[: min(keep, len(event_line(ONE_OF_EACH[3])) - 2)])
    try:
        append_line(path, event_line(ONE_OF_EACH[4]))
        assert list(read_all_events(path)) == [*ONE_OF_EACH[:3], ONE_OF_EACH[4]]
        assert path.read_bytes().startswith(whole.encode())
        append_line(path, event_line(ONE_OF_EACH[5]))
        assert list(read_all_events(path))[-1] == ONE_OF_EACH[5]
    finally:
        path.unlink()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "3",
        "null",
        '"text"',
        "{}",
        '{"kind": "saved"}',
        '{"kind": "saved", "version": 1}',
        '{"kind": "saved", "version": 2, "samples": 1, "time": 1, "checkpoint": "x"}',
        '{"kind": "dreamt", "version": 1, "samples": 1, "time": 1}',
        '{"kind": ["saved"], "version": 1, "samples": 1, "time": 1, "checkpoint": "x"}',
        '{"kind": "saved", "version": 1, "samples": 1, "time": 1, "checkpoint": "x"',
        "\x00\x00\x00",
    ],
)
def test_what_a_later_ganvas_or_a_crash_wrote_is_skipped(text: str, tmp_path: Path) -> None:
    assert parse_event(text) is None
    path = tmp_path / "events.jsonl"
    append_line(path, event_line(ONE_OF_EACH[0]))
    append_line(path, text + "\n")
    append_line(path, event_line(ONE_OF_EACH[4]))
    assert read_events(path) == [ONE_OF_EACH[0], ONE_OF_EACH[4]]


def test_bytes_that_are_no_text_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\xff\xfe{\n" + event_line(ONE_OF_EACH[0]).encode() + b"\x80")
    assert read_events(path) == [ONE_OF_EACH[0]]


def test_fields_from_a_later_version_of_the_same_kind_are_ignored() -> None:
    record = json.loads(event_line(ONE_OF_EACH[4])) | {"colour": "blue"}
    assert parse_event(json.dumps(record)) == ONE_OF_EACH[4]


def test_fields_that_an_earlier_version_did_not_write_have_their_default() -> None:
    old = parse_event('{"kind": "snapshot", "version": 1, "samples": 64, "time": 1.0, "file": "000000000064.webp"}')
    assert old == Snapshot(samples=64, time=1.0, file="000000000064.webp", raw="", classes=())


def test_progress_of_an_earlier_version_says_nothing_of_memory() -> None:
    old = parse_event(
        '{"kind": "progress", "version": 1, "samples": 64, "time": 1.0, "terms": {}, "samples_per_second": 9.0}'
    )
    assert isinstance(old, Progress)
    assert old.usage == {}


def test_rewound_hides_what_was_superseded(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.add(Started(0, 0.0, total=100))
    for samples in (20, 40, 60, 80):
        run.add(Snapshot(samples, 1.0, file=f"first {samples}"))
    run.rewind(40)
    run.add(Started(40, 2.0, total=100, resumed=True))
    run.add(Snapshot(60, 3.0, file="second 60"))
    assert [event.file for event in read_events(run.events) if isinstance(event, Snapshot)] == [
        "first 20",
        "first 40",
        "second 60",
    ]
    assert not any(isinstance(event, Rewound | SignalsMeasured) for event in read_events(run.events))
    assert sum(isinstance(event, Snapshot) for event in read_all_events(run.events)) == 5
    run.rewind(60)
    assert sum(isinstance(event, Rewound | SignalsMeasured) for event in read_all_events(run.events)) == 1, (
        "nothing lies beyond, so nothing is said"
    )
    run.rewind(0)
    assert [type(event) for event in read_events(run.events)] == [Started]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), max_size=12))
@settings(max_examples=60)
def test_however_often_a_run_is_resumed_it_reads_like_one(story: list[tuple[int, int]]) -> None:
    """Each chapter: so many marks are passed, then the run goes back to one of those it has passed."""
    path = Path(tempfile.gettempdir()) / f"{time.monotonic_ns()}.jsonl"
    run = Run(path.parent)
    run.events = path
    seen = 0
    try:
        for count, back in story:
            for _ in range(count):
                seen += 10
                run.add(Snapshot(seen, 0.0, file=str(seen)))
            seen = max(0, seen - 10 * back)
            run.rewind(seen)
        assert [event.samples for event in read_events(path)] == list(range(10, seen + 1, 10))
    finally:
        path.unlink(missing_ok=True)


def test_listeners_hear_every_event(tmp_path: Path) -> None:
    run = Run(tmp_path)
    heard: list[Event] = []
    run.listeners = [heard.append]
    for event in ONE_OF_EACH:
        run.add(event)
    assert heard == ONE_OF_EACH


def test_events_in_plain_words() -> None:
    for event in ONE_OF_EACH:
        text = event_text(event)
        assert text or isinstance(event, LogitsMeasured | Rewound | SignalsMeasured)
        assert "\n" not in text
    assert "NOT saved: No space left on device" in event_text(
        next(event for event in ONE_OF_EACH if isinstance(event, SaveFailed))
    )

    @dataclass(frozen=True)
    class Later(Event):
        """From a later ganvas."""

    assert event_text(Later(1, 1.0)) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3600, "1 h 00 min"), (18720, "5 h 12 min")],
)
def test_durations_for_people(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_a_line_that_never_ends_is_skipped_and_not_held_in_memory(ending: bytes, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    append_line(file, event_line(Saved(8, 5.0, checkpoint="one")))
    with file.open("ab") as out:
        out.truncate(file.stat().st_size + 50 * LINE_BYTES)  # zeros that take no room
        out.write(ending)
    append_line(file, event_line(Saved(16, 6.0, checkpoint="two")))
    tracemalloc.start()
    try:
        assert [event.samples for event in read_events(file)] == [8, 16]
        assert tracemalloc.get_traced_memory()[1] < 10 * LINE_BYTES
    finally:
        tracemalloc.stop()


def test_a_file_of_lines_that_is_too_large_or_no_regular_file_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    assert read_events(file) == []
    file.touch()
    os.truncate(file, FILE_BYTES + 1)
    with pytest.raises(CheckFailed, match=r"events\.jsonl.*more than"):
        read_events(file)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(CheckFailed, match="a pipe"):
        list(read_records(file))
    file.unlink()
    (tmp_path / "outside").write_text(event_line(Saved(8, 5.0, checkpoint="one")))
    file.symlink_to(tmp_path / "outside")
    with pytest.raises(CheckFailed, match="a link"):
        read_events(file)
    with pytest.raises(OSError, match="a link"):
        append_line(file, "{}\n")
    assert read_events(tmp_path / "outside") != []


@pytest.mark.parametrize(
    "wrong",
    [
        {"samples": "8"},
        {"samples": True},
        {"samples": 8.5},
        {"samples": None},
        {"samples": 10**30},
        {"samples": [8]},
        {"time": "now"},
        {"checkpoint": 3},
    ],
)
def test_an_event_with_a_field_of_another_kind_is_left_out(wrong: dict[str, object]) -> None:
    sound = {"kind": "saved", "version": 1, "samples": 8, "time": 5.0, "checkpoint": "one"}
    assert parse_event(json.dumps(sound)) == Saved(8, 5.0, checkpoint="one")
    assert parse_event(json.dumps({**sound, **wrong})) is None


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "1" * 5_000,
        '{"kind": []}',
        '{"kind": "scored", "version": 1, "samples": 1, "time": 1, "split": "val", "scores": {"a": "b"}}',
    ],
)
def test_a_line_that_breaks_a_reader_is_left_out(text: str, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(f"{text}\n{event_line(Saved(8, 5.0, checkpoint='one'))}")
    assert [event.samples for event in read_all_events(file)] == [8]
    assert len(list(read_records(file))) >= 1
