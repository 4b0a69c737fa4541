"""What counts as a picture at a path, which split and class its folder says, and labels from a CSV."""

import os
import unicodedata
import warnings
import zipfile
from pathlib import Path

import pytest

from ganvas.base.errors import DataError
from ganvas.ingest.folder_names import shared_root, splits_and_classes
from ganvas.ingest.labels import in_order, match_labels
from ganvas.ingest.listing import list_path
from ganvas.ingest.listing_messages import left_out_message
from ganvas.ingest.survey import survey
from painting import folder, noise, numbered, save

ODD = [
    "ä ö.png",
    "日本.png",
    "new\nline.png",
    "-n.png",
    "%s{}.png",
    "a'b\"c.PNG",
    "x.png.png",
    os.fsdecode(b"\xff\xfe.png"),
]


def test_a_folder_with_odd_names(tmp_path: Path) -> None:
    folder(tmp_path, ODD)
    save(tmp_path / ".hidden.png", noise(0))
    save(tmp_path / ".hidden" / "a.png", noise(0))
    (tmp_path / "notes.txt").write_text("no")
    (tmp_path / "LICENSE").write_text("no")
    found = list_path(str(tmp_path))
    assert sorted(found.names) == sorted(ODD)
    assert found.others == {".txt": 1, "": 1}
    assert all(Path(str(place)).exists() for place in found.places)


def test_links_are_followed_once(tmp_path: Path) -> None:
    root = folder(tmp_path / "root", ["b/one.png"])
    outside = folder(tmp_path / "outside", ["two.png"])
    (root / "a").symlink_to(root / "b")
    (root / "z").symlink_to(root / "b")
    (root / "b" / "up").symlink_to(root)
    (root / "itself").symlink_to(root / "itself")
    (root / "itself.png").symlink_to(root / "itself.png")
    (root / "far").symlink_to(outside)
    assert list_path(str(root)).names == ("b/one.png", "far/two.png", "itself.png")


def test_a_zip_names_what_it_holds(tmp_path: Path) -> None:
    good = save(tmp_path / "good.png", noise(0)).read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in [
            "../up.png",
            "/root.png",
            "a/b.jpg",
            "__MACOSX/._a.png",
            ".x.png",
            "a/",
            "back\\slash.png",
            "read.me",
            "日本.png",
        ]:
            archive.writestr(name, good)
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a/b.jpg", good)
    assert list_path(str(tmp_path / "a.zip")).names == (
        "a/b.jpg",
        "a/b.jpg'2",
        "back/slash.png",
        "root.png",
        "up.png",
        "日本.png",
    )
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.zip", "good.png"]


