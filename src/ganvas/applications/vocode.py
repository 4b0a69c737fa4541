"""Copy synthesis: recordings through a vocoder's spectrogram and back, to files that are marked as generated."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..runs import mark_of
from .copy_sounds import copy_sounds
from .vocoder_chunks import vocoder_of
from .write_copy import speak_mel

if TYPE_CHECKING:
    from ..sessions.model import Model


class Vocoded(NamedTuple):
    """What was made.

    Args:
        files: that were written.
        seconds: of sound.
        took: seconds of computing, reading and writing.
    """

    files: list[Path]
    seconds: float
    took: float

    @property
    def real_time_factor(self) -> float:
        """Seconds of computing for one second of sound."""
        return self.took / max(self.seconds, 1e-9)


def vocode(model: "Model", source: Path, out: Path | None, *, mark: bool = True) -> Vocoded:
    """Sound files through their spectrograms and back, or spectrograms to sound.

    Args:
        model: a vocoder.
        source: a sound file, a folder of them, or an .npz that holds a spectrogram "mel" [M, T] and "mel_sha256".
        out: a .wav file, a folder, an .html page with the sounds before and after, or an .npz for the spectrogram of
            one file; None: "vocoded.wav", or the folder "vocoded".
        mark: whether the files say that they are generated.

    Raises:
        DataError: a file cannot be read, or a spectrogram has other settings than the vocoder's.
        UsageError: the model is no vocoder, or the ending of `out` does not fit.
        ResourceError: a file cannot be written.
    """
    vocoder, marked = vocoder_of(model), mark_of(model.sha256, 0) if mark else None
    begun = time.perf_counter()
    if source.suffix.lower() == ".npz":
        out = out or Path("vocoded.wav")
        files, numbers = [out], speak_mel(vocoder, source, out, marked)
    else:
        files, numbers = copy_sounds(vocoder, source, out, marked)
    return Vocoded(files, numbers / vocoder.mel.rate, time.perf_counter() - begun)
