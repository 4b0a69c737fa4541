"""Notes and tags of a run: what is stored, what is refused, and what a damaged file does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ganvas.base.errors import CheckFailed, UsageError
from ganvas.runs import Run, RunNote, checked_note, read_note, write_note
from ganvas.runs.note import FILE_BYTES, MOST_TAGS, NOTE_CHARACTERS, TAG_CHARACTERS


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "run", config="kind: Recipe\n", environment={})


def test_a_note_is_read_as_it_was_written(run: Run) -> None:
    assert read_note(run) == RunNote()
    note = checked_note(" R1 ten times higher;\nsee <b>32</b> \x1b[31m", ["best", " for  paper ", "best", ""])
    assert note == RunNote("R1 ten times higher;\nsee <b>32</b> [31m", ("best", "for paper"))
    write_note(run, note)
    assert read_note(run) == read_note(Run.open(run.path)) == note
    assert [each.name for each in run.path.iterdir() if each.name.startswith(".note")] == []


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("x" * (NOTE_CHARACTERS + 1), []),
        ("", ["x" * (TAG_CHARACTERS + 1)]),
        ("", ["a,b"]),
        ("", ["a\x00b"]),
        ("", [str(number) for number in range(MOST_TAGS + 1)]),
    ],
)
def test_what_is_too_long_or_no_tag_is_refused(text: str, tags: list[str]) -> None:
    with pytest.raises(UsageError):
        checked_note(text, tags)


def test_the_longest_note_is_read_again(run: Run) -> None:
    tags = [f"{number:02}" + "é" * (TAG_CHARACTERS - 2) for number in range(MOST_TAGS)]
    note = checked_note("é" * NOTE_CHARACTERS, tags)
    write_note(run, note)
    assert read_note(run) == note


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"text": 1, "tags": []}',
        '{"text": "", "tags": "a"}',
        '{"text": "", "tags": [1]}',
        '{"text": "", "tags": ["a,b"]}',
    ],
)
def test_a_file_of_other_content_is_passed_over(run: Run, content: str) -> None:
    (run.path / "note.json").write_text(content)
    assert read_note(run) == RunNote()


def test_links_and_large_files_are_refused(run: Run, tmp_path: Path) -> None:
    file = run.path / "note.json"
    file.write_text(json.dumps({"text": "x" * FILE_BYTES, "tags": []}))
    with pytest.raises(CheckFailed):
        read_note(run)
    file.unlink()
    (tmp_path / "secret").write_text('{"text": "secret", "tags": []}')
    file.symlink_to(tmp_path / "secret")
    with pytest.raises(CheckFailed):
        read_note(run)
    write_note(run, RunNote("mine"))
    assert (tmp_path / "secret").read_text() == '{"text": "secret", "tags": []}'
    file.unlink()
    file.mkdir()
    with pytest.raises(CheckFailed):
        write_note(run, RunNote("mine"))


def test_the_command_writes_and_prints(run: Run) -> None:
    def note(*words: str, code: int = 0) -> str:
        command = [sys.executable, "-P", "-m", "ganvas", "note", str(run.path), *words]
        found = subprocess.run(command, capture_output=True, text=True)
        assert found.returncode == code, found.stderr
        return (found.stdout or found.stderr).strip()

    assert note() == "no note, no tags"
    assert note("a narrow D", "--tags", "best, D") == "best, D\na narrow D"
    assert note("--tags", "") == "a narrow D"
    assert json.loads(note("--json")) == {"text": "a narrow D", "tags": []}
    assert "this is no tag" in note("--tags", "x" * 50, code=2)
    assert note("") == "no note, no tags"
