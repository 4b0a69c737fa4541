"""The cache: whole entries or none, one maker at a time, room for nothing torn."""

import errno
import json
import os
import threading
import time
from pathlib import Path

import pytest

from ganvas.base.errors import GanvasWarning, ResourceError, UsageError
from ganvas.cli.main import main
from ganvas.ingest import cache

A, B, ABC, ABD, FED = (begin.ljust(32, "0") for begin in ("a", "b", "abc", "abd", "fed"))  # keys are hexadecimal
DEAD = f".{'dead'.ljust(64, '0')}.1.new"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def fill(folder: Path) -> dict[str, object]:
    (folder / "x.npy").write_bytes(bytes(1000))
    return {"path": "somewhere"}


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GANVAS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.root() == tmp_path / "xdg" / "ganvas"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert cache.root() == tmp_path / "me" / ".cache" / "ganvas"


def test_made_once(place: Path) -> None:
    assert cache.find(A) is None
    assert cache.entries() == []
    made = cache.get_or_make(A, fill)
    assert (made.folder, made.facts["path"], made.bytes) == (place / A, "somewhere", 1000)
    again = cache.get_or_make(A, lambda folder: pytest.fail("it was there"))
    assert again == cache.find(A) == made
    assert [entry.folder for entry in cache.entries()] == [place / A]


@pytest.mark.parametrize("damage", ["cut", "gone", "facts gone", "facts torn", "facts odd"])
def test_a_damaged_entry_is_made_again(place: Path, damage: str) -> None:
    cache.get_or_make(A, fill)
    if damage == "cut":
        os.truncate(place / A / "x.npy", 999)
    elif damage == "gone":
        (place / A / "x.npy").unlink()
    elif damage == "facts gone":
        (place / A / "entry.json").unlink()
    else:
        (place / A / "entry.json").write_text('{"files"' if damage == "facts torn" else "[1]")
    assert cache.find(A) is None
    assert cache.entries() == []
    made: list[Path] = []
    cache.get_or_make(A, lambda folder: made.append(folder) or fill(folder))  # type: ignore[func-returns-value]
    assert len(made) == 1
    assert cache.find(A) is not None


@pytest.mark.parametrize("where", ["make", "fsync"])
def test_a_full_disk_leaves_nothing(place: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def full(*rest: object) -> dict[str, object]:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        if where == "fsync":
            patch.setattr(os, "fsync", full)
        with pytest.raises(ResourceError, match="No space left on device") as caught:
            cache.get_or_make(A, full if where == "make" else fill)
    assert "GANVAS_CACHE" in str(caught.value)
    assert caught.value.exit_code == 5
    assert [file.name for file in place.iterdir() if not file.name.endswith(".lock")] == []
    assert cache.get_or_make(A, fill)


def test_a_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "file"))
    with pytest.raises(ResourceError, match="cannot write decoded pictures"):
        cache.get_or_make(A, fill)


def test_what_a_killed_maker_left_is_removed(place: Path) -> None:
    (place / f".{A}.1.new").mkdir(parents=True)
    (place / f".{A}.1.new" / "rows.bin").write_bytes(bytes(10))
    cache.get_or_make(A, fill)
    assert not (place / f".{A}.1.new").exists()


def test_two_makers_make_it_once() -> None:
    made: list[int] = []

    def slowly(folder: Path) -> dict[str, object]:
        time.sleep(0.2)
        made.append(1)
        return fill(folder)

    threads = [threading.Thread(target=cache.get_or_make, args=(A, slowly)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS])
