"""A video, translated frame by frame: the frame rate stays, and the sound is copied. Needs the extra `video`."""

import json
import os
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import DataError, MissingExtra, UsageError
from ..base.progress import report_progress
from ..runs import cannot_write, mark_of, write_sidecar
from .picture_files import grey_of, read_mask
from .translator import Translator

VIDEOS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi")  # that are read
WRITTEN = (".mp4", ".mov", ".mkv")
MOST_PIXELS = 50_000_000  # of a frame
NTSC = Fraction(1000, 1001)  # 29.97 is 30 times this
QUALITY = ["-crf", "16", "-preset", "medium"]  # of x264: hardly a visible loss
BROKEN = (OSError, RuntimeError, LookupError, AttributeError, ValueError)  # what the reader raises for a damaged file
Pixels = np.ndarray[Any, Any]


def translate_video(translator: Translator, source: Path, out: Path, mask: Path | None, *, mark: bool) -> list[Path]:
    """Translate every frame of a video.

    Args:
        translator: of models of 8 bits a channel without alpha.
        source: the video.
        out: ends in .mp4, .mov or .mkv.
        mask: a picture, white where to fill, for all frames.
        mark: whether to say that it is generated: in the comment of the video, and in a second file by which
            `ganvas verify` finds it.

    Returns:
        The files that were written.

    Raises:
        MissingExtra: imageio-ffmpeg is not installed.
        UsageError: the ending, or the model does not fit.
        DataError: the video cannot be read.
        ResourceError: the result cannot be written.
    """
    ffmpeg = video_tools()
    if out.suffix.lower() not in WRITTEN:
        raise UsageError(
            f"cannot write a video as '{out.suffix}'", where=str(out), hint=f"Use {', '.join(WRITTEN[:-1])} or .mkv."
        )
    forms = {(translator.dtype, translator.channels), (translator.made_dtype, translator.made_channels)}
    if not forms <= {(np.dtype(np.uint8), 1), (np.dtype(np.uint8), 3)} or translator.palette is not None:
        raise UsageError("a video holds grey or colour of 8 bits a channel, and this model's pictures are others")
    hole, marked = None if mask is None else read_mask(mask), mark_of(translator.model.sha256, 0) if mark else None
    frames = ffmpeg.read_frames(str(source))
    temporary = out.with_name(f".{out.stem}.{os.getpid()}{out.suffix}")
    with closing(frames):
        try:
            facts = next(frames)
        except BROKEN as error:
            raise DataError("cannot read the video", where=str(source), hint="Does a player show it?") from error
        width, height = facts["size"]
        if width * height > MOST_PIXELS:
            raise DataError(f"frames of {width} x {height} pixels are too large", where=str(source))
        try:
            results = translated_frames(translator, frames, facts, hole, source)
            write_frames(ffmpeg, results, source, temporary, facts, marked)
            os.replace(temporary, out)
        except OSError as error:
            raise cannot_write(out, error) from error
        finally:
            with suppress(OSError):
                temporary.unlink()
    return [out, *([write_sidecar(out, marked)] if marked else [])]


def video_tools() -> Any:
    """The package imageio_ffmpeg, which brings ffmpeg. Raises MissingExtra."""
    try:
        return import_module("imageio_ffmpeg")
    except ImportError as error:
        raise MissingExtra("videos need imageio-ffmpeg", hint='pip install "ganvas[video]"') from error


def translated_frames(
    translator: Translator, frames: Iterator[bytes], facts: dict[str, Any], mask: Pixels | None, source: Path
) -> Iterator[Pixels]:
    """Frames [H, W, C] of the result in order. Raises DataError where a frame cannot be read."""
    width, height = facts["size"]
    expected, done = max(1, round(facts["duration"] * facts["fps"])), 0
    while True:
        report_progress("translating frames", min(done, expected), expected)
        try:
            data = next(frames, None)
        except BROKEN as error:
            raise DataError(f"cannot read frame {done + 1} of the video", where=str(source)) from error
        if data is None:
            break
        frame = np.frombuffer(data, np.uint8).reshape(height, width, 3)
        yield translator(frame if translator.channels == 3 else grey_of(frame), mask)
        done += 1
    if not done:
        raise DataError("the video has no frames", where=str(source))


def write_frames(
    ffmpeg: Any, frames: Iterator[Pixels], source: Path, out: Path, facts: dict[str, Any], mark: dict[str, Any] | None
) -> None:
    """Encode frames as H.264 with the sound of the source. Raises OSError: the file cannot be written."""
    writer: Generator[None, Any, None] | None = None
    sound: dict[str, str] = {}
    if codec := facts.get("audio_codec"):
        sound = {"audio_path": str(source), "audio_codec": "copy" if codec == "aac" else "aac"}
    comment = ["-metadata", f"comment={json.dumps(mark)}"] if mark else []
    try:
        for frame in frames:
            height, width, channels = frame.shape
            if writer is None:
                writer = ffmpeg.write_frames(
                    str(out),
                    (width, height),
                    pix_fmt_in="rgb24" if channels == 3 else "gray",
                    pix_fmt_out="yuv444p" if height % 2 or width % 2 else "yuv420p",  # 420 needs even sides
                    fps=exact_rate(facts["fps"]),
                    quality=None,
                    codec="libx264",
                    macro_block_size=1,
                    output_params=[*QUALITY, *comment],
                    **sound,
                )
                writer.send(None)
            writer.send(np.ascontiguousarray(frame))
    finally:
        if writer is not None:
            writer.close()


def exact_rate(rate: float) -> Fraction:
    """Frames a second from two decimals: 29.97 is 30000/1001; 0, which means unknown, becomes 25."""
    if rate <= 0:
        return Fraction(25)
    whole = round(rate)
    if abs(rate - whole) > 0.004 and abs(rate - whole * NTSC) < 0.006:
        return whole * NTSC
    return Fraction(rate).limit_denominator(1001)
