"""A recipe for a person's own recordings: how they are read, what is chosen, and the scores that fit."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..data.custom_sound import as_sounds, guess_source, read_heads, sound_messages
from ..data.custom_sound import is_sound_data as is_sound_data
from ..recipes import Recipe, override, reasons_text
from ..recipes import recipe as by_name
from ..recipes.auto_sound import REASONS, at_rate, check_makes_sound, separates_speakers
from .custom_data import scores_that_fit

CHOSEN = "vocoder"


def with_sound(
    base: Recipe | None, path: Path | str, labels: str | None, changes: Mapping[str, Any]
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for these recordings, and messages about what was inferred and chosen.

    Args:
        base: a recipe whose source is replaced; None to choose one.
        path: of a folder, or of one file.
        labels: "folders" where folders are classes.
        changes: the overrides; those of the source apply while the recordings are read.

    Raises:
        DataError: the recordings cannot be read.
        UsageError: an override or an option is wrong, or the recipe is not for sound.
    """
    if base is not None:
        check_makes_sound(base, str(path))
    heads = read_heads(str(path))
    chosen = base or by_name(CHOSEN)
    source = guess_source(heads, str(path), labels)
    source = source if separates_speakers(chosen) else replace(source, speaker="")
    reading = {key: value for key, value in changes.items() if key.startswith("source.")}
    found = as_sounds(override(replace(chosen, source=source), reading).source)
    messages = tuple(sound_messages(heads, found))
    made = at_rate(replace(chosen, source=found), found.rate)
    if base is None:
        return made, (*messages, *reasons_text(REASONS, changes))
    fitting, more = scores_that_fit(made, lambda: ((), "no scores"))
    return fitting, (*messages, *more)
