"""Pictures as an animated file: GIF, WebP, or MP4 (H.264 in 4:2:0) by imageio-ffmpeg, the extra `video`."""

import io
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image

from ..base.errors import MissingExtra, ResourceError

PACKAGE = "imageio_ffmpeg"
QUIET = ("-hide_banner", "-loglevel", "error", "-y")
ENCODING = ("-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p", "-movflags", "+faststart")
SHOWN = 300  # bytes of ffmpeg's message


def makes_video() -> bool:
    """Whether the package that encodes videos is installed."""
    return find_spec(PACKAGE) is not None


def check_makes_video() -> None:
    """Raises MissingExtra: the package that encodes videos is not installed."""
    if not makes_video():
        raise MissingExtra("MP4 needs imageio-ffmpeg, which is not installed", hint='pip install "ganvas[video]"')


def animated(pictures: Sequence[Image.Image], kind: str, per_second: float, **settings: Any) -> bytes:
    """The bytes of an animated file that repeats without end; an MP4 ends.

    Args:
        pictures: at least one.
        kind: "webp", "gif" or "mp4".
        per_second: pictures a second.
        settings: of Pillow's writer of WebP and GIF, such as `quality`.

    Raises:
        MissingExtra, ResourceError: as `mp4` raises them.
    """
    if kind == "mp4":
        return mp4(pictures, per_second)
    held = io.BytesIO()
    frame = {"save_all": True, "append_images": pictures[1:], "duration": round(1000 / per_second), "loop": 0}
    pictures[0].save(held, kind.upper(), **frame, **settings)
    return held.getvalue()


def mp4(pictures: Sequence[Image.Image], per_second: float) -> bytes:
    """The bytes of an MP4 file; a row or a column of black is added where a side is odd.

    Args:
        pictures: at least one. All get the size of the first.
        per_second: pictures a second.

    Raises:
        MissingExtra: imageio-ffmpeg is not installed.
        ResourceError: ffmpeg cannot write the file.
    """
    check_makes_video()
    width, height = (side + side % 2 for side in pictures[0].size)
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "messages").open("w+b") as messages:
        file = Path(folder) / "film.mp4"
        source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(per_second), "-i", "-"]
        command = [import_module(PACKAGE).get_ffmpeg_exe(), *QUIET, *source, *ENCODING, str(file)]
        try:
            with subprocess.Popen(  # noqa: S603 (no shell)
                command, stdin=subprocess.PIPE, stdout=messages, stderr=messages
            ) as process:
                if process.stdin is not None:
                    process.stdin.writelines(frames(pictures, width, height))
            if process.returncode:
                raise ChildProcessError(f"it ended with {process.returncode}")
            return file.read_bytes()
        except (OSError, RuntimeError) as error:
            messages.seek(0)
            message = messages.read(SHOWN).decode(errors="replace").strip() or str(error)
            raise ResourceError(f"ffmpeg cannot write the film: {message}") from error


def frames(pictures: Sequence[Image.Image], width: int, height: int) -> Iterator[bytes]:
    """The bytes of each picture as RGB of this size."""
    for picture in pictures:
        frame = Image.new("RGB", (width, height))
        frame.paste(picture)
        yield frame.tobytes()
