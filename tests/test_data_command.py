"""`ganvas data` as a person uses it."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from ganvas.base.progress import report_progress
from ganvas.cli import data as data_command
from ganvas.cli import main as command
from ganvas.cli import progress
from ganvas.cli.output import output_options, print_message
from ganvas.data.pictures import Pictures
from ganvas.runs import Progress, Started
from ganvas.sessions import display
from painting import folder, noise, numbered, save


class Said(NamedTuple):
    code: int
    out: str
    err: str


Ganvas = Callable[..., Said]


@pytest.fixture
def ganvas(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ganvas:
    """`ganvas data` in this process, in an empty folder with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["ganvas", "data", *words])
        capsys.readouterr()
        try:
            command.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Two classes, an exact duplicate in another format, a near one, and a broken file."""
    smooth = [
        np.asarray(Image.fromarray(noise(seed, 4, 4)).resize((64, 64), Image.Resampling.BICUBIC)) for seed in range(30)
    ]
    for seed, pixels in enumerate(smooth):
        save(tmp_path / "pets" / ("cats" if seed < 20 else "dogs") / f"{seed:02}.png", pixels)
    save(tmp_path / "pets" / "cats" / "same.bmp", smooth[3])
    save(tmp_path / "pets" / "dogs" / "near.jpg", smooth[5], quality=80)
    (tmp_path / "pets" / "dogs" / "text.png").write_text("no picture")
    return tmp_path / "pets"


def test_check(ganvas: Ganvas, pets: Path) -> None:
    said = ganvas("check", "pets", "--labels", "folders", "--json")
    found: dict[str, Any] = json.loads(said.out)
    assert said.code == 0  # one broken file is always borne
    assert found["pictures"] == 32
    assert found["sizes"] == {"64x64": 32}
    assert found["formats"] == {"PNG": 30, "BMP": 1, "JPEG": 1}
    assert found["classes"] == {"cats": 21, "dogs": 11}
    assert found["duplicates"] == [["cats/03.png", "cats/same.bmp"]]
    assert found["near_duplicates"] == [["cats/05.png", "dogs/near.jpg"]]
    assert found["broken"] == {"dogs/text.png": "not a picture"}
    assert found["passed"]
    with Image.open("contact-sheet.png") as sheet:
        assert sheet.size == (6 * 96, 6 * 96)
        assert np.asarray(sheet).std() > 10


def test_check_says_it_to_people(ganvas: Ganvas, pets: Path) -> None:
    said = ganvas("check", "pets", "--sheet", "here.png", "--budget", "0")
    assert said.code == 3
    assert "Above the budget: 1 of 33 files are broken, and 0 may be (0 rounded up)" in said.err
    for words in (
        "64 x 64 (32)",
        "PNG (30), BMP (1), JPEG (1)",
        "1 exact, 1 pair looks alike",
        "dogs/text.png: not a picture",
        "here.png",
        "--labels folders",
    ):
        assert words in said.out
    assert Path("here.png").exists()
    assert not Path("contact-sheet.png").exists()


def test_long_lists_are_cut(ganvas: Ganvas, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02}.png").write_bytes(b"no picture")
    said = ganvas("check", ".")
    assert said.out.count("not a picture") == 10
    assert "and 20 more" in said.out
    assert len(json.loads(ganvas("check", ".", "--json").out)["broken"]) == 30


def test_a_table_is_not_taken_for_pictures(ganvas: Ganvas, tmp_path: Path) -> None:
    (tmp_path / "adult.csv").write_text("39, State-gov, 77516\n" * 5_000)
    said = ganvas("check", "adult.csv")
    assert said.code == 3
    assert len(said.out + said.err) < 500


def test_several_paths_are_checked_as_one(ganvas: Ganvas, tmp_path: Path) -> None:
    folder(tmp_path / "a", numbered(3))
    folder(tmp_path / "b", ["new.png"], height=9)
    (tmp_path / "b" / "x.heic").write_bytes(b"")
    said = ganvas("check", "a", "b")
    assert said.code == 0
    assert "a (3), b (1)" in said.out
    assert "1 .heic, left out. Save .heic as PNG or JPEG" in said.out
    assert json.loads(ganvas("check", "a/*.png", "--json").out)["pictures"] == 3


def test_classes_of_few_pictures_are_named(ganvas: Ganvas, tmp_path: Path) -> None:
    folder(tmp_path / "a", [*numbered(5, "train/cats/{}.png"), "train/dogs/1.png", *numbered(3, "test/eels/{}.png")])
    said = ganvas("check", "a", "--labels", "folders")
    assert "1 class has no training picture: eels (3)" in said.out
    assert "1 class has only one or two training pictures: dogs (1)" in said.out
    found = json.loads(ganvas("check", "a", "--labels", "folders", "--json").out)
    assert (found["classes_without_training"], found["classes_of_few"]) == ({"eels": 3}, {"dogs": 1})


def test_shard_names_what_it_leaves_out(ganvas: Ganvas, tmp_path: Path) -> None:
    folder(tmp_path / "a", numbered(3))
    for number in range(2):
        (tmp_path / "a" / f"{number}.heic").write_bytes(b"")
    assert "2 other files are left out: 2 .heic." in ganvas("shard", "a", "--out", "out").out


@pytest.mark.parametrize(
    ("words", "data", "recipe", "rest"),
    [
        (["b.png", "c.png", "samples=5"], ["a.png", "b.png", "c.png"], None, ["samples=5"]),
        (["b.png", "dcgan", "samples=5"], ["a.png", "b.png", "dcgan"], None, ["samples=5"]),
        (["b.png", "mnist", "samples=5"], ["a.png", "b.png"], "mnist", ["samples=5"]),
        (["dcgan"], ["a.png"], "dcgan", []),
        (["samples=5"], ["a.png"], None, ["samples=5"]),
        (["mine.yaml", "b.png"], ["a.png", "b.png"], "mine.yaml", []),
        (["no-such", "samples=5"], ["a.png"], "no-such", ["samples=5"]),
    ],
)
def test_a_pattern_that_the_shell_expands_is_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: Any, data: Any, recipe: Any, rest: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png", "c.png", "mine.yaml", "dcgan"):
        Path(name).touch()
    assert data_command.separate_data(["a.png"], words[0], words[1:]) == (data, recipe, rest)


def test_check_of_an_npz(ganvas: Ganvas) -> None:
    x = np.stack([noise(seed // 2, channels=1)[:, :, 0] for seed in range(40)])
    np.savez("a.npz", x=x, y=np.arange(40) % 2)
    found = json.loads(ganvas("check", "a.npz", "--labels", "y", "--json").out)
    assert (found["pictures"], len(found["duplicates"]), found["classes"]) == (40, 20, {"0": 20, "1": 20})


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("check", "missing"), 3),
        (("check", "."), 3),
        (("clear",), 2),
        (("clear", "x", "--all"), 2),
        (("clear", "x"), 2),
    ],
)
def test_wrong_words_are_one_sentence(ganvas: Ganvas, words: tuple[str, ...], code: int) -> None:
    said = ganvas(*words)
    assert said.code == code
    assert said.err.startswith("ganvas: ")
    assert said.err.count("\n") == 1


def test_only_broken_files(ganvas: Ganvas, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    said = ganvas("check", ".", "--json")
    assert said.code == 3
    assert json.loads(said.out)["broken"] == {"a.png": "empty file"}


def test_list_and_clear(ganvas: Ganvas, tmp_path: Path) -> None:
    assert "Nothing is decoded yet" in ganvas("list").out
    Pictures(str(folder(tmp_path / "a", numbered(30))), 8, 8).items("train")
    Pictures(str(tmp_path / "a"), 4, 4, 1).items("train")
    found = json.loads(ganvas("list", "--json").out)
    assert [(each["pictures"], each["path"]) for each in found] == [(30, str(tmp_path / "a"))] * 2
    assert all(each["bytes"] > 30 * 16 for each in found)
    assert "8x8x3" in ganvas("list").out
    assert ganvas("clear", found[0]["key"][:10]).code == 0
    assert [each["key"] for each in json.loads(ganvas("list", "--json").out)] == [found[1]["key"]]
    assert json.loads(ganvas("clear", "--all", "--json").out) == {"removed": 1}


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Output options that earlier commands have not set, and no waiting."""
    for name in ("quiet", "as_json"):
        monkeypatch.setattr(output_options, name, False)
    monkeypatch.setattr(progress, "INTERVAL", -1.0)
    return monkeypatch


