"""Sound files that people bring, decoded block by block: one channel, one rate, memory that does not grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError, MissingExtra
from ..base.files import open_regular

ENDINGS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff")
MOST_CHANNELS = 8
SLOWEST, FASTEST = 4_000, 192_000  # Hz
BLOCK = 2**17  # frames that are decoded at a time
HOURS = 24  # of the longest file
Wave = np.ndarray[Any, np.dtype[np.float32]]


class SoundHead(NamedTuple):
    """What the header of a file says.

    Args:
        rate: numbers in a second.
        frames: numbers of each channel.
        channels: 1 for mono, 2 for stereo.
        form: the format and the type of the values, such as "WAV PCM_16".
    """

    rate: int
    frames: int
    channels: int
    form: str

    @property
    def seconds(self) -> float:
        """The length."""
        return self.frames / self.rate


def packages() -> tuple[Any, Any]:
    """soundfile and soxr. Raises MissingExtra."""
    try:
        import soundfile  # type: ignore[import-untyped]
        import soxr  # type: ignore[import-untyped]
    except (ImportError, OSError) as error:  # OSError: libsndfile is missing
        message = "sound needs the packages soundfile and soxr, which are not installed"
        raise MissingExtra(message, hint='pip install "ganvas[audio]"') from error
    return soundfile, soxr


@contextmanager
def opened_sound(path: Path | str) -> Iterator[Any]:
    """A file of sound, as soundfile opens it.

    Raises:
        DataError: it cannot be read, is no sound, or has no sound in it.
        MissingExtra: packages are missing.
    """
    soundfile = packages()[0]
    try:
        with open_regular(path) as raw, soundfile.SoundFile(raw) as file:
            check_head(head_of_sound(file), str(path))
            yield file
    except soundfile.LibsndfileError as error:
        cause = str(getattr(error, "error_string", error)).rstrip(".").lower() or "unknown format"
        raise DataError(f"this is no sound that can be read: {cause}", where=str(path), hint=FORMATS) from error
    except OSError as error:
        raise DataError(f"cannot read the sound: {error.strerror or error}", where=str(path)) from error
    except (RuntimeError, ValueError, TypeError) as error:  # what soundfile raises of damaged files
        raise DataError(f"this is no sound that can be read: {error}", where=str(path), hint=FORMATS) from error


FORMATS = "WAV, FLAC, OGG, MP3 and AIFF are read; convert others, for example with ffmpeg."


def head_of_sound(file: Any) -> SoundHead:
    """The header of an open file."""
    return SoundHead(int(file.samplerate), int(file.frames), int(file.channels), f"{file.format} {file.subtype}")


def check_head(head: SoundHead, where: str) -> None:
    """Raises DataError for a file that holds nothing, or what is no recording for people."""
    if head.frames <= 0:
        raise DataError("the file holds no sound: its length is 0", where=where, hint="Remove it.")
    if head.channels > MOST_CHANNELS:
        message = f"the file has {head.channels} channels, and at most {MOST_CHANNELS} are mixed down"
        raise DataError(message, where=where, hint="Bring mono or stereo.")
    if not SLOWEST <= head.rate <= FASTEST:
        raise DataError(f"a rate of {head.rate:,} Hz is not between {SLOWEST:,} and {FASTEST:,} Hz", where=where)
    if head.seconds > HOURS * 3600:
        raise DataError(
            f"the file is {head.seconds / 3600:,.0f} hours long, above {HOURS}", where=where, hint="Cut it."
        )


def read_sound_head(path: Path | str) -> SoundHead:
    """What the header of a file says. Raises DataError, MissingExtra."""
    with opened_sound(path) as file:
        return head_of_sound(file)


def sound_blocks(path: Path | str, rate: int) -> Iterator[Wave]:
    """A file as blocks of one channel (the mean of all) at this rate, float32 [n].

    Args:
        path: of the file.
        rate: numbers in a second of what is returned.

    Raises:
        DataError: the file cannot be read, or has values that are not finite.
    """
    soxr = packages()[1]
    with opened_sound(path) as file:
        stream = soxr.ResampleStream(file.samplerate, rate, 1, dtype="float32", quality="HQ")
        resample = stream.resample_chunk if file.samplerate != rate else as_it_is
        while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
            mono = np.ascontiguousarray(block.mean(axis=1, dtype=np.float32))
            if not np.isfinite(mono).all():
                raise DataError("the sound has values that are not finite (NaN or infinite)", where=str(path))
            yield resample(mono)
        yield resample(np.empty(0, np.float32), last=True)


def as_it_is(block: Wave, last: bool = False) -> Wave:
    """The block, where no resampling is needed."""
    return block


def read_sound(path: Path | str, rate: int) -> Wave:
    """A whole file: float32 [n], one channel at this rate. Raises DataError, MissingExtra."""
    return np.concatenate(list(sound_blocks(path, rate)))
