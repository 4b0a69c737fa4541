"""A person's own recordings: a folder of sound files, decoded once into the cache."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt

from ..base.types import Count, Share
from ..ingest.cache import CacheEntry
from ..ingest.decode_sounds import check_broken
from ..ingest.list_sounds import list_sounds
from ..ingest.sound_entry import SoundReading, sound_entry
from .source import SPLITS, Items, Split


@dataclass(frozen=True)
class Sounds:
    """Recordings (WAV, FLAC, OGG, MP3, AIFF) below a folder, each of one channel at `rate`, in 16 bits.

    Several channels are mixed down to their mean. Recordings of one speaker, and equal ones, are never in two splits;
    the split is by SHA-256 of the sound and the seed, about 90/5/5; of few speakers one is val and one test.

    Args:
        path: of the folder, or of one file.
        rate: numbers in a second; other rates are resampled.
        longest: seconds; a longer recording is cut into pieces of this length.
        classes: "" for none, "folders", or "names": what precedes the first _ of a file's name.
        speaker: a regular expression that is searched in names; its first parentheses match the speaker. "": each
            recording is by itself.
        broken: the share of files, 0 to 1, that may be left out.
        seed: of the split.
    """

    path: str
    rate: Count = 16_000
    longest: Annotated[float, Gt(0)] = 4.0
    classes: Literal["", "folders", "names"] = ""
    speaker: str = ""
    broken: Share = 0.01
    seed: int = 0

    def entry(self) -> CacheEntry:
        """The decoded recordings. Raises DataError."""
        reading = SoundReading(self.rate, self.longest, self.classes, self.speaker, self.seed)
        entry = sound_entry(list_sounds(self.path), reading)
        broken = entry.facts["broken"]
        check_broken(broken, len(broken) + entry.facts["sounds"], self.path, self.broken)
        return entry

    def items(self, split: Split) -> Items:
        entry = self.entry()
        facts = entry.facts
        counts = [facts["splits"][name] for name in SPLITS]
        first = sum(counts[: SPLITS.index(split)])
        rows = slice(first, first + facts["splits"][split])
        begins, lengths, y, group = np.load(entry.folder / "pieces.npy")[rows].T
        whole = np.memmap(entry.folder / "x.bin", "<i2", "r")
        x = np.empty(len(begins), object)
        for row, (begin, length) in enumerate(zip(begins, lengths, strict=True)):
            x[row] = whole[begin : begin + length]
        return Items(
            x=x,
            y=y if facts["classes"] else None,
            classes=tuple(facts["classes"]),
            id=np.arange(rows.start, rows.stop),
            group=group,
            sha256=facts["fingerprints"][split],
            rate=self.rate,
        )
