"""Copy synthesis: recordings through a vocoder's spectrogram and back, to files that are marked as generated."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from ..base.errors import DataError, UsageError
from ..base.progress import report_progress
from ..ingest.list_sounds import list_sounds
from ..ingest.sound_files import read_sound, sound_blocks
from ..runs import cannot_write, mark_of, open_wav
from .sound_page import write_page
from .vocoder_chunks import LoadedVocoder, checked_mel, copied_blocks, vocoder_of, wave_of_mel

if TYPE_CHECKING:
    from ..sessions.model import Model

MOST_MELS = 2**28  # numbers of a spectrogram in a file


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


def copy_sounds(
    vocoder: LoadedVocoder, source: Path, out: Path | None, marked: dict[str, Any] | None
) -> tuple[list[Path], int]:
    """Sound files to sound files; which were written, and how many numbers they hold."""
    found = list_sounds(str(source))
    single = not found.root.is_dir()
    out = out or Path("vocoded.wav" if single else "vocoded")
    ending = out.suffix.lower()
    if ending == ".npz" and single:
        return [out], write_mel(vocoder, found.root, out)
    if ending == ".html":
        return write_page(vocoder, found, out, marked)
    if ending not in ("", ".wav") or (ending == ".wav" and not single):
        hint = "Use a .wav file for one recording, a folder, or an .html page."
        raise UsageError(
            f"cannot write {'one recording' if single else 'a folder of recordings'} there", where=str(out), hint=hint
        )
    if not ending and single:
        out = out / f"{found.root.stem}.wav"
    files, numbers = list[Path](), 0
    for number, name in enumerate(found.names, start=1):
        path = out if ending == ".wav" or single else out / Path(name).with_suffix(".wav")
        numbers += copy_one(vocoder, found.place(name), path, marked)
        files.append(path)
        report_progress("vocoding", number, len(found.names))
    return files, numbers


def copy_one(vocoder: LoadedVocoder, source: Path, out: Path, marked: dict[str, Any] | None) -> int:
    """One sound file, chunk by chunk; how many numbers it holds. Raises DataError, UsageError, ResourceError."""
    if out.exists() and out.samefile(source):
        raise UsageError("the recording itself would be replaced", where=str(out), hint="Name another file with -o.")
    numbers = 0
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with open_wav(out, vocoder.mel.rate, marked) as file:
            for block in copied_blocks(vocoder, sound_blocks(source, vocoder.mel.rate)):
                file.write(block)
                numbers += len(block)
    except OSError as error:
        raise cannot_write(out, error) from error
    except DataError:
        out.unlink(missing_ok=True)
        raise
    return numbers


def speak_mel(vocoder: LoadedVocoder, source: Path, out: Path, marked: dict[str, Any] | None) -> int:
    """A spectrogram from a file as sound; how many numbers it holds."""
    if out.suffix.lower() != ".wav":
        raise UsageError("sound of a spectrogram is a .wav file", where=str(out), hint="Use -o FILE.wav.")
    mel = read_mel(vocoder, source)
    numbers = 0
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with open_wav(out, vocoder.mel.rate, marked) as file:
            for begin in range(0, mel.shape[1], vocoder.chunk):
                first = max(0, begin - vocoder.context)
                made = wave_of_mel(vocoder, mel[:, first : begin + vocoder.chunk + vocoder.context])
                block = made[(begin - first) * vocoder.mel.hop :][: vocoder.chunk * vocoder.mel.hop]
                file.write(block)
                numbers += len(block)
    except OSError as error:
        raise cannot_write(out, error) from error
    return numbers


def read_mel(vocoder: LoadedVocoder, source: Path) -> torch.Tensor:
    """A spectrogram from an .npz. Raises DataError."""
    try:
        with np.load(source, allow_pickle=False) as file:
            if "mel" not in file or file["mel"].size > MOST_MELS or file["mel"].dtype.kind not in "fiu":
                raise DataError("the file holds no array of numbers named mel", where=str(source))
            sha256 = str(file["mel_sha256"]) if "mel_sha256" in file else ""
            return checked_mel(vocoder, file["mel"], sha256, str(source))
    except (OSError, ValueError, EOFError, KeyError) as error:
        raise DataError(f"cannot read the spectrogram: {error}", where=str(source)) from error
    except Exception as error:
        if type(error).__name__ != "BadZipFile":
            raise
        raise DataError("cannot read the spectrogram: it is no .npz", where=str(source)) from error


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