def test_progress_on_a_terminal_is_one_line(spoken: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    spoken.setattr(progress, "can_redraw", lambda: True)
    with progress.showing_progress():
        report_progress("decoding pictures", 1, 2000)
    assert capsys.readouterr().err == "\r\x1b[Kdecoding pictures: 1 of 2,000\r\x1b[K"
    with progress.showing_progress():
        report_progress("decoding pictures", 1, 2)
        print_message("A note.")
    assert capsys.readouterr().err == "\r\x1b[Kdecoding pictures: 1 of 2\r\x1b[KA note.\n\r\x1b[K"
    print_message("A note.")
    assert capsys.readouterr().err == "A note.\n"


def test_the_line_of_a_run_shows_what_is_read_before_it(
    spoken: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line for both: the run's events replace the line of reading."""
    spoken.setattr(progress, "can_redraw", lambda: True)
    spoken.setattr(display, "INTERVAL", -1.0)
    with progress.ProgressLine() as line:
        report_progress("decoding pictures", 1, 2)
        line.message("Chosen: a DCGAN.")
        line(Started(0, 0.0, 400))
        line(Progress(100, 1.0, {}, 50.0))
    drawn = capsys.readouterr().err.split("\r\x1b[K")
    assert drawn[:3] == ["", "decoding pictures: 1 of 2", "Chosen: a DCGAN.\n"]
    assert "50 samples/s" in drawn[-2]
    assert drawn[-1] == ""


def test_progress_elsewhere_is_a_line_now_and_then(
    spoken: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoken.setattr(progress, "INTERVAL", 0.05)
    with progress.showing_progress():
        report_progress("decoding pictures", 1, 3)
        time.sleep(0.06)
        report_progress("decoding pictures", 2, 3)
        report_progress("decoding pictures", 3, 3)
    assert capsys.readouterr().err == "decoding pictures: 2 of 3\n"


@pytest.mark.parametrize("name", ["quiet", "as_json"])
def test_no_progress_when_quiet(spoken: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str) -> None:
    spoken.setattr(output_options, name, True)
    with progress.showing_progress():
        report_progress("decoding pictures", 1, 2)
    assert capsys.readouterr().err == ""


def test_a_list_in_another_encoding(ganvas: Ganvas, tmp_path: Path) -> None:
    """Checked, drawn and packed with --encoding; without it one sentence."""
    place = folder(tmp_path / "photos", numbered(20))
    names = [f"photos/{path.name}" for path in sorted(place.iterdir())]
    save(tmp_path / "photos" / "caf\u00e9.png", noise(99))
    (tmp_path / "list.txt").write_bytes("\n".join([*names, "photos/caf\u00e9.png"]).encode("latin-1"))
    assert ganvas("check", "list.txt").code == 3
    assert json.loads(ganvas("check", "list.txt", "--encoding", "latin-1", "--json").out)["pictures"] == 21
    assert ganvas("shard", "list.txt", "-o", "shards", "--encoding", "latin-1").code == 0
