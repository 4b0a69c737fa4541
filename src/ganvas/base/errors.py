"""The errors that ganvas raises on purpose: what is wrong, where, how to fix it, and the exit code of the command."""

import difflib
from collections.abc import Iterable


class GanvasError(Exception):
    """One sentence for the user, and the command's exit code.

    Args:
        what: what is wrong.
        where: the file, folder or option that it is about.
        hint: how to fix it, a sentence.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.hint = what, where, hint

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.what.rstrip('.')}{place}.{hint}"


class GanvasWarning(UserWarning):
    """A result is usable, but may differ from what the user expects: one sentence."""


class UsageError(GanvasError):
    """The command, an argument or the recipe is wrong. Exit code 2."""

    exit_code = 2


class DataError(GanvasError):
    """The data cannot be read or do not fit. Exit code 3."""

    exit_code = 3


class MissingExtra(GanvasError):
    """An optional package is not installed. Exit code 4."""

    exit_code = 4


class ResourceError(GanvasError):
    """Memory, disk space, a device or a permission is missing. Exit code 5."""

    exit_code = 5


class PeerLost(ResourceError):
    """A peer process of the run ended or timed out; the run can be resumed from its last checkpoint. Exit code 5."""


class Diverged(GanvasError):
    """Training produced numbers that are not finite. Exit code 6."""

    exit_code = 6


class CheckFailed(GanvasError):
    """A check failed: a damaged checkpoint, a missed threshold. Exit code 7."""

    exit_code = 7


def suggest(wrong: str, known: Iterable[str]) -> str:
    """'Did you mean ...?' with the most similar known name, or an empty string.

    Args:
        wrong: the unknown name.
        known: the names that exist.
    """
    near = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else ""
