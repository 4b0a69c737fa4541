"""Parts of messages: commands quoted for a shell, lists cut to a few names, counts with their noun."""

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

MAX_NAMES = 10  # names in a message


def command(*arguments: str | Path | int | float) -> str:
    """A command that can be pasted into a shell: command("ganvas", "resume", "my run") is "ganvas resume 'my run'"."""
    return shlex.join(str(each) for each in arguments)


def shortened(names: Sequence[str], most: int = MAX_NAMES) -> str:
    """'a, b, c': at most `most` names, then the number of further ones."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def counted(number: int, singular: str, plural: str = "") -> str:
    """'1 picture', '2,500 pictures'."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def shortened_lines(lines: Iterable[str], most: int = MAX_NAMES) -> list[str]:
    """At most `most` lines, then one line with the number of further ones."""
    every = list(lines)
    return every[:most] + ([f"and {len(every) - most:,} more"] if len(every) > most else [])
