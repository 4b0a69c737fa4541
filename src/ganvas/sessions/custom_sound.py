"""A recipe for a person's own recordings: how they are read, what is chosen, and the scores that fit."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..base.wording import counted, shortened
from ..data.sounds import Sounds
from ..domains.audio import Audio
from ..ingest.list_sounds import guess_labels
from ..ingest.list_sounds import is_sound_data as is_sound_data
from ..ingest.sound_survey import SoundHeads, channels_text, minutes_text, read_heads
from ..recipes import Recipe, override
from ..recipes import recipe as by_name
from ..recipes.auto_sound import REASONS, at_rate, check_makes_sound
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
    reading = {key: value for key, value in changes.items() if key.startswith("source.")}
    found = override(replace(chosen, source=source), reading).source
    if not isinstance(found, Sounds):
        raise UsageError("--data names recordings, and source.kind another source", hint="Leave one of them out.")
    messages = tuple(sound_messages(heads, found))
    made = at_rate(replace(chosen, source=found, domain=Audio()), found.rate)
    if base is None:
        return made, (*messages, *(reason.text for reason in REASONS if reason.holds(changes)))
    fitting, more = scores_that_fit(made, lambda: ((), "no scores"))
    return fitting, (*messages, *more)


def guess_source(heads: SoundHeads, path: str, labels: str | None) -> Sounds:
    """The source for a folder of recordings. Raises UsageError for labels that are no folders."""
    if labels not in (None, "", "folders"):
        hint = "Use --labels folders, or source.classes=names for names as 7_jackson_32.wav."
        raise UsageError(f"--labels {labels} does not apply to recordings", where=path, hint=hint)
    guessed, speaker = guess_labels(heads.found.names)
    classes: Any = "folders" if labels == "folders" else guessed
    return Sounds(path=str(Path(path).expanduser()), rate=heads.rate, classes=classes, speaker=speaker)


def sound_messages(heads: SoundHeads, source: Sounds) -> Iterator[str]:
    """How the recordings are read, one sentence each. Raises DataError."""
    facts = source.entry().facts
    yield f"{counted(facts['sounds'], 'recording')}, {minutes_text(facts['seconds'])}, read at {source.rate:,} Hz"
    rates = sorted({head.rate for head in heads.heads.values()} - {source.rate})
    if rates:
        yield f"resampled from {', '.join(f'{rate:,} Hz' for rate in rates)}; source.rate=N reads them at another rate"
    channels = sorted({head.channels for head in heads.heads.values()} - {1})
    if channels:
        yield f"{', '.join(map(channels_text, channels))} mixed down to mono"
    if facts["classes"]:
        by = "folders" if source.classes == "folders" else "the names of files"
        yield f"classes by {by}: {shortened(facts['classes'])}"
    if source.speaker:
        val, test = (shortened(facts["speakers"][name]) for name in ("val", "test"))
        yield f"each speaker is in one split (source.speaker): val {val}, test {test}"
    for what in ("silent", "clipped"):
        if facts[what]:
            yield f"{counted(len(facts[what]), 'recording is', 'recordings are')} {what}: {shortened(facts[what], 3)}"
    if facts["broken"]:
        yield f"{counted(len(facts['broken']), 'file is', 'files are')} left out: {shortened(list(facts['broken']), 3)}"
