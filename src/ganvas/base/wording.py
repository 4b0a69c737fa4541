"""Words that messages share: commands that a shell understands, and lists that stay short."""

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

MAX_NAMES = 10  # names in a message


def command(*words: str | Path | int | float) -> str:
    """A command as it can be pasted into a shell: command("ganvas", "resume", "r/my run") is "ganvas resume 'r/my run'"."""
    return shlex.join(str(word) for word in words)


def shortened(names: Sequence[str], most: int = MAX_NAMES) -> str:
    """'a, b, c': at most `most` names, then how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def counted(number: int, singular: str, plural: str = "") -> str:
    """'1 picture', '2,500 pictures'."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def shortened_lines(lines: Iterable[str], most: int = MAX_NAMES) -> list[str]:
    """At most `most` lines, then one that says how many more there are."""
    every = list(lines)
    return every[:most] + ([f"and {len(every) - most:,} more"] if len(every) > most else [])
