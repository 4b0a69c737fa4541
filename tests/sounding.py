"""Sound files for tests: tones and chirps."""

from pathlib import Path
from typing import Any

import numpy as np

Wave = np.ndarray[Any, Any]


def tone(seconds: float = 0.3, hertz: float = 440.0, rate: int = 8000, level: float = 0.5) -> Wave:
    """A tone that rises and falls."""
    t = np.arange(round(seconds * rate)) / rate
    made: Wave = (level * np.sin(2 * np.pi * hertz * t) * np.sin(np.pi * t / seconds)).astype(np.float32)
    return made


def write(path: Path, x: Wave, rate: int = 8000, **options: str) -> Path:
    """A sound file of the format that its ending names."""
    import soundfile  # type: ignore[import-untyped]

    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, x, rate, **options)
    return path


def folder_of_digits(root: Path, *, speakers: int = 4, takes: int = 6) -> Path:
    """Files as 7_anna_3.wav: a tone for each digit, a little higher for each speaker."""
    for speaker in range(speakers):
        for digit in (0, 1):
            for take in range(takes):
                hertz = 300 + 200 * digit + 40 * speaker + 3 * take
                write(root / f"{digit}_{'abcdefgh'[speaker]}_{take}.wav", tone(0.3 + 0.02 * take, hertz))
    return root
