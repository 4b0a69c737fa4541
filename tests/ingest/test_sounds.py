"""Sound files: formats, rates and channels, bad files, speakers and classes, and pieces of long recordings."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas.base.errors import DataError, UsageError
from ganvas.data.sounds import Sounds
from ganvas.ingest import sound_files
from ganvas.ingest.list_sounds import guess_labels, is_sound_data, list_sounds
from ganvas.ingest.sound_files import read_sound, read_sound_head
from ganvas.ingest.sound_survey import survey_sounds
from ganvas.ingest.splits import SPLITS
from sounding import folder_of_digits, tone, write

pytest.importorskip("soundfile")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("name", "options", "error"),
    [
        ("a.wav", {"subtype": "PCM_16"}, 1e-4),
        ("a.wav", {"subtype": "PCM_U8"}, 1e-2),
        ("a.wav", {"subtype": "PCM_24"}, 1e-6),
        ("a.wav", {"subtype": "FLOAT"}, 1e-7),
        ("a.flac", {}, 1e-4),
        ("a.ogg", {}, 0.1),
        ("a.mp3", {}, 0.1),
    ],
)
def test_every_format_is_read(tmp_path: Path, name: str, options: dict[str, Any], error: float) -> None:
    x = tone(0.5)
    path = write(tmp_path / name, x, **options)
    found = read_sound(path, 8000)
    head = read_sound_head(path)
    assert (head.rate, head.channels) == (8000, 1)
    count = min(len(found), len(x))
    assert abs(len(found) - len(x)) <= (2500 if name.endswith("mp3") else 0)
    if not name.endswith("mp3"):
        assert np.abs(found[:count] - x[:count]).max() < error


def test_channels_are_mixed_and_rates_changed(tmp_path: Path) -> None:
    import soxr  # type: ignore[import-untyped]

    left, right = tone(0.5, 300, 44100), tone(0.5, 500, 44100)
    path = write(tmp_path / "a.wav", np.stack([left, right], 1), 44100, subtype="FLOAT")
    found = read_sound(path, 16000)
    wanted = soxr.resample((left + right) / 2, 44100, 16000)
    assert abs(len(found) - 8000) <= 1
    assert np.abs(found[:7900] - wanted[:7900]).max() < 1e-3


def test_blocks_are_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.wav", tone(0.7), subtype="FLOAT")
    whole = read_sound(path, 8000), read_sound(path, 11025)
    monkeypatch.setattr(sound_files, "BLOCK", 100)
    assert np.array_equal(read_sound(path, 8000), whole[0])
    assert np.abs(read_sound(path, 11025) - whole[1]).max() < 1e-6


def nan(path: Path) -> Path:
    x = tone()
    x[7] = np.nan
    return write(path / "x.wav", x, subtype="FLOAT")


def video(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    (path / "x.wav").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(2000))
    return path / "x.wav"


BAD: dict[str, tuple[Any, str]] = {
    "length 0": (lambda path: write(path / "x.wav", np.zeros(0, np.float32)), "length is 0"),
    "NaN": (nan, "not finite"),
    "100 channels": (lambda path: write(path / "x.wav", np.zeros((50, 100), np.float32)), "100 channels"),
    "video": (video, "no sound that can be read"),
    "slow": (lambda path: write(path / "x.wav", tone(), 1000), "1,000 Hz"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence_with_its_name(tmp_path: Path, name: str) -> None:
    make, said = BAD[name]
    path = make(tmp_path / "one")
    for given in (path, path.parent):
        with pytest.raises(DataError, match=said) as caught:
            Sounds(str(given), rate=8000).items("train")
        assert caught.value.exit_code == 3
        assert "\n" not in str(caught.value)


def test_few_broken_files_are_left_out_and_named(tmp_path: Path) -> None:
    folder = folder_of_digits(tmp_path / "digits")
    video(folder)
    with pytest.raises(DataError, match=r"1 file of 49 cannot be used: x\.wav"):
        Sounds(str(folder), rate=8000).items("train")
    source = Sounds(str(folder), rate=8000, broken=0.1)
    assert list(source.entry().facts["broken"]) == ["x.wav"]
    assert sum(len(source.items(split)) for split in ("train", "val", "test")) == 48


def test_speakers_are_in_one_split_and_classes_have_names(tmp_path: Path) -> None:
    folder = folder_of_digits(tmp_path / "digits")
    classes: Any
    classes, speaker = guess_labels(list_sounds(str(folder)).names)
    source = Sounds(str(folder), rate=8000, classes=classes, speaker=speaker)
    held = source.entry().facts["speakers"]
    assert sorted([*held["train"], *held["val"], *held["test"]]) == ["a", "b", "c", "d"]
    assert (len(held["train"]), len(held["val"]), len(held["test"])) == (2, 1, 1)
    parts = {split: source.items(split) for split in SPLITS}
    assert [len(part) for part in parts.values()] == [24, 12, 12]
    groups = [set(np.asarray(part.group).tolist()) for part in parts.values()]
    assert not groups[0] & groups[1]
    assert not groups[1] & groups[2]
    for part in parts.values():
        assert part.classes == ("0", "1")
        assert part.rate == 8000
        assert part.y is not None
        for x, y in zip(part.x, part.y, strict=True):
            peak = np.abs(np.fft.rfft(x.astype(float))).argmax() * 8000 / len(x)
            assert (peak > 460) == bool(y)
    assert guess_labels(["a.wav", "b_c_d.wav"]) == ("", "")


def test_long_recordings_are_cut_into_pieces_that_stay_together(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(8):
        write(tmp_path / "long" / f"{number}.wav", (0.1 * rng.normal(size=2500)).astype(np.float32))
    source = Sounds(str(tmp_path / "long"), rate=8000, longest=0.125)
    parts = [source.items(split) for split in SPLITS]
    assert [len(x) for part in parts for x in part.x] == [1000, 1000, 500] * 8
    assert [len(part) for part in parts] == [18, 3, 3]
    whole = np.concatenate(list(parts[1].x)) / 32768
    originals = [read_sound(tmp_path / "long" / f"{number}.wav", 8000) for number in range(8)]
    assert min(np.abs(whole - each).max() for each in originals) < 1e-4
    assert source.items("train").fingerprint == parts[0].fingerprint != parts[1].fingerprint


def test_an_empty_class_is_refused(tmp_path: Path) -> None:
    for name in ("dog", "cat"):
        for number in range(5):
            write(tmp_path / "animals" / name / f"{number}.wav", tone(0.2, 300 + 10 * number + len(name)))
    write(tmp_path / "animals" / "cat" / "other.wav", tone(0.2, 999))
    source = Sounds(str(tmp_path / "animals"), rate=8000, classes="folders")
    assert source.items("train").classes == ("cat", "dog")
    (tmp_path / "animals" / "bird").mkdir()
    with pytest.raises(DataError, match="class bird has no recording"):
        source.items("train")
    with pytest.raises(DataError, match="no sound"):
        list_sounds(str(tmp_path / "animals" / "bird"))
    with pytest.raises(UsageError, match="matches none"):
        Sounds(str(tmp_path / "animals" / "cat"), rate=8000, speaker="nobody").items("train")


def test_the_survey_finds_silence_and_clipping(tmp_path: Path) -> None:
    folder = folder_of_digits(tmp_path / "digits")
    write(folder / "2_a_0.wav", np.zeros(800, np.float32))
    write(folder / "2_b_0.wav", np.clip(5 * tone(), -1, 1))
    (folder / "notes.md").write_text("x")
    found = survey_sounds(str(folder))
    assert found.facts["silent"] == ["2_a_0.wav"]
    assert found.facts["clipped"] == ["2_b_0.wav"]
    text = "\n".join(found.report())
    for said in ("50", "8,000 Hz (50)", "mono (50)", "1 other file", "0 (24), 1 (24), 2 (2)"):
        assert said in text
    assert is_sound_data(folder)
    assert not is_sound_data(tmp_path / "nothing")
