"""What is told from headers, and what is guessed from it, aloud."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import painting
from ganvas.base.errors import DataError
from ganvas.data.infer_options import infer_options
from ganvas.ingest import decode_pool
from ganvas.ingest.picture_options import PictureOptions
from ganvas.ingest.survey import survey
from painting import folder, noise, numbered, save


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two class folders of many sizes, four pictures with transparency, two that cannot be opened."""
    root = tmp_path_factory.mktemp("mixed")
    for number in range(20):
        save(root / "cats" / f"{number}.jpg", noise(number, 60 + number, 90))
    for number in range(4):
        save(root / "dogs" / f"{number}.png", noise(number, 300, 200, 4))
    (root / "dogs" / "empty.png").write_bytes(b"")
    (root / "cats" / "bomb.png").write_bytes(painting.png(60_000, 60_000, b""))
    (root / "notes.txt").write_text("no picture")
    return root


def test_survey(mixed: Path) -> None:
    seen = survey(str(mixed)).headers
    assert (seen.kind, seen.pictures, seen.transparent, seen.grey) == ("folder", 24, 4, 0)
    assert seen.sizes == {(200, 300): 4, **{(90, 60 + number): 1 for number in range(20)}}
    assert seen.formats == {"JPEG": 20, "PNG": 4}
    assert seen.modes == {"RGB": 20, "RGBA": 4}
    assert seen.folders == {"cats": 21, "dogs": 5}
    assert seen.broken == {"cats/bomb.png": "too many pixels (60000 x 60000)", "dogs/empty.png": "empty file"}
    assert seen.others == {".txt": 1}


def test_headers_alone_are_read(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks: list[str] = []

    def noted(
        task: decode_pool.Task, places: Sequence[str | int], **options: Any
    ) -> Iterator[decode_pool.DecodeAnswer]:
        tasks.append(task)
        return decode_pool.answers(task, places, **options)

    monkeypatch.setattr("ganvas.ingest.scan.answers", noted)
    _ = survey(str(mixed)).headers
    assert tasks == ["header"]


def test_guess_of_many_sizes(mixed: Path) -> None:
    source, said = infer_options(survey(str(mixed)))
    assert (source.height, source.width, source.channels, source.fit, source.background, source.labels) == (
        32,
        32,
        3,
        "crop",
        "white",
        "",
    )
    assert said == (
        "24 pictures, sizes from 90 x 60 to 200 x 300: resized and cropped to 32 x 32 (--size, --fit)",
        "4 have transparency: put on white (--background)",
        "2 folders with pictures could be classes: --labels folders",
        "2 cannot be opened and are left out, such as cats/bomb.png: too many pixels (60000 x 60000)",
        "1 other file is left out: 1 .txt.",
    )


def test_what_is_given_is_not_guessed(mixed: Path) -> None:
    source, said = infer_options(survey(str(mixed)), PictureOptions((48, 64), "pad", 1, "black", "folders"))
    assert (source.height, source.width, source.channels, source.fit, source.background, source.labels) == (
        64,
        48,
        1,
        "pad",
        "black",
        "folders",
    )
    assert said[0] == "24 pictures, sizes from 90 x 60 to 200 x 300: resized and padded to 48 x 64"
    assert len(said) == 3
    assert infer_options(survey(str(mixed)), PictureOptions(size=48))[0].width == 48


@pytest.mark.parametrize(
    ("width", "height", "side"),
    [
        (28, 28, (28, 28)),
        (48, 64, (48, 64)),
        (128, 128, (128, 128)),
        (129, 129, (64, 64)),
        (4000, 3000, (64, 64)),
        (40, 200, (32, 32)),
        (16, 300, (32, 32)),
    ],
)
def test_size_of_pictures_that_are_all_alike(tmp_path: Path, width: int, height: int, side: tuple[int, int]) -> None:
    save(tmp_path / "a" / "1.png", noise(0, height, width, 1))
    source, said = infer_options(survey(str(tmp_path / "a")))
    assert (source.width, source.height) == side
    assert source.channels == 1
    same = side == (width, height)
    change = "trained" if same else "resized and cropped and trained"
    assert said[0].startswith(f"1 pictures, all {width} x {height}: {change} at {side[0]} x {side[1]}")
    assert said[-1] == "all are grey: 1 channel (--channels)"
    assert (len(said) == 3) == (side[0] == side[1] and max(width, height) > 1.5 * min(width, height))


def test_the_tenth_percentile_decides(tmp_path: Path) -> None:
    for number in range(40):
        Image.new("L", (200, 40 if number < 3 else 70)).save(tmp_path / f"{number}.png")
    assert infer_options(survey(str(tmp_path)))[0].width == 64
    for number in range(5):
        Image.new("L", (200, 40)).save(tmp_path / f"more{number}.png")
    source, said = infer_options(survey(str(tmp_path)))
    assert source.width == 32
    assert said[1].startswith("45 are more than 1.5 times as long as wide")


def test_exif_turns_the_size(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 80)).save(tmp_path / "a.jpg", exif=exif)
    assert list(survey(str(tmp_path)).headers.sizes) == [(80, 40)]


def test_split_folders_are_said(tmp_path: Path) -> None:
    folder(tmp_path, [*numbered(5, "train/{}.png"), *numbered(3, "test/{}.png")])
    assert "the folders test (3), train (5) are taken for the splits" in infer_options(survey(str(tmp_path)))[1]


def test_an_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((30, 20, 24), np.uint8))
    source, said = infer_options(survey(str(tmp_path / "a.npz")))
    assert (source.width, source.height, source.channels) == (24, 20, 1)
    assert said == ("30 pictures, all 24 x 20: trained at 24 x 20 (--size)", "all are grey: 1 channel (--channels)")


def test_nothing_to_open(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "b.heic").write_bytes(b"")
    with pytest.raises(DataError, match=r"no pictures that can be opened.*a\.png: empty file"):
        infer_options(survey(str(tmp_path)))
    (tmp_path / "a.png").unlink()
    with pytest.raises(DataError, match=r"It holds 1 \.heic"):
        infer_options(survey(str(tmp_path)))
