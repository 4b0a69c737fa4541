"""The cache: whole entries or none, one maker at a time, room for nothing torn."""

import errno
import os
import threading
import time
from pathlib import Path

import pytest

from ganvas.base.errors import GanvasWarning, ResourceError, UsageError
from ganvas.cli.main import main
from ganvas.data import cache


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
    assert cache.find("a") is None
    assert cache.entries() == []
    made = cache.made("a", fill)
    assert (made.folder, made.facts["path"], made.bytes) == (place / "a", "somewhere", 1000)
    again = cache.made("a", lambda folder: pytest.fail("it was there"))
    assert again == cache.find("a") == made
    assert [entry.folder for entry in cache.entries()] == [place / "a"]


@pytest.mark.parametrize("damage", ["cut", "gone", "facts gone", "facts torn", "facts odd"])
def test_a_damaged_entry_is_made_again(place: Path, damage: str) -> None:
    cache.made("a", fill)
    if damage == "cut":
        os.truncate(place / "a" / "x.npy", 999)
    elif damage == "gone":
        (place / "a" / "x.npy").unlink()
    elif damage == "facts gone":
        (place / "a" / "entry.json").unlink()
    else:
        (place / "a" / "entry.json").write_text('{"files"' if damage == "facts torn" else "[1]")
    assert cache.find("a") is None
    assert cache.entries() == []
    made: list[Path] = []
    cache.made("a", lambda folder: made.append(folder) or fill(folder))  # type: ignore[func-returns-value]
    assert len(made) == 1
    assert cache.find("a") is not None


@pytest.mark.parametrize("where", ["make", "fsync"])
def test_a_full_disk_leaves_nothing(place: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def full(*rest: object) -> dict[str, object]:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        if where == "fsync":
            patch.setattr(os, "fsync", full)
        with pytest.raises(ResourceError, match="No space left on device") as caught:
            cache.made("a", full if where == "make" else fill)
    assert "GANVAS_CACHE" in str(caught.value)
    assert caught.value.exit_code == 5
    assert [file.name for file in place.iterdir() if not file.name.endswith(".lock")] == []
    assert cache.made("a", fill)


def test_a_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "file"))
    with pytest.raises(ResourceError, match="cannot write decoded pictures"):
        cache.made("a", fill)


def test_what_a_killed_maker_left_is_removed(place: Path) -> None:
    (place / ".a.1.new").mkdir(parents=True)
    (place / ".a.1.new" / "rows.bin").write_bytes(bytes(10))
    cache.made("a", fill)
    assert not (place / ".a.1.new").exists()


def test_two_makers_make_it_once() -> None:
    made: list[int] = []

    def slowly(folder: Path) -> dict[str, object]:
        time.sleep(0.2)
        made.append(1)
        return fill(folder)

    threads = [threading.Thread(target=cache.made, args=("a", slowly)) for _ in range(3)]
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
    assert cache.made("a", fill) == cache.find("a")
    with pytest.raises(ResourceError, match=os.strerror(number)):  # what the making itself meets is still said
        cache.made("b", unknown)


def test_what_is_being_made_is_not_cleared(place: Path) -> None:
    cache.made("abc", fill)

    def clearing(folder: Path) -> dict[str, object]:
        (place / ".dead.1.new").mkdir()
        assert cache.clear() == 1
        assert folder.is_dir()
        assert not (place / ".dead.1.new").exists()
        return fill(folder)

    cache.made("xyz", clearing)
    assert [entry.folder.name for entry in cache.entries()] == ["xyz"]


def test_clear(place: Path) -> None:
    for key in ("abc", "abd", "xyz"):
        cache.made(key, fill)
    with pytest.raises(UsageError, match="2 entries"):
        cache.clear("ab")
    with pytest.raises(UsageError, match="no entries"):
        cache.clear("q")
    assert cache.clear("abc") == 1
    assert [entry.folder.name for entry in cache.entries()] == ["abd", "xyz"]
    (place / ".dead.1.new").mkdir()
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
    assert cache.made("a", fill).folder.parent == place


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


def test_the_command_says_it_in_one_sentence(no_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["ganvas", "data", "list"])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    assert not end.value.code
    assert str(no_home) in said.err
    assert len(said.err.strip().splitlines()) == 1
