"""Sentences about what was chosen, and which overrides leave them true."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .files import full_path


class Reason(NamedTuple):
    """A sentence about a choice, and the paths of the recipe that it describes; overriding one makes it untrue."""

    text: str
    of: tuple[str, ...] = ()

    def holds(self, changes: Mapping[str, Any]) -> bool:
        """Whether no override changes what the sentence describes."""
        return not any(".".join(full_path(key)).startswith(self.of) for key in changes)


def reasons_text(reasons: Iterable[Reason], changes: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences that the overrides leave true, and one that names the overrides."""
    texts = tuple(reason.text for reason in reasons if reason.holds(changes))
    named = ", ".join(f"{key}={value}" for key, value in changes.items())
    return (*texts, f"as requested: {named}") if changes else texts