def test_a_disk_without_locks_will_do(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def unknown(*rest: object) -> dict[str, object]:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", unknown)
    assert cache.get_or_make(A, fill) == cache.find(A)
    with pytest.raises(ResourceError, match=os.strerror(number)):  # what the making itself meets is still said
        cache.get_or_make(B, unknown)


def test_what_is_being_made_is_not_cleared(place: Path) -> None:
    cache.get_or_make(ABC, fill)

    def clearing(folder: Path) -> dict[str, object]:
        (place / DEAD).mkdir()
        assert cache.clear() == 1
        assert folder.is_dir()
        assert not (place / DEAD).exists()
        return fill(folder)

    cache.get_or_make(FED, clearing)
    assert [entry.folder.name for entry in cache.entries()] == [FED]


def test_clear(place: Path) -> None:
    for key in (ABC, ABD, FED):
        cache.get_or_make(key, fill)
    with pytest.raises(UsageError, match="2 entries"):
        cache.clear("ab")
    with pytest.raises(UsageError, match="no entries"):
        cache.clear("9")
    assert cache.clear("abc") == 1
    assert [entry.folder.name for entry in cache.entries()] == [ABD, FED]
    (place / DEAD).mkdir()
    assert cache.clear() == 2
    assert [file.name for file in place.iterdir() if file.is_dir()] == []
    assert cache.clear() == 0


@pytest.fixture
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No cache is named, and the home folder cannot be made; returns the folder of temporary files."""
    for name in ("GANVAS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file" / "me"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    cache.in_home.cache_clear()
    return tmp_path / "temporary"


def test_without_a_home_the_cache_is_temporary_and_the_users_own(no_home: Path) -> None:
    with pytest.warns(GanvasWarning, match="GANVAS_CACHE"):
        place = cache.root()
    assert place.parent == no_home
    assert place.stat().st_mode & 0o077 == 0
    assert cache.root() == place, "it is said once"
    cache.in_home.cache_clear()
    with pytest.warns(GanvasWarning):
        assert cache.root() == place, "another process finds the same"
    assert cache.get_or_make(A, fill).folder.parent == place


def test_a_user_without_a_home_has_one_too(no_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as Python answers where nobody knows the user
    with pytest.warns(GanvasWarning):
        assert cache.root().parent == no_home


@pytest.mark.parametrize("taken", ["file", "link", "open folder"])
def test_a_folder_that_others_have_prepared_is_not_used(taken: str, no_home: Path) -> None:
    place = no_home / f"ganvas-{os.getuid()}"
    if taken == "link":
        (no_home / "theirs").mkdir()
        place.symlink_to(no_home / "theirs")
    elif taken == "file":
        place.touch()
    else:
        place.mkdir()
        place.chmod(0o777)
    with pytest.warns(GanvasWarning):
        found = cache.root()
    assert found.parent == no_home
    assert found != place
    assert found.stat().st_mode & 0o077 == 0


def test_the_command_says_it_in_one_sentence(
    no_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["ganvas", "data", "list"])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    assert not end.value.code
    assert str(no_home) in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_what_is_not_of_the_cache_is_left_alone(place: Path) -> None:
    """GANVAS_CACHE may be a folder that holds other things too."""
    cache.get_or_make(ABC, fill)
    others = ("photos", "abc", "0" * 31, "0" * 33, f"{A}.good", f".{A}", ".git")
    for name in others:
        (place / name).mkdir()
        (place / name / "entry.json").write_text('{"files": {}}')
    assert [entry.folder.name for entry in cache.entries()] == [ABC]
    with pytest.raises(UsageError, match="no entries"):
        cache.clear("photos")
    assert cache.clear() == 1
    assert sorted(path.name for path in place.iterdir() if path.is_dir()) == sorted(others)


def test_links_among_the_entries_are_not_followed(place: Path, tmp_path: Path) -> None:
    outside = cache.get_or_make(A, fill).folder.rename(tmp_path / "outside")
    for name in (A, FED, DEAD):
        (place / name).symlink_to(outside)
    assert cache.find(A) is None
    assert cache.entries() == []
    assert cache.get_or_make(A, fill).folder == place / A
    assert not (place / A).is_symlink()
    assert cache.clear() == 2
    assert [path for path in place.iterdir() if not path.name.endswith(".lock")] == []
    assert sorted(path.name for path in outside.iterdir()) == ["entry.json", "x.npy"]


@pytest.mark.parametrize("name", ["x.npy", "entry.json"])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_an_entry_with_a_link_or_a_pipe_for_a_file_is_made_again(
    place: Path, tmp_path: Path, name: str, kind: str
) -> None:
    cache.get_or_make(A, fill)
    outside = (place / A / name).rename(tmp_path / "outside")
    content = outside.read_bytes()
    if kind == "link":
        (place / A / name).symlink_to(outside)
    elif kind == "pipe":
        os.mkfifo(place / A / name)
    else:
        (place / A / name).mkdir()
    assert cache.find(A) is None
    cache.get_or_make(A, fill)
    assert cache.find(A) is not None
    assert outside.read_bytes() == content


@pytest.mark.parametrize("name", ["../outside", "/dev/null", "..", "", "deeper/x.npy"])
def test_facts_that_name_files_elsewhere_are_unsound(place: Path, name: str) -> None:
    cache.get_or_make(A, fill)
    (place / "outside").write_bytes(b"")
    (place / A / "entry.json").write_text(json.dumps({"files": {name: 0}}))
    assert cache.find(A) is None


def test_a_lock_that_is_a_link_is_not_opened(place: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("precious")
    place.mkdir()
    lock = place / f".{A[:2]}.lock"
    lock.symlink_to(tmp_path / "outside")
    with pytest.raises(ResourceError, match="link"):
        cache.get_or_make(A, fill)
    assert (tmp_path / "outside").read_text() == "precious"
    lock.unlink()
    os.mkfifo(lock)
    with pytest.raises(ResourceError):
        cache.get_or_make(A, fill)
