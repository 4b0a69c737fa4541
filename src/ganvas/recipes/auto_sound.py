"""A recipe for a person's own recordings: a vocoder at their rate; each choice has a reason."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from ..augment.mel_segments import MelSegments
from ..base.errors import UsageError
from ..domains.audio import Audio
from ..networks.hifigan import HifiGan
from ..networks.wave_critics import Resolutions
from ..ops.mel import Mel
from .auto import Reason
from .schema import Recipe

WINDOW = 0.055  # seconds of a Fourier transform, about
RATES: Mapping[int, tuple[int, ...]] = {64: (4, 4, 4), 128: (8, 4, 4), 256: (8, 8, 4), 512: (8, 8, 8)}
Part = TypeVar("Part")


def check_makes_sound(recipe: Recipe, path: str) -> None:
    """Raises UsageError for a recipe whose data are no recordings."""
    if not isinstance(recipe.domain, Audio):
        message = "--data names recordings, and this recipe is not for sound"
        raise UsageError(message, where=path, hint="Use vocoder, or leave the recipe out.")


def transform_size(rate: int) -> int:
    """The power of two that is nearest to WINDOW seconds: 512 at 8 kHz, 1024 at 16 to 24 kHz, 2048 at 44 kHz."""
    return int(2 ** round(math.log2(WINDOW * rate)))


def at_rate(recipe: Recipe, rate: int) -> Recipe:
    """The recipe for recordings of another rate: its spectrograms, and the networks' steps with them.

    Args:
        recipe: for sound.
        rate: numbers in a second.
    """
    recipe = replace(recipe, domain=Audio())
    mels = [each.mel for each in recipe.transforms if isinstance(each, MelSegments)]
    if not mels or mels[0].rate == rate:
        return recipe
    zoom = transform_size(rate) / transform_size(mels[0].rate)
    return scaled(recipe, rate, zoom)


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
