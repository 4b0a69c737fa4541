"""A recipe for a person's own recordings: a vocoder at their rate; each choice has a reason."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from ..augment.mel_segments import MelSegments
from ..base.errors import UsageError
from ..domains.audio import Audio
from ..domains.mels import Mels
from ..networks.hifigan import HifiGan
from ..networks.wave_critics import Resolutions
from ..ops.mel import Mel
from .reasons import Reason
from .schema import Recipe

WINDOW = 0.055  # seconds of a Fourier transform, about
RATES: Mapping[int, tuple[int, ...]] = {64: (4, 4, 4), 128: (8, 4, 4), 256: (8, 8, 4), 512: (8, 8, 8)}
Part = TypeVar("Part")


def check_makes_sound(recipe: Recipe, path: str) -> None:
    """Raises UsageError for a recipe whose data are no recordings."""
    if not isinstance(recipe.domain, Audio | Mels):
        message = "--data names recordings, and this recipe is not for sound"
        raise UsageError(message, where=path, hint="Use vocoder, or leave the recipe out.")


def separates_speakers(recipe: Recipe) -> bool:
    """Whether no speaker is in two splits: for vocoders and classifiers, which are used on new voices.

    A generator makes the voices that it was trained on, so its reals of val are recordings of the same ones.
    """
    return recipe.game.output_kind != "samples" or any(isinstance(each, MelSegments) for each in recipe.transforms)


def transform_size(rate: int) -> int:
    """The power of two that is nearest to WINDOW seconds: 512 at 8 kHz, 1024 at 16 to 24 kHz, 2048 at 44 kHz."""
    return int(2 ** round(math.log2(WINDOW * rate)))


def at_rate(recipe: Recipe, rate: int) -> Recipe:
    """The recipe for recordings of another rate: its spectrograms, and the networks' steps with them.

    Args:
        recipe: for sound.
        rate: numbers in a second.
    """
    before, domain = base_rate(recipe), recipe.domain
    if isinstance(domain, Audio):
        length = round(domain.length * rate / before) if before else domain.length
        recipe = replace(recipe, domain=replace(domain, rate=0, length=length))
    if before in (0, rate):
        return recipe
    return scaled(recipe, rate, transform_size(rate) / transform_size(before))


def base_rate(recipe: Recipe) -> int:
    """The rate that the recipe was written for: that of its domain, or of its spectrograms; 0 where none is named."""
    mels = [each.mel for each in (recipe.domain, *recipe.transforms) if isinstance(each, Mels | MelSegments)]
    return getattr(recipe.domain, "rate", 0) or (mels[0].rate if mels else 0)


def scaled(part: Part, rate: int, zoom: float) -> Part:
    """A part with every spectrogram in it for another rate, and what follows from its hop."""
    found: Any = part
    if isinstance(part, tuple):
        found = tuple(scaled(each, rate, zoom) for each in part)
    elif isinstance(part, Mel):
        sizes = {name: max(1, round(getattr(part, name) * zoom)) for name in ("size", "window", "hop")}
        found = replace(part, rate=rate, high=0.0, **sizes)
    elif isinstance(part, Resolutions):
        found = replace(part, sizes=tuple(max(16, round(size * zoom)) for size in part.sizes))
    elif isinstance(part, HifiGan):
        hop = round(math.prod(part.rates) * zoom)
        found = replace(part, rates=RATES.get(hop, part.rates))
    elif is_dataclass(part) and not isinstance(part, type):
        made: Any = part
        changed = {each.name: scaled(getattr(part, each.name), rate, zoom) for each in fields(part) if each.init}
        found = replace(made, **changed)
    return found


REASONS = (
    Reason(
        "A vocoder: it learns to make the sound of a mel spectrogram; `ganvas vocode RUN FILE.wav` makes a recording "
        "again from its own.",
        ("game",),
    ),
    Reason("Vocos, whose frames are joined by an inverse Fourier transform: fast on a CPU.", ("G.network",)),
    Reason("The first third of the run is regression of spectrograms; then D enters.", ("phases",)),
)