def test_many_members_of_one_name_keep_short_names(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ["a.png'2", *["a.png"] * 300, "a.png'3/a.png"]:
            archive.writestr(name, b"")
    found = list_path(str(tmp_path / "a.zip"))
    assert len(set(found.names)) == 301
    assert sorted(found.places) == list(range(1, 302))
    assert max(map(len, found.names)) == len("a.png'3/a.png")


def test_a_list(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("\ufeffb.png\n\n# no\n a/c.weird \r\nb.png\n", encoding="utf-8")
    found = list_path(str(tmp_path / "list.txt"))
    assert found.names == ("a/c.weird", "b.png")
    assert found.places == (str(tmp_path / "a/c.weird"), str(tmp_path / "b.png"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing", None, "nothing at this path"),
        ("a.txt", b"\xff\xfe\x80", "not UTF-8"),
        ("a.txt", b"a\0b", "neither a folder"),
        ("a.zip", b"PK\3\4 torn", "not a readable zip"),
        ("a.npz", b"", "not a readable zip"),
        ("a.png", b"\x89PNG", "not a readable zip"),
    ],
)
def test_what_is_not_there_or_not_readable(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        list_path(str(tmp_path / name))
    assert name in str(caught.value)


def test_any_change_changes_the_stamp(tmp_path: Path) -> None:
    folder(tmp_path, numbered(3))
    stamps = [list_path(str(tmp_path)).stamp]
    assert list_path(str(tmp_path)).stamp == stamps[0]
    os.utime(tmp_path / "001.png", ns=(0, 1))
    stamps.append(list_path(str(tmp_path)).stamp)
    with (tmp_path / "001.png").open("ab") as file:
        file.write(b"!")
    os.utime(tmp_path / "001.png", ns=(0, 1))
    stamps.append(list_path(str(tmp_path)).stamp)
    (tmp_path / "002.png").rename(tmp_path / "003.png")
    stamps.append(list_path(str(tmp_path)).stamp)
    (tmp_path / "000.png").unlink()
    stamps.append(list_path(str(tmp_path)).stamp)
    assert len(set(stamps)) == 5


@pytest.mark.parametrize(
    ("names", "splits", "classes"),
    [
        (("a.png", "b.png"), ("", ""), ("", "")),
        (("cats/a.png", "dogs/x/b.png"), ("", ""), ("cats", "dogs")),
        (("set/cats/a.png", "set/dogs/b.png"), ("", ""), ("cats", "dogs")),
        (("cats/a.png", "cats/b.png"), ("", ""), ("cats", "cats")),
        (("train/a.png", "Test/b.png", "val/c.png"), ("train", "test", "val"), ("", "", "")),
        (("set/training/cats/a.png", "set/validation/dogs/b.png"), ("train", "val"), ("cats", "dogs")),
        (("test/a.png", "other/b.png"), ("", ""), ("test", "other")),
        (("train/a.png", "loose.png"), ("train", ""), ("", "")),
    ],
)
def test_folders_name_splits_and_classes(
    names: tuple[str, ...], splits: tuple[str, ...], classes: tuple[str, ...]
) -> None:
    assert splits_and_classes(names) == (splits, classes)


def test_shared_root() -> None:
    assert shared_root(("a/b/c.png", "a/b/d/e.png")) == 2
    assert shared_root(("a/b/c.png", "d.png")) == 0
    assert shared_root(("train/a.png", "train/b.png")) == 0


NAMES = ("a/one.png", "b/two.png", "b/one.jpg")


def test_labels_by_csv(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    for text in (
        "file,label\na/one.png,cat\ntwo.png,dog\nb\\one.jpg,eel\n",
        "one.png,cat\none.jpg,eel\ntwo,dog\nabsent.png,cat\n",
    ):
        table.write_text(text)
        assert match_labels(NAMES, (), str(table)) == ("cat", "dog", "eel")
    table.write_text("a/one.png,cat\none,dog\n")  # two pictures are called one
    with pytest.raises(DataError, match=r"2 of 3 pictures have no label: b/two.png, b/one.jpg"):
        match_labels(NAMES, (), str(table))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a/one.png\n", "has 1 columns"),
        (b"a/one.png,cat\na/one.png,dog\n", "two labels"),
        (b"\xff\xfe", "cannot read the labels"),
        (b"", "3 of 3"),
    ],
)
def test_labels_that_do_not_match(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / "labels.csv").write_bytes(text)
    with pytest.raises(DataError, match=said):
        match_labels(NAMES, (), str(tmp_path / "labels.csv"))
    with pytest.raises(DataError, match="cannot read the labels"):
        match_labels(NAMES, (), str(tmp_path / "missing.csv"))


def test_labels_by_folders() -> None:
    assert match_labels(("a/1.png", "b/2.png"), ("a", "b"), "folders") == ("a", "b")
    with pytest.raises(DataError, match=r"1 of 2 pictures have no label: 2.png"):
        match_labels(("a/1.png", "2.png"), ("a", ""), "folders")


def test_order_of_classes() -> None:
    assert in_order(["10", "9", "1"]) == ("1", "9", "10")
    assert in_order(["b", "10", "9"]) == ("10", "9", "b")
    with pytest.raises(DataError, match="only one class: a"):
        in_order(["a", "a"])


@pytest.mark.parametrize("name", ["pipe", "pipe.zip", "pipe.txt", "pipe.tar", "device"])
def test_a_pipe_or_device_is_refused_at_once(tmp_path: Path, name: str) -> None:
    path = Path("/dev/zero") if name == "device" else tmp_path / name
    if name != "device":
        os.mkfifo(path)
    with pytest.raises(DataError, match=r"regular file|cannot be found") as error:
        _ = survey(str(path)).listing
    assert error.value.exit_code == 3


def test_a_pipe_among_pictures_is_a_broken_one(tmp_path: Path) -> None:
    save(tmp_path / "a.png", noise(0))
    os.mkfifo(tmp_path / "b.png")
    (tmp_path / "list.txt").write_text("a.png\nb.png\n")
    for path in (tmp_path, tmp_path / "list.txt"):
        assert list(survey(str(path)).headers.broken) == ["b.png"]


def test_a_list_that_was_written_on_windows(tmp_path: Path) -> None:
    folder(tmp_path, ["cats/a.png", "cats/back\\slash.png", "b.png"])
    (tmp_path / "list.txt").write_bytes(b'\xef\xbb\xbfcats\\a.png\r\n"b.png"\r\ncats/back\\slash.png\r\n')
    assert list_path(str(tmp_path / "list.txt")).names == ("b.png", "cats/a.png", "cats/back\\slash.png")


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("x.npy", b"\x93NUMPY", "numpy.savez"),
        ("adult.csv", b"39, State-gov\n50, Private\n", "--labels"),
        ("labels.csv", b"a.png,cat\n", "--labels"),
        ("dataset.json", b"{}", "--labels"),
        ("metadata.jsonl", b"{}", "--labels"),
        ("latin.txt", "é.png\nö.png\n".encode("latin-1"), "--encoding latin-1"),
        ("x.parquet", b"PAR1", "folders or a zip"),
    ],
)
def test_other_formats_are_refused_with_the_way(tmp_path: Path, name: str, content: bytes, hint: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        list_path(str(tmp_path / name))
    assert hint in error.value.hint
    assert "\n" not in str(error.value)


def test_a_list_in_another_encoding(tmp_path: Path) -> None:
    folder(tmp_path, ["é.png"])
    (tmp_path / "list.txt").write_bytes("é.png\n".encode("latin-1"))
    assert survey(str(tmp_path / "list.txt"), "latin-1").listing.names == ("é.png",)


def test_letter_case_of_a_path_is_named(tmp_path: Path) -> None:
    (tmp_path / "Photos").mkdir()
    with pytest.raises(DataError, match="nothing at this path") as error:
        list_path(str(tmp_path / "photos"))
    assert "'Photos'" in error.value.hint


def test_class_folders_are_compared_in_composed_letters() -> None:
    composed, apart = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))
    assert splits_and_classes((f"train/{composed}/1.png", f"test/{apart}/2.png")) == (
        ("train", "test"),
        (composed, composed),
    )


def test_files_that_are_left_out_are_counted_by_kind() -> None:
    words = left_out_message({".heic": 7, ".txt": 3, ".avif": 2, "": 1})
    assert words.startswith("13 other files are left out: 7 .heic, 3 .txt, 2 .avif, 1 without an ending.")
    assert ".avif, .heic as PNG or JPEG" in words
    assert left_out_message({}) == ""
    assert "2 more" in left_out_message({f".x{number}": 1 for number in range(12)})
