"""What kind of text a file holds, and how it is read."""

import os
from pathlib import Path

import pytest

from ganvas.base.errors import DataError, UsageError
from ganvas.ingest.text_files import read_text


def test_a_text_is_read_in_its_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("é.png,café\n".encode("latin-1"))
    assert read_text(tmp_path / "a.csv", "labels", "latin-1") == "é.png,café\n"
    with pytest.raises(DataError, match="not UTF-8") as error:
        read_text(tmp_path / "a.csv", "labels")
    assert "--encoding latin-1" in error.value.hint
    (tmp_path / "b.csv").write_bytes("é".encode("utf-8-sig"))
    assert read_text(tmp_path / "b.csv", "labels") == "é"
    (tmp_path / "c.csv").write_bytes("é,1\n".encode("utf-16"))
    assert read_text(tmp_path / "c.csv", "labels", "utf-16") == "é,1\n"


@pytest.mark.parametrize("name", ["none-such", "rot13", "hex", "é"])
def test_an_unknown_encoding_is_a_usage_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.csv").write_text("a,b\n")
    with pytest.raises(UsageError, match=name):
        read_text(tmp_path / "a.csv", "labels", name)


@pytest.mark.parametrize("kind", ["pipe", "folder", "missing", "device"])
def test_only_regular_files_are_read(tmp_path: Path, kind: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="labels"):
        read_text(Path("/dev/zero") if kind == "device" else tmp_path / kind, "labels")
