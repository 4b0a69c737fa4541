"""--data for recipes of video: files of video, moving pictures, or folders of frames."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..data.custom_clips import VideoClips, clip_messages
from ..data.moving_digits import MovingDigits
from ..domains.clips import Clips
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
        raise UsageError(message, where=path, hint="Use mocogan, mocogan.moved or tgan, or leave the recipe out.")
    chosen = base or by_name(CHOSEN)
    reading = {key: value for key, value in changes.items() if key.startswith("source.")}
    made = override(replace(chosen, source=VideoClips(path=str(Path(path).expanduser()), side=SIDE)), reading)
    source = made.source
    if not isinstance(source, VideoClips):
        raise UsageError("--data names video, and source.kind another source", hint="Leave one of them out.")
    facts = source.entry().facts
    made = replace(without_classes(made), domain=Clips(rate=facts["rate"] or 8.0), scores=())
    return made, (*clip_messages(source, facts), "no scores: those of the recipe are for moving digits")


def without_classes(recipe: Recipe) -> Recipe:
    """The recipe with networks that are not given the class: a person's videos have none."""
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
