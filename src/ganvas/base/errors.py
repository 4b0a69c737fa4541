"""Every error ganvas raises on purpose: what went wrong, where, and how to mend it."""

import difflib
from collections.abc import Iterable


class GanvasError(Exception):
    """A sentence for the person at the keyboard, and the command's exit code."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.hint = what, where, hint

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.what.rstrip('.')}{place}.{hint}"


class GanvasWarning(UserWarning):
    """Something that works, but not as a person may expect: one sentence."""


class UsageError(GanvasError):
    """The command or the recipe is wrong."""

    exit_code = 2


class DataError(GanvasError):
    """The data cannot be read or do not fit."""

    exit_code = 3


class MissingExtra(GanvasError):
    """An optional package is not installed."""

    exit_code = 4


class ResourceError(GanvasError):
    """Memory, disk, device or permission."""

    exit_code = 5


class PeerLost(ResourceError):
    """Another process of the run has ended, or answers no more. What was saved can be gone on from."""


class Diverged(GanvasError):
    """Training produced numbers that are not finite."""

    exit_code = 6


class CheckFailed(GanvasError):
    """A promise was tested and does not hold: a damaged checkpoint, a missed threshold."""

    exit_code = 7


def suggest(wrong: str, known: Iterable[str]) -> str:
    """'Did you mean ...?', or an empty string where nothing is near."""
    near = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else ""
