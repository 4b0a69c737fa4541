"""The output of the command: messages on stderr, results on stdout, results as JSON with --json."""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import IO, Any

EPILOG = (
    "Anywhere: -q (quiet), -v (tracebacks), --json (data for programs). "
    "Exit codes: 2 usage, 3 data, 4 missing extra, 5 resources, 6 diverged, 7 check failed."
)
HANGING = re.compile(r" *(?:\S+(?: \S+)* {2,})?")  # the indent of continued lines: the line's own, or its first column
WORD = re.compile(r"(?:`[^`]*`|\S)+\s*")


@dataclass
class OutputOptions:
    """The options -q, -v and --json, which may be anywhere in the command line."""

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False


output_options = OutputOptions()
_above: ContextVar[Callable[[str], None] | None] = ContextVar("above", default=None)


@contextmanager
def above_progress(print_above: Callable[[str], None] | None) -> Iterator[None]:
    """Within the context, messages go to `print_above`, as a progress line is drawn; None: to stderr."""
    token = _above.set(print_above)
    try:
        yield
    finally:
        _above.reset(token)


def parse_output_options(arguments: list[str]) -> list[str]:
    """Set the output options from the arguments; returns the other arguments. Those after `--` do not change."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    flags = {"-q": "quiet", "--quiet": "quiet", "-v": "verbose", "--verbose": "verbose", "--json": "as_json"}
    for name in flags.values():
        setattr(output_options, name, any(flags.get(word) == name for word in arguments[:end]))
    return [word for word in arguments[:end] if word not in flags] + arguments[end:]


def print_message(text: str = "", *, whole: bool = False) -> None:
    """Print text for people on stderr.

    Args:
        text: one or several lines.
        whole: print lines as they are, such as commands; else they are wrapped at spaces to the terminal's width.
    """
    if output_options.quiet or output_options.as_json:
        return
    if above := _above.get():
        above(text)
    else:
        print(text if whole else wrapped(text, columns(sys.stderr)), file=sys.stderr)


def print_result(data: Any, text: str | None = None, *, prose: bool = False) -> None:
    """Print the result on stdout.

    Args:
        data: printed as JSON with --json, and where there is no text.
        text: printed otherwise.
        prose: whether the text is wrapped to the terminal's width; not for YAML or a path.
    """
    if output_options.as_json or text is None:
        print(json.dumps(data))
    else:
        print(wrapped(text, columns(sys.stdout)) if prose else text)


def columns(stream: IO[str]) -> int | None:
    """Columns of the terminal; in a pipe or a file the variable COLUMNS; None if there is none."""
    if (width := os.environ.get("COLUMNS", "")).isdecimal() and int(width) > 0:
        return int(width)
    return shutil.get_terminal_size().columns if stream.isatty() else None


def wrapped(text: str, width: int | None) -> str:
    """Text with lines of at most `width` characters, broken at spaces only.

    A continued line has the indent of its first word, or of its second column if two spaces separate it from a first
    one. Longer words get a line each. Text between backticks counts as one word, as it is a command.
    """
    return (
        text
        if width is None
        else "\n".join(broken for line in text.split("\n") for broken in wrapped_line(line, width))
    )


def wrapped_line(line: str, width: int) -> list[str]:
    """One line, wrapped to several."""
    if len(line) <= width:
        return [line]
    start = HANGING.match(line)
    indent = start.end() if start and start.end() <= 2 * width // 3 else len(line) - len(line.lstrip())
    lines, now = [], line[:indent]
    for word in WORD.findall(line[indent:]):
        if now.strip() and len(now + word.rstrip()) > width:
            lines.append(now.rstrip())
            now = " " * indent
        now += word
    return [*lines, now.rstrip()]


def can_redraw() -> bool:
    """Whether stderr is a terminal on which a progress line can be redrawn."""
    return (
        sys.stderr.isatty()
        and os.environ.get("TERM") != "dumb"
        and not output_options.quiet
        and not output_options.as_json
    )
