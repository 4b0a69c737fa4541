"""--data for recipes of video: files of video, moving pictures, or folders of frames."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..base.wording import counted, shortened
from ..data.moving_digits import MovingDigits
from ..data.video_clips import BY_FILE, VideoClips
from ..domains.clips import Clips
from ..ingest.read_clips import is_video_data as is_video_data
from ..metrics.moving_digit_scores import MovingDigitScores
from ..recipes import Recipe, override
from ..recipes import recipe as by_name

CHOSEN = "mocogan"
SIDE = 32  # pixels a side, unless source.side says another


def takes_clips(base: Recipe | None) -> bool:
    """Whether a recipe is one of video."""
    return base is not None and isinstance(base.source, MovingDigits | VideoClips)


def with_clips(base: Recipe | None, path: str, changes: Mapping[str, Any]) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe with clips of this video in place of its data, and messages about them.

    Args:
        base: a recipe of video; None to choose one.
        path: of a folder, or of one file.
        changes: overrides by dotted name; those of the source apply before the video is read.

    Raises:
        DataError: the video cannot be read, or is too short.
        UsageError: the recipe is not for video, or an override is wrong.
    """
    if base is not None and not takes_clips(base):
        message = "--data names video, and this recipe is not for video"
        raise UsageError(message, where=path, hint="Use mocogan or tgan, or leave the recipe out.")
    chosen = base or by_name(CHOSEN)
    reading = {key: value for key, value in changes.items() if key.startswith("source.")}
    made = override(replace(chosen, source=VideoClips(path=str(Path(path).expanduser()), side=SIDE)), reading)
    source = made.source
    if not isinstance(source, VideoClips):
        raise UsageError("--data names video, and source.kind another source", hint="Leave one of them out.")
    facts = source.entry().facts
    fits = tuple(score for score in made.scores if not isinstance(score, MovingDigitScores))
    made = replace(without_classes(made), domain=Clips(rate=facts["rate"] or 8.0), scores=fits)
    return made, tuple(messages(source, facts))


def without_classes(recipe: Recipe) -> Recipe:
    """The recipe with networks that are not given the class: videos of one's own have none."""
    paths = (
        "generator.conditional",
        "discriminator.conditional",
        "discriminator.networks.0.conditional",
        "discriminator.networks.1.network.conditional",
    )
    for path in paths:
        try:
            recipe = override(recipe, {path: False})
        except UsageError:
            continue
    return recipe


def messages(source: VideoClips, facts: Mapping[str, Any]) -> list[str]:
    """How the video is read, one sentence each."""
    counts, side = facts["splits"], source.side
    of = f"{source.frames} frames of {side} x {side} pixels"
    found = [
        f"{counted(facts['videos'], 'video')}, cut into clips of {of} (source.frames, source.side): "
        f"{counts['train']:,} to train on, {counts['val']:,} val, {counts['test']:,} test"
    ]
    if facts["videos"] < BY_FILE:
        found.append(f"fewer than {BY_FILE} videos: each is cut in time, and its end is held out")
    for what, text in (("short", "shorter than a clip"), ("broken", "that cannot be read, left out")):
        if facts[what]:
            found.append(f"{counted(len(facts[what]), 'video')} {text}: {shortened(list(facts[what]), 3)}")
    return found
