"""A path is listed once, and again when anything in it has changed."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ganvas.ingest import decode_pool
from ganvas.ingest.survey import REMEMBERED, Survey, survey
from painting import folder, noise, numbered, save, zipped

OLD_NS = 10**9 * 1_600_000_000  # of all files: what is younger than two seconds is listed again


def aged(root: Path) -> Path:
    """The same folder or file, with the times of everything in it long past."""
    for path in [*(root.rglob("*") if root.is_dir() else ()), root]:
        os.utime(path, ns=(OLD_NS, OLD_NS), follow_symlinks=False)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return aged(folder(tmp_path / "root", ["a/1.png", "a/2.png", "b/3.png"]))


def test_an_unchanged_folder_is_listed_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed, scan = list[str](), os.scandir

    def noted(path: str) -> object:
        listed.append(str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", noted)
    first = survey(str(root))
    assert first.headers.pictures == 3
    listed.clear()
    again = survey(str(root))
    assert again is first
    assert again.listing is first.listing
    assert listed == []


def test_two_spellings_of_a_path_share_what_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    first = survey("root")
    _ = first.headers
    other = survey(str(root))
    assert (other.listing, other.headers) == (first.listing, first.headers)
    assert (first.path, other.path) == ("root", str(root))
    monkeypatch.chdir(root)
    assert survey(str(root)).listing.names == first.listing.names, "a relative place means another file now"
    assert all(Path(str(place)).is_file() for place in survey(str(root)).listing.places)


def touched(root: Path, name: str, size: int) -> None:
    (root / name).write_bytes(bytes(size))
    os.utime(root / name, ns=(OLD_NS + 1, OLD_NS + 1))


def renamed(root: Path) -> None:
    (root / "a/1.png").rename(root / "a/4.png")


def linked_elsewhere(root: Path) -> None:
    other = aged(folder(root.parent / "other", ["1.png", "2.png"]))
    shutil.rmtree(root / "a")
    (root / "a").symlink_to(other)
    os.utime(root, ns=(OLD_NS, OLD_NS))


@pytest.mark.parametrize(
    "change",
    [
        lambda root: save(root / "a/5.png", noise(5)),
        lambda root: (root / "b/3.png").unlink(),
        renamed,
        lambda root: touched(root, "a/1.png", 7),
        lambda root: os.utime(root / "a/1.png", ns=(OLD_NS, OLD_NS + 1)),
        lambda root: folder(root, ["c/6.png"]),
        lambda root: shutil.rmtree(root / "a"),
        lambda root: (root / "notes.txt").write_text("others count too"),
        linked_elsewhere,
    ],
    ids=["added", "removed", "renamed", "overwritten", "time", "folder", "folder removed", "others", "link"],
)
def test_every_change_is_noticed(root: Path, change: Callable[[Path], object]) -> None:
    first = survey(str(root))
    _ = first.headers
    change(root)
    found = survey(str(root))
    fresh = Survey(str(root)).listing
    assert found is not first
    assert (found.listing.names, found.listing.stamp) == (fresh.names, fresh.stamp)
    assert found.listing.others == fresh.others


def test_what_is_new_is_listed_again(tmp_path: Path) -> None:
    """Within the resolution of a file system's times another change might not be noticed."""
    root = folder(tmp_path / "new", ["1.png"])
    assert survey(str(root)).listing is not survey(str(root)).listing


def place_of(kind: str, root: Path) -> str | tuple[str, ...]:
    """A path of this kind beside or in the folder."""
    if kind == "zip":
        return str(aged(zipped(root, root.parent / "a.zip")))
    if kind == "npz":
        np.savez(root.parent / "a.npz", x=np.zeros((3, 8, 8), np.uint8))
        return str(aged(root.parent / "a.npz"))
    if kind == "list":
        (root.parent / "list.txt").write_text("root/a/1.png\nroot/b/3.png\n")
        return str(aged(root.parent / "list.txt"))
    return str(root / "a" / "*.png") if kind == "pattern" else (str(root / "a"), str(root / "b" / "3.png"))


CHANGES: dict[str, Callable[[Path], object]] = {
    "zip": lambda root: zipped(folder(root.parent / "more", ["x.png"]), root.parent / "a.zip"),
    "npz": lambda root: np.savez(root.parent / "a.npz", x=np.zeros((4, 8, 8), np.uint8)),
    "list": lambda root: (root.parent / "list.txt").write_text("root/a/1.png\n"),
    "pattern": lambda root: save(root / "a/9.png", noise(9)),
    "several": lambda root: (root / "a/1.png").unlink(),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_other_kinds_are_listed_once_and_noticed(root: Path, kind: str) -> None:
    path = place_of(kind, root)
    first = survey(path)
    _ = first.listing
    assert survey(path) is first
    CHANGES[kind](root)
    assert survey(path) is not first


def test_a_pattern_that_matches_more_is_noticed(root: Path) -> None:
    pattern = str(root / "*" / "*.png")
    first = survey(pattern)
    assert len(first.listing.names) == 3
    aged(folder(root, ["c/7.png"]))
    assert len(survey(pattern).listing.names) == 4


def test_a_list_with_other_spellings_is_read_each_time(root: Path) -> None:
    (root / "list.txt").write_text('"a/1.png"\n')
    aged(root / "list.txt")
    first = survey(str(root / "list.txt"))
    assert first.listing.names == ("a/1.png",)
    assert survey(str(root / "list.txt")) is not first


def test_headers_are_read_again_where_the_machine_may_be_at_fault(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = survey(str(root))
    with monkeypatch.context() as patch:
        late = decode_pool.DecodeAnswer(b"", decode_pool.CRASHED)
        patch.setattr("ganvas.ingest.scan.answers", lambda task, places, **options: iter([late] * len(places)))
        assert len(first.headers.broken) == 3
    assert survey(str(root)).headers.broken == {}


def test_few_surveys_are_remembered(tmp_path: Path) -> None:
    roots = [aged(folder(tmp_path / name, numbered(1))) for name in "abcdefgh"[: REMEMBERED + 1]]
    first = [survey(str(root)) for root in roots]
    assert all(each.listing.names for each in first)
    assert survey(str(roots[-1])) is first[-1]
    assert survey(str(roots[0])) is not first[0]
