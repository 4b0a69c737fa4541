"""What a folder of video holds: lengths, sizes, frame rates, and files that cannot be read."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..base.errors import DataError
from ..base.progress import report_progress
from ..base.wording import shortened_lines
from .read_clips import list_footage, rate_and_frames

SHORT = 16  # frames: the clip of the recipes


class FootageFacts(NamedTuple):
    """One video: frames, pixels of the first one, and frames in a second (0: unknown)."""

    frames: int
    width: int
    height: int
    rate: float


class FootageSurvey(NamedTuple):
    """The facts of a folder of video.

    Args:
        videos: by name.
        unread: why a video cannot be read, by name.
    """

    videos: Mapping[str, FootageFacts]
    unread: Mapping[str, str]

    @property
    def broken(self) -> float:
        """The share of videos that cannot be read."""
        return len(self.unread) / max(1, len(self.videos) + len(self.unread))

    def plain(self) -> dict[str, Any]:
        """The facts as JSON."""
        return {"videos": {name: each._asdict() for name, each in self.videos.items()}, "broken": dict(self.unread)}

    def report(self) -> Iterator[str]:
        """The facts as lines of text."""
        videos = list(self.videos.values())
        yield f"{'videos':12} {len(videos):,}"
        if videos:
            lengths = sorted(each.frames for each in videos)
            middle = lengths[len(videos) // 2]
            yield f"{'frames':12} {sum(lengths):,}; {lengths[0]:,} to {lengths[-1]:,} each, median {middle:,}"
            yield f"{'sizes':12} {tally(f'{each.width} x {each.height}' for each in videos)}"
            yield f"{'rates':12} {tally(f'{each.rate:g} frames/s' if each.rate else 'unknown' for each in videos)}"
            yield f"{'short':12} {sum(each < SHORT for each in lengths):,} of fewer than {SHORT} frames"
        yield f"{'broken':12} {len(self.unread):,} ({self.broken:.1%})"
        for line in shortened_lines(f"{name}: {cause}" for name, cause in self.unread.items()):
            yield f"{'':12} {line}"


def tally(texts: Iterable[str]) -> str:
    """ "96 x 64 (5), 32 x 32": the commonest first, with their numbers where they are several."""
    return ", ".join(f"{text} ({count:,})" if count > 1 else text for text, count in Counter(texts).most_common(6))


def survey_footage(path: str) -> FootageSurvey:
    """Read every frame of the videos below a folder, one at a time. Raises DataError, MissingExtra."""
    videos, unread = dict[str, FootageFacts](), dict[str, str]()
    footage = list_footage(path)
    for number, each in enumerate(footage):
        report_progress("reading videos", number, len(footage))
        try:
            rate, frames = rate_and_frames(each)
            count, height, width = 0, 0, 0
            for frame in frames:
                height, width = frame.shape[:2] if not count else (height, width)
                count += 1
            videos[each.name] = FootageFacts(count, width, height, rate)
        except DataError as error:
            unread[each.name] = error.what
    return FootageSurvey(videos, unread)
