"""What the command says: people's text on stderr, data on stdout, JSON when asked."""

import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from typing import IO, Any

EPILOG = "Anywhere: -q (quiet), -v (tracebacks), --json (data for programs). Exit codes: 2 usage, 3 data, 4 missing extra, 5 resources, 6 diverged, 7 check failed."
HANGING = re.compile(r" *(?:\S+(?: \S+)* {2,})?")  # what the rest of a line stands below: its indent, or a first column
WORD = re.compile(r"(?:`[^`]*`|\S)+\s*")


@dataclass
class Manner:
    """How to speak, as -q, -v and --json set it; they may stand anywhere in the command line."""

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False


manner = Manner()


def take_manner(words: list[str]) -> list[str]:
    """The command line without the flags that set the manner. What follows `--` is left alone."""
    end = words.index("--") if "--" in words else len(words)
    flags = {"-q": "quiet", "--quiet": "quiet", "-v": "verbose", "--verbose": "verbose", "--json": "as_json"}
    for name in flags.values():
        setattr(manner, name, any(flags.get(word) == name for word in words[:end]))
    return [word for word in words[:end] if word not in flags] + words[end:]


def say(text: str = "", *, whole: bool = False) -> None:
    """Text for people, wrapped at spaces to the terminal's width; `whole` leaves lines as they are, such as commands to be pasted."""
    if not manner.quiet and not manner.as_json:
        print(text if whole else wrapped(text, columns(sys.stderr)), file=sys.stderr)


def give(data: Any, text: str | None = None, *, prose: bool = False) -> None:
    """The answer: JSON if asked, else the text. Of `prose`, lines are wrapped as `say` does it; other text, such as YAML or a path, stays as it is."""
    if manner.as_json or text is None:
        print(json.dumps(data))
    else:
        print(wrapped(text, columns(sys.stdout)) if prose else text)


def columns(stream: IO[str]) -> int | None:
    """How wide the terminal is; in a pipe or a file what COLUMNS says, None if it says nothing."""
    if (asked := os.environ.get("COLUMNS", "")).isdecimal() and int(asked) > 0:
        return int(asked)
    return shutil.get_terminal_size().columns if stream.isatty() else None


def wrapped(text: str, width: int | None) -> str:
    """Every line of at most `width` characters, broken at spaces alone.

    A line goes on below its first word, or below its second column where two spaces part it from a first one. Words that are longer stand alone,
    and what stands between backticks counts as one word, as it is a command.
    """
    return (
        text
        if width is None
        else "\n".join(broken for line in text.split("\n") for broken in wrapped_line(line, width))
    )


def wrapped_line(line: str, width: int) -> list[str]:
    """One line as several."""
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


def redrawn() -> bool:
    """Whether the progress line can be drawn over and over."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not manner.quiet and not manner.as_json
