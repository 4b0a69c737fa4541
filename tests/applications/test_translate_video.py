"""Videos: every frame is translated, rate, size and sound stay; without the extra a clear message."""

import importlib.util
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganvas
from ganvas.applications.translate_video import exact_rate
from ganvas.base.errors import DataError, MissingExtra, UsageError
from translating import Negative, filling_model, model_of

pytestmark = pytest.mark.filterwarnings(  # the package leaves the pipes to ffmpeg for Python to close
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
INSTALLED = importlib.util.find_spec("imageio_ffmpeg") is not None


def test_frame_rates_of_two_decimals_are_those_of_the_standard() -> None:
    rates = {23.98: Fraction(24000, 1001), 29.97: Fraction(30000, 1001), 59.94: Fraction(60000, 1001)}
    assert {rate: exact_rate(rate) for rate in rates} == rates
    assert [exact_rate(rate) for rate in (24.0, 25.0, 30.0, 12.5, 0.0)] == [24, 25, 30, Fraction(25, 2), 25]


def test_without_the_package_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)  # Python's own way to say that it is not there
    (tmp_path / "x.mp4").write_bytes(b"")
    with pytest.raises(MissingExtra, match=r"ganvas\[video\]"):
        ganvas.translate(model_of({"G": Negative()}), tmp_path / "x.mp4", tmp_path / "out.mp4")


if INSTALLED:
    import imageio_ffmpeg  # type: ignore[import-not-found,import-untyped,unused-ignore]

    def video(file: Path, size: tuple[int, int], rate: Any, frames: int, **options: Any) -> Path:
        """A grey ramp that gets lighter from frame to frame."""
        writer = imageio_ffmpeg.write_frames(
            str(file), size, fps=rate, macro_block_size=1, quality=9, pix_fmt_out="yuv444p", **options
        )
        writer.send(None)
        for number in range(frames):
            ramp = np.linspace(0, 120, size[0])[None, :, None] + 10 * number
            writer.send(np.ascontiguousarray(np.broadcast_to(ramp, (size[1], size[0], 3)).astype(np.uint8)))
        writer.close()
        return file

    def frames_of(file: Path) -> tuple[dict[str, Any], Any]:
        reader = imageio_ffmpeg.read_frames(str(file))
        facts = next(reader)
        frames = [np.frombuffer(each, np.uint8).reshape(facts["size"][1], facts["size"][0], 3) for each in reader]
        return facts, np.stack(frames).astype(int)

    @pytest.mark.parametrize("size", [(64, 48), (51, 33)])
    def test_every_frame_is_translated(size: tuple[int, int], tmp_path: Path) -> None:
        source = video(tmp_path / "x.mp4", size, Fraction(30000, 1001), 7)
        model = model_of({"G": Negative()})
        files = ganvas.translate(model, source, tmp_path / "out.mp4")
        assert [file.name for file in files] == ["out.mp4", "out.mp4.ganvas.json"]
        assert ganvas.verify(files[0]).mark is not None
        (was, before), (now, after) = frames_of(source), frames_of(files[0])
        assert (now["size"], now["fps"], len(after)) == (size, was["fps"], len(before)) == (size, 29.97, 7)
        assert np.abs(after - (255 - before)).mean() < 3, "up to the loss of the codec"
        assert sorted(file.name for file in tmp_path.iterdir()) == ["out.mp4", "out.mp4.ganvas.json", "x.mp4"]

    def test_the_sound_stays(tmp_path: Path) -> None:
        import wave

        with wave.open(str(tmp_path / "x.wav"), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes((1000 * np.sin(np.arange(8000))).astype("<i2").tobytes())
        sounding = {"audio_path": str(tmp_path / "x.wav"), "audio_codec": "aac"}
        source = video(tmp_path / "x.mp4", (32, 32), 10, 10, **sounding)
        ganvas.translate(model_of({"G": Negative()}), source, tmp_path / "out.mkv", mark=False)
        assert frames_of(tmp_path / "out.mkv")[0]["audio_codec"] == "aac"
        assert not (tmp_path / "out.mkv.ganvas.json").exists()

    def test_an_interrupted_or_damaged_video_leaves_nothing(tmp_path: Path) -> None:
        class Interrupting(Negative):
            def forward(self, z: Any, y: Any, given: Any) -> Any:
                if len(self.sizes) == 4:
                    raise KeyboardInterrupt
                return super().forward(z, y, given)

        source = video(tmp_path / "x.mp4", (32, 32), 10, 10)
        with pytest.raises(KeyboardInterrupt):
            ganvas.translate(model_of({"G": Interrupting()}), source, tmp_path / "out.mp4")
        model = model_of({"G": Negative()})
        (tmp_path / "bad.mp4").write_bytes(b"no video at all" * 100)
        with pytest.raises(DataError, match="cannot read the video"):
            ganvas.translate(model, tmp_path / "bad.mp4", tmp_path / "out.mp4")
        with pytest.raises(UsageError, match=r"cannot write a video as '\.gif'"):
            ganvas.translate(model, source, tmp_path / "out.gif")
        with pytest.raises(UsageError, match="nothing says where"):
            ganvas.translate(filling_model(), source, tmp_path / "out.mp4")
        assert sorted(file.name for file in tmp_path.iterdir()) == ["bad.mp4", "x.mp4"]
