"""Samples that are sound: a .wav file, a folder of them, or a page on which they play; each marked as generated."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..runs import cannot_write, mark_of, open_wav
from ..sessions.model import Model
from .sample_content import sample_classes
from .sound_page import Heard, sound_page

KINDS = ("audio", "mels")  # of data
ENDINGS = ("", ".wav", ".html")  # "": a folder
GAP = 0.2  # seconds of silence between sounds of one file
COLUMNS = 5  # of a page


def writes_sound(model: Model, out: Path | None) -> bool:
    """Whether samples of this model are written as sound: to a .wav file, a folder, or a page."""
    return model.spec.domain in KINDS and out is not None and out.suffix.lower() in ENDINGS


def write_sounds(
    model: Model, out: Path, n: int, *, seed: int, classes: Sequence[str] | None, mark: bool = True
) -> list[Path]:
    """n samples of a model of sound.

    Args:
        model: whose samples.
        out: a .wav file, in which they follow each other; a folder, a file for each; or an .html page that plays them.
        n: how many, at least 1.
        seed: the same seed gives the same bytes.
        classes: names of classes, repeated to the end; None for all in turn.
        mark: whether the files say that they are generated.

    Raises:
        UsageError: there is no such class.
        ResourceError: the files cannot be written.
    """
    marked = mark_of(model.sha256, seed) if mark else None
    rate = int(model.spec.settings["rate"])
    made = list(model.sample(n, seed=seed, classes=classes))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix.lower() == ".html":
            y = sample_classes(model, n, classes)
            names = [str(place) if y is None else model.spec.classes[y[place]] for place in range(n)]
            out.write_text(page_of(made, names, rate, marked), encoding="utf-8")
            return [out]
        if out.suffix:
            save_sound(joined(made, round(GAP * rate)), out, rate, marked)
            return [out]
        files = [out / f"{place:06d}.wav" for place in range(n)]
        out.mkdir(exist_ok=True)
        for file, wave in zip(files, made, strict=True):
            save_sound(wave, file, rate, marked)
    except OSError as error:
        raise cannot_write(out, error) from error
    return files


def page_of(made: Sequence[Any], names: Sequence[str], rate: int, marked: dict[str, Any] | None) -> str:
    """A page that plays the sounds, some in a row."""
    heard = [Heard(name, wave, marked) for name, wave in zip(names, made, strict=True)]
    rows = [heard[begin : begin + COLUMNS] for begin in range(0, len(heard), COLUMNS)]
    return sound_page("Generated sounds", f"{len(heard)} samples of a model, none of them a recording", rows, rate)


def joined(waves: Sequence[Any], gap: int) -> Any:
    """Waves one after the other, with silence between them."""
    silence = np.zeros(gap, np.int16)
    return np.concatenate([part for wave in waves for part in (silence, wave)][1:])


def save_sound(wave: Any, out: Path, rate: int, marked: dict[str, Any] | None) -> None:
    """One wave, int16 [L], as a .wav file. Raises OSError."""
    with open_wav(out, rate, marked) as file:
        file.write(wave)
