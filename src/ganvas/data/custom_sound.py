"""A person's own recordings as a source, and messages about how they were read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..base.wording import command, counted, shortened
from ..ingest.list_sounds import guess_labels
from ..ingest.list_sounds import is_sound_data as is_sound_data
from ..ingest.sound_survey import SoundHeads, channels_text, minutes_text
from ..ingest.sound_survey import read_heads as read_heads
from .sounds import Sounds


def as_sounds(source: object) -> Sounds:
    """The source, if it is still one of recordings after the overrides. Raises UsageError."""
    if not isinstance(source, Sounds):
        raise UsageError("--data names recordings, and source.kind another source", hint="Leave one of them out.")
    return source


def guess_source(heads: SoundHeads, path: str, labels: str | None) -> Sounds:
    """The source for a folder of recordings. Raises UsageError for labels that are no folders."""
    if labels not in (None, "", "folders"):
        hint = "Use --labels folders, or source.classes=names for names as 7_jackson_32.wav."
        raise UsageError(f"{command('--labels', labels)} does not apply to recordings", where=path, hint=hint)
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
