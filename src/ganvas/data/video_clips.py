"""A person's own video: files or folders of frames, cut into clips and decoded once into the cache."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge

from ..base.errors import DataError
from ..base.progress import report_progress
from ..base.types import Count
from ..ingest.cache import CacheEntry, get_or_make
from ..ingest.read_clips import Footage, list_footage, rate_and_frames, squared
from .source import SPLITS, Items, Split

VERSION = 2
BY_FILE = 10  # videos from which on each one is in one split; of fewer each one is cut in time
HELD_OUT = 0.1  # share of val, and of test
BROKEN = 0.01  # share of the videos that may be left out


@dataclass(frozen=True)
class VideoClips:
    """Clips uint8 [N, frames, side, side, channels] that follow each other without overlap in each video.

    Of ten videos or more each is in one split, by SHA-256 of its name and the seed, about 80/10/10. Of fewer, the first
    80 % of each are of train, and val and test have what follows. A frame is the largest square in its middle.

    Args:
        path: of a folder, or of one file.
        frames: of a clip.
        side: pixels a side.
        channels: 1 grey, 3 colour.
        every: 1 takes all frames, 2 every second one, and so on.
        seed: of the split.
    """

    path: str
    frames: Annotated[int, Ge(4)] = 16
    side: Annotated[int, Ge(8)] = 64
    channels: Literal[1, 3] = 3
    every: Count = 1
    seed: int = 0

    def entry(self) -> CacheEntry:
        """The decoded clips. Raises DataError, MissingExtra, ResourceError."""
        footage = list_footage(self.path)
        reading = (self.frames, self.side, self.channels, self.every, self.seed)
        named = repr(("clips", VERSION, [each.name for each in footage], [each.stamp for each in footage], reading))
        return get_or_make(hashlib.sha256(named.encode()).hexdigest(), lambda folder: pack(folder, footage, self))

    def items(self, split: Split) -> Items:
        entry = self.entry()
        facts = entry.facts
        counts = [facts["splits"][name] for name in SPLITS]
        first = sum(counts[: SPLITS.index(split)])
        shape = (sum(counts), self.frames, self.side, self.side, self.channels)
        rows = slice(first, first + facts["splits"][split])
        x = np.memmap(entry.folder / "x.bin", np.uint8, "r", shape=shape)[rows]
        return Items(x=x, id=np.arange(rows.start, rows.stop), sha256=facts["fingerprints"][split])


def pack(folder: Path, footage: list[Footage], source: VideoClips) -> Mapping[str, Any]:
    """Fill a folder and return the facts of the entry. Raises DataError."""
    held: dict[Split, list[Path]] = {split: [] for split in SPLITS}
    broken, rates, short = dict[str, str](), list[float](), list[str]()
    for number, each in enumerate(footage):
        report_progress("reading videos", number, len(footage))
        try:
            rate, clips = clips_of(each, source)
        except DataError as error:
            broken[each.name] = error.what
            continue
        rates.append(rate / source.every)
        if not len(clips):
            short.append(each.name)
        for split, part in parts(each.name, clips, len(footage), source.seed).items():
            file = folder / f"{split}-{number}.npy"
            np.save(file, part, allow_pickle=False)
            held[split].append(file)
    check_read(broken, len(footage), source.path)
    counts, prints = joined(folder / "x.bin", held, (source.frames, source.side, source.channels))
    if not all(counts.values()):
        what = ", ".join(f"{counts[split]} of {split}" for split in SPLITS)
        hint = "Use shorter clips (source.frames=8), or more video."
        raise DataError(f"too little video for clips of {source.frames} frames: {what}", where=source.path, hint=hint)
    return {
        "splits": counts,
        "fingerprints": prints,
        "videos": len(rates),
        "rate": float(np.median(rates)) if any(rates) else 0.0,
        "rates": sorted({round(rate, 2) for rate in rates if rate}),
        "broken": broken,
        "short": short,
    }


def joined(
    out: Path, held: Mapping[Split, list[Path]], shape: tuple[int, int, int]
) -> tuple[dict[str, int], dict[str, str]]:
    """Join the files of all splits, and remove them; clips and fingerprint of each split."""
    counts, prints = dict[str, int](), dict[str, str]()
    with out.open("wb") as target:
        for split in SPLITS:
            digest, counts[split] = hashlib.sha256(repr(shape).encode()), 0
            for file in held[split]:
                part = np.load(file, allow_pickle=False)
                target.write(part.data)
                digest.update(part.data)
                counts[split] += len(part)
                file.unlink()
            prints[split] = digest.hexdigest()
    return counts, prints


def clips_of(footage: Footage, source: VideoClips) -> tuple[float, np.ndarray[Any, Any]]:
    """The rate of a video and its clips [n, T, side, side, C]; frames after the last whole clip are left out."""
    rate, frames = rate_and_frames(footage)
    chosen = [
        squared(each, source.side, source.channels) for place, each in enumerate(frames) if not place % source.every
    ]
    n = len(chosen) // source.frames
    shape = (n, source.frames, source.side, source.side, source.channels)
    return rate, np.array(chosen[: n * source.frames], np.uint8).reshape(shape)


def parts(name: str, clips: np.ndarray[Any, Any], videos: int, seed: int) -> dict[Split, np.ndarray[Any, Any]]:
    """The clips of one video by split."""
    if videos >= BY_FILE:
        share = int.from_bytes(hashlib.sha256(repr((seed, name)).encode()).digest()[:8]) / 2**64
        split: Split = "val" if share < HELD_OUT else "test" if share < 2 * HELD_OUT else "train"
        return {split: clips}
    held = max(1, round(HELD_OUT * len(clips))) if len(clips) > 2 else 0
    ends = len(clips) - 2 * held, len(clips) - held
    return {"train": clips[: ends[0]], "val": clips[ends[0] : ends[1]], "test": clips[ends[1] :]}


def check_read(broken: Mapping[str, str], videos: int, path: str) -> None:
    """Raises DataError where more videos than BROKEN cannot be read."""
    if len(broken) > BROKEN * videos:
        name, message = next(iter(broken.items()))
        text = f"{len(broken)} of {videos} videos cannot be read; {name}: {message}"
        raise DataError(text, where=path, hint="Remove them, or save them again.")
