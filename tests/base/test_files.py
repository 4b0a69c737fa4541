"""Files that somebody else may have prepared."""

import os
import socket
from pathlib import Path

import pytest

from ganvas.base.files import NotRegular, TooLarge, kind_of, open_regular, read_regular, remove_folder


def test_a_regular_file_is_read_and_written_as_open_does(tmp_path: Path) -> None:
    file = tmp_path / "a"
    with open_regular(file, "w", encoding="utf-8") as out:
        out.write("one\n")
    with open_regular(file, "ab") as out:
        out.write(b"two\n")
    with open_regular(file, "r", encoding="utf-8") as text:
        assert text.read() == "one\ntwo\n"
    assert read_regular(file, 8) == b"one\ntwo\n"
    with open_regular(file, "wb") as out:
        out.write(b"x")
    assert file.read_bytes() == b"x"


def test_what_is_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"123456789")
    assert read_regular(tmp_path / "a", 9) == b"123456789"
    with pytest.raises(TooLarge, match="8"):
        read_regular(tmp_path / "a", 8)
    with pytest.raises(TooLarge):  # its size is said to be 0
        read_regular("/proc/self/status", 8)


@pytest.mark.parametrize("mode", ["rb", "wb", "ab", "r+b"])
def test_a_pipe_a_socket_a_folder_and_a_device_are_refused_at_once(tmp_path: Path, mode: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name in ("pipe", "folder", "socket"):
            with pytest.raises(OSError):  # noqa: PT011  NotRegular, or the system's own error: ENXIO, EISDIR
                open_regular(tmp_path / name, mode)
    with pytest.raises(NotRegular, match="a device"):
        open_regular("/dev/zero", mode)


def test_a_link_is_followed_unless_the_file_must_lie_inside_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outside").write_bytes(b"precious")
    run = tmp_path / "run"
    (run / "real").mkdir(parents=True)
    (run / "real" / "file").write_bytes(b"in")
    (run / "link").symlink_to(tmp_path / "outside")
    (run / "folder").symlink_to(tmp_path)
    assert read_regular(run / "link", 99) == b"precious"
    for mode in ("rb", "wb", "ab"):
        for name in ("link", "folder/outside"):
            with pytest.raises(NotRegular, match="a link"):
                open_regular(run / name, mode, inside=run)
        with pytest.raises(NotRegular, match="outside"):
            open_regular(tmp_path / "outside", mode, inside=run)
    assert (tmp_path / "outside").read_bytes() == b"precious"
    assert read_regular(run / "real" / "file", 2, inside=run) == b"in"
    monkeypatch.chdir(tmp_path)
    assert read_regular(Path("run/real/file"), 2, inside=Path("run")) == b"in"
    (tmp_path / "alias").symlink_to(run)  # the way to the folder itself may be a link
    assert read_regular(tmp_path / "alias" / "real" / "file", 2, inside=tmp_path / "alias") == b"in"


def test_what_stands_at_a_path_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    found = {name: kind_of(tmp_path / name) for name in ("pipe", "file", "link", ".", "none", "file/below")}
    assert found == {
        "pipe": "a pipe",
        "file": "a regular file",
        "link": "a link",
        ".": "a folder",
        "none": "",
        "file/below": "",
    }


def test_a_folder_is_deleted_and_nothing_that_links_lead_to(tmp_path: Path) -> None:
    outside, run = tmp_path / "outside", tmp_path / "run"
    (outside / "folder").mkdir(parents=True)
    (outside / "folder" / "file").write_bytes(b"precious")
    (run / "own").mkdir(parents=True)
    (run / "own" / "link").symlink_to(outside)
    (run / "file").write_bytes(b"")
    (run / "alias").symlink_to(outside)
    remove_folder(run / "own", inside=run)
    assert not (run / "own").exists()
    for name in ("alias", "alias/folder", "file", "../outside"):
        with pytest.raises(NotRegular):
            remove_folder(run / name, inside=run)
    with pytest.raises(FileNotFoundError):
        remove_folder(run / "none", inside=run)
    assert (outside / "folder" / "file").read_bytes() == b"precious"
