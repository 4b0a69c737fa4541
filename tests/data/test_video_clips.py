"""Videos of one's own: files of three kinds, folders of frames, splits, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganvas.base.errors import DataError
from ganvas.data.custom_clips import clip_messages
from ganvas.data.video_clips import VideoClips
from ganvas.ingest.footage_survey import survey_footage
from ganvas.ingest.read_clips import list_footage, natural, rate_and_frames, squared
from speaking import ganvas

pytestmark = pytest.mark.filterwarnings(  # the package leaves the pipes to ffmpeg for Python to close
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")


def frame(number: int, height: int = 16, width: int = 24) -> np.ndarray:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, number % width] = (255, number % 256, 0)
    return picture


def gif(path: Path, count: int, duration: int = 100) -> None:
    frames = [Image.fromarray(frame(number)) for number in range(count)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=duration, loop=0)


def mp4(path: Path, count: int) -> None:
    writer = imageio_ffmpeg.write_frames(str(path), (24, 16), fps=10, macro_block_size=1, quality=9)
    writer.send(None)
    for number in range(count):
        writer.send(frame(number))
    writer.close()


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    (folder / "stills").mkdir(parents=True)
    gif(folder / "a.gif", 40)
    mp4(folder / "b.mp4", 40)
    for number in range(12):
        Image.fromarray(frame(number)).save(folder / "stills" / f"{number}.png")
    return folder


def test_three_kinds_are_read_in_order(videos: Path) -> None:
    found = list_footage(str(videos))
    assert [each.name for each in found] == ["a.gif", "b.mp4", "stills"]
    rates, frames = zip(*((rate, list(each)) for rate, each in map(rate_and_frames, found)), strict=True)
    assert rates == (10.0, 10.0, 0.0)
    assert [len(each) for each in frames] == [40, 40, 12]
    for exact in (frames[0], frames[2]):
        assert all(np.array_equal(each, frame(number)) for number, each in enumerate(exact))
    assert all(np.argmax(each[:, :, 0].mean(0)) == number % 24 for number, each in enumerate(frames[1]))
    assert sorted(["10.png", "2.png", "1.png"], key=natural) == ["1.png", "2.png", "10.png"]


def test_a_frame_that_is_shown_for_longer_is_repeated(tmp_path: Path) -> None:
    frames = [Image.fromarray(frame(number)) for number in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=[100, 300, 100], loop=0)
    ((rate, found),) = map(rate_and_frames, list_footage(str(tmp_path)))
    assert rate == 10
    assert [int(each[0, :, 0].argmax()) for each in found] == [0, 1, 1, 1, 2]


def test_clips_follow_each_other_and_ends_are_held_out(videos: Path) -> None:
    source = VideoClips(str(videos), frames=4, side=8)
    train, val, test = (source.items(split) for split in ("train", "val", "test"))
    assert (len(train), len(val), len(test)) == (8 + 8 + 1, 3, 3)
    assert train.x.shape[1:] == (4, 8, 8, 3)
    first = list(rate_and_frames(list_footage(str(videos))[0])[1])
    assert np.array_equal(train.x[1], np.stack([squared(each, 8, 3) for each in first[4:8]]))
    assert np.array_equal(val.x[0], np.stack([squared(each, 8, 3) for each in first[32:36]]))
    assert VideoClips(str(videos), frames=4, side=8, every=2, channels=1).items("train").x.shape == (7, 4, 8, 8, 1)


def test_different_rates_are_said(tmp_path: Path) -> None:
    gif(tmp_path / "a.gif", 40)
    source = VideoClips(str(tmp_path), frames=4, side=8)
    assert not any("rates differ" in each for each in clip_messages(source, source.entry().facts))
    gif(tmp_path / "b.gif", 40, duration=50)
    assert any("rates differ (10, 20 frames/s)" in each for each in clip_messages(source, source.entry().facts))


def test_many_videos_are_whole_in_one_split(tmp_path: Path) -> None:
    for number in range(30):
        gif(tmp_path / f"{number}.gif", 9)
    counts = [len(VideoClips(str(tmp_path), frames=4, side=8).items(split)) for split in ("train", "val", "test")]
    assert sum(counts) == 60
    assert all(count % 2 == 0 for count in counts)


def test_what_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        list_footage(str(tmp_path / "none"))
    with pytest.raises(DataError, match="holds no video"):
        list_footage(str(tmp_path))
    gif(tmp_path / "short.gif", 3)
    with pytest.raises(DataError, match=r"too little video for clips of 16 frames"):
        VideoClips(str(tmp_path)).items("train")
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    with pytest.raises(DataError, match=r"bad\.mp4"):
        VideoClips(str(tmp_path)).items("train")
    assert survey_footage(str(tmp_path)).broken == 0.5


def test_the_command_checks_trains_and_writes_clips(videos: Path, tmp_path: Path) -> None:
    assert "b.mp4" in ganvas("--json", "data", "check", str(videos / "b.mp4")).out
    words = ["source.frames=4", "source.side=16", "source.channels=1", "generator.width=4", "samples=16"]
    words += ["discriminator.networks.0.width=4", "discriminator.networks.1.network.width=4", "batch_samples=8"]
    run = tmp_path / "run"
    trained = ganvas("train", "mocogan", "--data", str(videos), "-o", str(run), "threads=1", *words)
    assert trained.code == 0, trained.err
    assert "3 videos, cut into clips of 4 frames" in trained.err
    for name in ("new.gif", "folder", "strips.png"):
        made = ganvas("sample", str(run), "-n", "2", "-o", str(tmp_path / name))
        assert made.code == 0, made.err
    ((rate, frames),) = map(rate_and_frames, list_footage(str(tmp_path / "new.gif")))
    assert len(list(frames)) <= 4, "equal frames are one that is shown for longer"
    assert rate <= 10
    assert len(list((tmp_path / "folder").glob("*.webp"))) == 2
    refused = ganvas("sample", str(run), "-n", "2", "-o", str(tmp_path / "new.wav"))
    assert refused.code == 2
    assert "clips are not written as .wav" in refused.err
