"""Mel spectrograms in .npz files, with the SHA-256 of their settings."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch

from ..base.errors import DataError
from ..ingest.sound_files import read_sound
from ..runs import cannot_write
from .vocoder_chunks import LoadedVocoder as LoadedVocoder
from .vocoder_chunks import checked_mel

MOST_MELS = 2**28  # numbers of a spectrogram in a file


def read_mel(vocoder: LoadedVocoder, source: Path) -> torch.Tensor:
    """A spectrogram from an .npz. Raises DataError."""
    try:
        with np.load(source) as file:
            if "mel" not in file or file["mel"].size > MOST_MELS or file["mel"].dtype.kind not in "fiu":
                raise DataError("the file holds no array of numbers named mel", where=str(source))
            sha256 = str(file["mel_sha256"]) if "mel_sha256" in file else ""
            return checked_mel(vocoder, file["mel"], sha256, str(source))
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as error:
        raise DataError(f"cannot read the spectrogram: {error}", where=str(source)) from error


def write_mel(vocoder: LoadedVocoder, source: Path, out: Path) -> int:
    """The spectrogram of one recording as an .npz; how many numbers the recording holds."""
    wave = read_sound(source, vocoder.mel.rate)
    length = max(vocoder.mel.size, -(-len(wave) // vocoder.mel.hop) * vocoder.mel.hop)
    length = -(-length // vocoder.mel.hop) * vocoder.mel.hop
    padded = torch.from_numpy(np.pad(wave, (0, length - len(wave))))
    mel = vocoder.mel.of(padded[None, None])[0].numpy()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("wb") as file:
            np.savez_compressed(file, mel=mel, mel_sha256=np.array(vocoder.mel.sha256))
    except OSError as error:
        raise cannot_write(out, error) from error
    return len(wave)
