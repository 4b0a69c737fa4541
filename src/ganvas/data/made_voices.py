"""Voices that are computed: vowels of formants over a pulse train, for recipes and tests without recordings."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..base.draws import uniform_rows
from ..base.types import Count
from .source import SPLITS, Items, Split

VOWELS = {  # Hz of the first three formants of a man, Peterson and Barney 1952, table II
    "i": (270, 2290, 3010),
    "e": (530, 1840, 2480),
    "a": (730, 1090, 2440),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}
BANDWIDTHS = (60.0, 90.0, 150.0)  # Hz
SHORTEST, LONGEST = 0.25, 0.6  # seconds
KNOTS = 8  # places in a recording at which the resonances are computed
LEVEL = 0.5  # of the largest value


@dataclass(frozen=True)
class MadeVoices:
    """x(t) = sum of a pulse train's harmonics, each weighted by three resonances; the class is the vowel.

    Formants of Peterson and Barney 1952, table II (https://doi.org/10.1121/1.1906875), scaled by up to 15 % for each
    voice; a pitch of 80 to 250 Hz that falls; a little noise; the loudness rises and falls. Each recording has a voice
    of its own.

    Args:
        samples: recordings of train; val and test have a tenth as many, at least 20.
        rate: numbers in a second.
        seed: other voices for another number.
    """

    samples: Count = 300
    rate: Count = 8_000
    seed: int = 0

    def items(self, split: Split) -> Items:
        return made_items(self, split)


@lru_cache(maxsize=6)
def made_items(source: MadeVoices, split: Split) -> Items:
    """The recordings of a split."""
    n = source.samples if split == "train" else max(20, source.samples // 10)
    key = (source.seed, "MadeVoices", source.rate, SPLITS.index(split))
    u = uniform_rows(key, range(n), 8)
    names = tuple(VOWELS)
    y = np.floor(u[:, 0] * len(names)).astype(np.int64)
    x = np.empty(n, object)
    for row, (vowel, own) in enumerate(zip(y, u, strict=True)):
        noise = int(uniform_rows((*key, "noise"), range(row, row + 1), 4)[0, 0] * 2**31)
        x[row] = voice(VOWELS[names[vowel]], own[1:], noise, source.rate)
    digest = hashlib.sha256(repr((source, split)).encode() + b"".join(each.tobytes() for each in x))
    return Items(x=x, y=y, classes=names, sha256=digest.hexdigest(), rate=source.rate)


def voice(
    formants: tuple[int, ...], u: np.ndarray[Any, np.dtype[np.float64]], noise: int, rate: int
) -> np.ndarray[Any, np.dtype[np.int16]]:
    """One vowel, int16 [L]. `u`: uniforms for length, pitch, its fall, the voice's size, noise, phases."""
    t = np.arange(int((SHORTEST + (LONGEST - SHORTEST) * u[0]) * rate)) / rate
    pitch = 80 * (250 / 80) ** u[1] * (1 - 0.2 * u[2] * t / t[-1])
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    size = 0.85 + 0.3 * u[3]
    x, knots = np.zeros_like(t), np.linspace(0, len(t) - 1, KNOTS).astype(int)
    for harmonic in range(1, int(0.48 * rate / pitch.max()) + 1):
        hertz, gain = harmonic * pitch[knots], np.ones(KNOTS)
        for formant, width in zip(formants, BANDWIDTHS, strict=True):
            centre = formant * size
            gain /= np.sqrt((1 - (hertz / centre) ** 2) ** 2 + (hertz * width / centre**2) ** 2)
        x += np.interp(t, t[knots], gain / harmonic) * np.sin(harmonic * phase + 2 * np.pi * u[5] * harmonic**2 / 7)
    x += 0.02 * u[4] * np.abs(x).max() * np.random.Generator(np.random.Philox(key=noise)).normal(size=len(t))
    x *= np.sin(np.pi * np.clip((t + 0.5 / rate) / t[-1], 0, 1)) ** 0.5
    return np.asarray(np.round(x / np.abs(x).max() * LEVEL * 32_767), np.int16)
