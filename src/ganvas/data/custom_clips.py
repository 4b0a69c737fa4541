"""Messages about how a person's own video is read."""

from collections.abc import Mapping
from typing import Any

from ..base.wording import counted, shortened
from .video_clips import BY_FILE
from .video_clips import VideoClips as VideoClips


def clip_messages(source: VideoClips, facts: Mapping[str, Any]) -> list[str]:
    """How the video is read, one sentence each."""
    counts, side = facts["splits"], source.side
    of = f"{source.frames} frames of {side} x {side} pixels"
    found = [
        f"{counted(facts['videos'], 'video')}, cut into clips of {of} (source.frames, source.side): "
        f"{counts['train']:,} to train on, {counts['val']:,} val, {counts['test']:,} test"
    ]
    if facts["videos"] < BY_FILE:
        found.append(f"fewer than {BY_FILE} videos: each is cut in time, and its end is held out")
    if len(facts["rates"]) > 1:
        rates = shortened([f"{rate:g}" for rate in facts["rates"]])
        found.append(f"frame rates differ ({rates} frames/s): frames are taken as they are, so motion differs in speed")
    for what, text in (("short", "shorter than a clip"), ("broken", "that cannot be read, left out")):
        if facts[what]:
            found.append(f"{counted(len(facts[what]), 'video')} {text}: {shortened(list(facts[what]), 3)}")
    return found
