"""What the command says: people's text on stderr, data on stdout, JSON when asked."""

import json
import os
import sys
from dataclasses import dataclass
from typing import Any


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


def say(text: str = "") -> None:
    """A line for people."""
    if not manner.quiet and not manner.as_json:
        print(text, file=sys.stderr)


def give(data: Any, text: str | None = None) -> None:
    """The answer: JSON if asked, else the text."""
    print(json.dumps(data) if manner.as_json or text is None else text)


def redrawn() -> bool:
    """Whether the progress line can be drawn over and over."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not manner.quiet and not manner.as_json
