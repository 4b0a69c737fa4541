"""A person's own text as a source, and messages about how it was read."""

from collections.abc import Iterator
from pathlib import Path

from ..base.errors import UsageError
from ..base.wording import counted
from ..ingest.text_kind import text_kind
from .text_lines import ENDINGS, TextLines, UsableLines, usable_lines


def is_text(path: Path | str) -> bool:
    """Whether a file is read as text, a sample a line: it ends in .txt, and holds no table and no list of pictures.

    So is a folder of nothing but such files.
    """
    here = Path(path).expanduser()
    if here.is_dir():
        files = [each for each in here.iterdir() if each.name[0] != "."]
        return bool(files) and all(each.is_file() and is_text(each) for each in files)
    return str(path).lower().endswith(ENDINGS) and text_kind(path) in ("", "columns")


def guess_text(path: str, encoding: str | None) -> TextLines:
    """The source for a text file."""
    return TextLines(path=str(Path(path).expanduser()), encoding=encoding or "")


def as_text(source: object) -> TextLines:
    """The source, if it is still text after the overrides. Raises UsageError."""
    if not isinstance(source, TextLines):
        raise UsageError("--data names text, and source.kind another source", hint="Leave one of them out.")
    return source


def text_messages(source: TextLines) -> Iterator[str]:
    """How the file was read, one sentence each. Raises DataError, UsageError."""
    found: UsableLines = usable_lines(source)
    yield f"text of {counted(len(found.all_lines), 'line')} ({found.encoding.upper()}): each line is a sample"
    if found.empty:
        yield f"{counted(found.empty, 'empty line is', 'empty lines are')} left out"
    if found.repeated:
        again = counted(found.repeated, "line repeats", "lines repeat")
        yield f"{again} an earlier one; equal lines are in one split"
