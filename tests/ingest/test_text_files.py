"""What kind of text a file holds, and how it is read."""

import os
from pathlib import Path

import pytest

from ganvas.base.errors import DataError, UsageError
from ganvas.ingest.text_files import looks_like_table, read_text


@pytest.mark.parametrize(
    ("name", "text", "table"),
    [
        ("adult.csv", "39, State-gov, 77516\n50, Self-emp, 83311\n", True),
        ("adult.data", "39, State-gov, 77516\n50, Self-emp, 83311\n", True),
        ("points.txt", "0.5 1e-3\n-2 nan\n", True),
        ("one.txt", "x\n1\n2\n", True),
        ("excel.csv", "sep;comma\n1,5;2,5\n", True),
        ("tabs.tsv", "a\tb\n1\t2\n", True),
        ("labels.csv", "file,label\na.png,cat\nb.png,dog\n", True),
        ("list.txt", "a.png\nb.JPG\n# a comment, with a comma\n", False),
        ("list.csv", "filename\na.png\nb.png\n", False),
        ("commas.txt", "a, b.png\nc, d.png\n", False),
        ("quoted.txt", '"a.png"\n"b.png"\n', False),
        ("shards.txt", "a-{000..010}.tar\n", False),
        ("poem.txt", "to be\nor not to be\n", False),
        ("empty.csv", "", False),
        ("a.png", "1,2\n", False),
    ],
)
def test_tables_are_not_lists_of_pictures(tmp_path: Path, name: str, text: str, table: bool) -> None:
    (tmp_path / name).write_text(text)
    assert looks_like_table(tmp_path / name) is table


def test_a_long_table_is_judged_by_its_whole_lines(tmp_path: Path) -> None:
    (tmp_path / "long.data").write_text("1.25,2.5,word\n" * 20_000)
    assert looks_like_table(str(tmp_path / "long.data"))


def test_what_is_no_text_is_no_table(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "bytes.csv").write_bytes(bytes(range(256)))
    for name in ("pipe.csv", "bytes.csv", "missing.csv", "."):
        assert not looks_like_table(tmp_path / name)
    assert not looks_like_table("/dev/zero")


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
    assert looks_like_table(tmp_path / "c.csv")


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
