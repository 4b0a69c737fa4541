"""What a folder of sound holds: lengths, rates, channels, levels, silence, clipping, classes and speakers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError
from ..base.progress import report_progress
from ..base.wording import counted, shortened, shortened_lines
from .list_sounds import SoundList, guess_labels, list_sounds
from .sound_entry import SPLITS, SoundReading, sound_entry
from .sound_files import SoundHead, read_sound_head

FASTEST = 24_000  # Hz to which higher rates are resampled, unless a rate is named
LONGEST = 4.0  # seconds of a piece
SHOWN = 10


class SoundHeads(NamedTuple):
    """The headers of a folder's files.

    Args:
        found: the files.
        heads: by name, of those that can be read.
    """

    found: SoundList
    heads: Mapping[str, SoundHead]

    @property
    def rate(self) -> int:
        """The rate that suits: the most common one, at most FASTEST."""
        common = Counter(head.rate for head in self.heads.values()).most_common(1)
        return min(FASTEST, common[0][0]) if common else 16_000


def read_heads(path: str) -> SoundHeads:
    """The headers of the files below a folder; those that cannot be read are left out. Raises DataError."""
    found = list_sounds(path)
    heads: dict[str, SoundHead] = {}
    for number, name in enumerate(found.names, start=1):
        try:
            heads[name] = read_sound_head(found.place(name))
        except DataError:
            if len(found.names) == 1:
                raise
        report_progress("reading headers", number, len(found.names))
    return SoundHeads(found, heads)


class SoundSurvey(NamedTuple):
    """The facts of a folder of sound.

    Args:
        heads: of the files.
        rate: at which they were decoded.
        facts: of the decoded recordings.
    """

    heads: SoundHeads
    rate: int
    facts: Mapping[str, Any]

    @property
    def broken(self) -> float:
        """The share of files that cannot be used."""
        return len(self.facts["broken"]) / max(1, len(self.heads.found.names))

    def plain(self) -> dict[str, Any]:
        """The facts as JSON."""
        named = ("sounds", "seconds", "splits", "class_counts", "speakers", "repeated", "silent", "clipped", "broken")
        return {"rate": self.rate, **{name: self.facts[name] for name in named}}

    def report(self) -> Iterator[str]:
        """The facts as lines of text."""
        facts, heads = self.facts, list(self.heads.heads.values())
        lengths = sorted(head.seconds for head in heads)
        more = f"; {counted(self.heads.found.others, 'other file', 'other files')}" if self.heads.found.others else ""
        yield f"{'recordings':12} {facts['sounds']:,}, {minutes_text(facts['seconds'])}{more}"
        median = lengths[len(lengths) // 2]
        yield f"{'lengths':12} {lengths[0]:.2f} to {lengths[-1]:.2f} s, median {median:.2f}"
        yield f"{'rates':12} {tally(f'{head.rate:,} Hz' for head in heads)}; decoded at {self.rate:,} Hz"
        yield f"{'channels':12} {tally(channels_text(head.channels) for head in heads)}"
        yield f"{'formats':12} {tally(head.form for head in heads)}"
        levels = sorted(facts["levels"])
        yield f"{'levels':12} {levels[0]:.0f} to {levels[-1]:.0f} dBFS, median {float(np.median(levels)):.0f}"
        if facts["classes"]:
            counts = [f"{name} ({count:,})" for name, count in facts["class_counts"].items()]
            yield f"{'classes':12} {shortened(counts)}"
        speakers, splits = facts["speakers"], facts["splits"]
        if any(any(speakers[name]) for name in SPLITS):
            yield f"{'speakers':12} {'; '.join(f'{name} {shortened(speakers[name])}' for name in SPLITS)}"
        yield f"{'splits':12} {', '.join(f'{name} {splits[name]:,}' for name in SPLITS)}"
        yield f"{'repeated':12} {facts['repeated']:,}"
        for what, names in (("silent", facts["silent"]), ("clipped", facts["clipped"])):
            yield f"{what:12} {len(names):,}{': ' if names else ''}{shortened(names, 4)}"
        yield f"{'broken':12} {len(facts['broken']):,} ({self.broken:.1%})"
        for line in shortened_lines(f"{name}: {cause}" for name, cause in facts["broken"].items()):
            yield f"{'':12} {line}"


def survey_sounds(path: str, classes: str = "") -> SoundSurvey:
    """The facts of a folder of sound, as `ganvas data check` prints them. Raises DataError, MissingExtra.

    Args:
        path: of the folder, or of one file.
        classes: "folders", "names", or "" to infer them from the names.
    """
    heads = read_heads(path)
    guessed, speaker = guess_labels(heads.found.names)
    reading = SoundReading(heads.rate, LONGEST, classes or guessed, speaker, 0)
    return SoundSurvey(heads, heads.rate, sound_entry(heads.found, reading).facts)


def minutes_text(seconds: float) -> str:
    """'22.5 minutes', '40.0 seconds', '2.5 hours'."""
    if seconds >= 7200:
        return f"{seconds / 3600:,.1f} hours"
    return f"{seconds / 60:.1f} minutes" if seconds >= 120 else f"{seconds:.1f} seconds"


def channels_text(channels: int) -> str:
    """The usual word for a number of channels."""
    return {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")


def tally(names: Iterator[str]) -> str:
    """How often each text occurs, the most frequent first."""
    return shortened([f"{name} ({count:,})" for name, count in Counter(names).most_common()], SHOWN)
