"""Video as frames: files of video, moving pictures, and folders of numbered pictures."""

import os
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from ..base.errors import DataError, MissingExtra

VIDEOS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi")
MOVING = (".gif", ".webp", ".png")  # of which Pillow reads all frames
STILL = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")
MOST_PIXELS = 50_000_000  # of a frame
MOST_FRAMES = 200_000  # of a file that are read
MOST_REPEATED = 100  # times that one frame is repeated
BROKEN = (OSError, RuntimeError, LookupError, AttributeError, ValueError, SyntaxError, UnidentifiedImageError)
Frame = np.ndarray[Any, Any]


class Footage(NamedTuple):
    """One video.

    Args:
        name: below the folder, with /.
        path: of the file, or of the folder of its frames.
        frames: the files of its frames, in order; empty for a file.
    """

    name: str
    path: Path
    frames: tuple[Path, ...] = ()

    @property
    def stamp(self) -> str:
        """Names, sizes and times, for the key of what was decoded."""
        facts = [(str(each), each.stat()) for each in self.frames or (self.path,)]
        return repr([(name, fact.st_size, fact.st_mtime_ns) for name, fact in facts])


def list_footage(path: str) -> list[Footage]:
    """The videos below a folder, or one file, by name.

    Every file of video, GIF, WebP or PNG with several frames is one; so is a folder that holds still pictures alone,
    at least two, whose names say their order: "2.png" precedes "10.png". Links to folders are not followed.

    Raises:
        DataError: there is no such folder, or no video in it.
    """
    root = Path(path).expanduser()
    if root.is_file():
        return [Footage(root.name, root)]
    if not root.is_dir():
        raise DataError("there is no such file or folder", where=str(root))
    found: list[Footage] = []
    for folder, below, files in os.walk(root):
        below[:] = sorted(each for each in below if not each.startswith("."))
        here = [Path(folder) / each for each in sorted(files) if not each.startswith(".")]
        moving = [each for each in here if is_video(each) or frame_count(each) > 1]
        still = [each for each in here if each.suffix.lower() in STILL and each not in moving]
        found += [Footage(each.relative_to(root).as_posix(), each) for each in moving]
        if not moving and len(still) > 1:
            frames = tuple(sorted(still, key=lambda each: natural(each.name)))
            found.append(Footage(Path(folder).relative_to(root).as_posix(), Path(folder), frames))
    if not found:
        kinds = ", ".join((*VIDEOS, ".gif"))
        hint = f"These are read: {kinds}, moving WebP and PNG, and folders of numbered pictures."
        raise DataError("the folder holds no video", where=str(root), hint=hint)
    return sorted(found)


def natural(name: str) -> list[tuple[int, str]]:
    """A key by which numbers in names are in the order of their values."""
    parts = "".join(each if each.isdigit() else f"\0{each}\0" for each in name).replace("\0\0", "").split("\0")
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts if part]


def is_video(path: Path) -> bool:
    """Whether a file's name ends as that of video."""
    return path.suffix.lower() in VIDEOS


def frame_count(path: Path) -> int:
    """Frames of a moving picture; 0 for other files, and for damaged ones."""
    if path.suffix.lower() not in MOVING:
        return 0
    try:
        with Image.open(path) as picture:
            return int(getattr(picture, "n_frames", 1))
    except BROKEN:
        return 0


def rate_and_frames(footage: Footage) -> tuple[float, Iterator[Frame]]:
    """Frames in a second (0: unknown), and the frames uint8 [H, W, 3] in order.

    Raises:
        DataError: by this call or by the frames, the video cannot be read.
        MissingExtra: it needs imageio-ffmpeg.
    """
    if footage.frames:
        return 0.0, (still(each) for each in footage.frames)
    return video(footage.path) if is_video(footage.path) else moving(footage.path)


def video(path: Path) -> tuple[float, Iterator[Frame]]:
    """Of a file that ffmpeg reads."""
    try:
        reader = import_module("imageio_ffmpeg").read_frames(str(path))
    except ImportError as error:
        raise MissingExtra("videos need imageio-ffmpeg", hint='pip install "ganvas[video]"') from error
    try:
        facts = next(reader)
    except BROKEN as error:
        raise DataError("cannot read the video", where=str(path), hint="Does a player show it?") from error
    width, height = facts["size"]
    check_size(width, height, path)

    def frames() -> Iterator[Frame]:
        with closing(reader):
            for number in range(MOST_FRAMES):
                try:
                    data = next(reader, None)
                except BROKEN as error:
                    raise DataError(f"cannot read frame {number + 1} of the video", where=str(path)) from error
                if data is None:
                    return
                yield np.frombuffer(data, np.uint8).reshape(height, width, 3)

    return float(facts.get("fps") or 0.0), frames()


def moving(path: Path) -> tuple[float, Iterator[Frame]]:
    """Of a moving picture of Pillow; a frame that is shown for several times the shortest one's time is repeated."""
    times: list[float] = []
    try:
        with Image.open(path) as picture:
            check_size(*picture.size, path)
            for place in range(min(MOST_FRAMES, getattr(picture, "n_frames", 1))):
                picture.seek(place)
                times.append(float(picture.info.get("duration") or 0))
    except BROKEN as error:
        raise DataError("cannot read the moving picture", where=str(path)) from error
    shortest = min((each for each in times if each), default=0.0)

    def frames() -> Iterator[Frame]:
        try:
            with Image.open(path) as picture:
                for place, time in enumerate(times):
                    picture.seek(place)
                    frame = np.asarray(picture.convert("RGB"))
                    yield from [frame] * min(MOST_REPEATED, max(1, round(time / shortest) if shortest else 1))
        except BROKEN as error:
            raise DataError("cannot read the moving picture", where=str(path)) from error

    return 1000 / shortest if shortest else 0.0, frames()


def still(path: Path) -> Frame:
    """One frame from its file. Raises DataError."""
    try:
        with Image.open(path) as picture:
            check_size(*picture.size, path)
            return np.asarray(picture.convert("RGB"))
    except BROKEN as error:
        raise DataError("cannot read the frame", where=str(path)) from error


def check_size(width: int, height: int, path: Path) -> None:
    """Raises DataError for frames that are too large."""
    if width * height > MOST_PIXELS:
        raise DataError(f"frames of {width} x {height} pixels are too large", where=str(path))


def squared(frame: Frame, side: int, channels: int) -> Frame:
    """The largest square in the middle of a frame, resampled to [side, side, channels]; channels 1 is luminance."""
    height, width = frame.shape[:2]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    picture = Image.fromarray(frame[top : top + short, left : left + short])
    picture = picture.convert("L" if channels == 1 else "RGB").resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(picture).reshape(side, side, channels)


def is_video_data(path: str | Path) -> bool:
    """Whether a path is a file of video, or a folder of which most files are."""
    place = Path(path).expanduser()
    if place.is_file():
        return is_video(place)
    names = [name for _, _, files in os.walk(place) for name in files if not name.startswith(".")][:1000]
    return sum(is_video(Path(name)) for name in names) > len(names) / 2
