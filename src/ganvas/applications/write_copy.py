"""What a vocoder makes of one recording or of one spectrogram, written chunk by chunk."""

from pathlib import Path
from typing import Any

from ..base.errors import DataError, UsageError
from ..ingest.sound_files import sound_blocks
from ..runs import cannot_write, open_wav
from .mel_files import read_mel
from .vocoder_chunks import LoadedVocoder, copied_blocks, wave_of_mel


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
