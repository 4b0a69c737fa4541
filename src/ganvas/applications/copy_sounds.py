"""A recording or a folder of recordings through a vocoder, to the files that were named."""

from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..base.progress import report_progress
from ..ingest.list_sounds import list_sounds
from .mel_files import LoadedVocoder, write_mel
from .sound_page import write_page
from .write_copy import copy_one


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
