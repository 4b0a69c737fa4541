"""Tables, lists of pictures and other text files are distinguished by one function."""

import gzip
import os
from pathlib import Path

import pytest

from ganvas.ingest.text_kind import is_table, text_kind


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("adult.csv", "39, State-gov, 77516\n50, Self-emp, 83311\n", "table"),
        ("adult.data", "39, State-gov, 77516\n50, Self-emp, 83311\n", "table"),
        ("points.txt", "0.5 1e-3\n-2 nan\n", "table"),
        ("numbers.dat", "1 2\n3 4\n", "table"),
        ("one.txt", "x\n1\n2\n", "table"),
        ("excel.csv", "sep;comma\n1,5;2,5\n", "table"),
        ("tabs.tsv", "a\tb\n1\t2\n", "table"),
        ("tabs.TAB", "a\tb\nx\ty\n", "table"),
        ("people.csv", "name,job\nAda,poet\n", "table"),
        ("empty.csv", "", "table"),
        ("empty.txt", "", ""),
        ("labels.csv", "file,label\na.png,cat\nb.png,dog\n", "columns"),
        ("second.csv", "1,a.png,cat\n2,b.png,dog\n", "columns"),
        ("labels.txt", "file,label\na.png,cat\nb.png,dog\n", "columns"),
        ("words.txt", "Ada;poet\nBo;cook\n", "columns"),
        ("list.txt", "a.png\nb.JPG\n# a comment, with a comma\n", "list"),
        ("list.csv", "filename\na.png\nb.png\n", "list"),
        ("commas.txt", "a, b.png\nc, d.png\n", "list"),
        ("quoted.txt", '"a.png"\n"b.png"\n', "list"),
        ("shards.txt", "a-{000..010}.tar\n", "list"),
        ("poem.txt", "to be\nor not to be\n", ""),
        ("a.png", "1,2\n", ""),
        ("numbers.yaml", "1,2\n", ""),
    ],
)
def test_kinds(tmp_path: Path, name: str, text: str, kind: str) -> None:
    (tmp_path / name).write_text(text)
    assert text_kind(tmp_path / name) == kind
    assert is_table(str(tmp_path / name)) is (kind == "table")
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    assert text_kind(tmp_path / f"{name}.gz") == kind


def test_a_long_table_is_judged_by_its_whole_lines(tmp_path: Path) -> None:
    (tmp_path / "long.data").write_text("1.25,2.5,word\n" * 20_000)
    assert is_table(tmp_path / "long.data")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_every_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes("é,b\n1,2\n3,4\n".encode(encoding))
    assert is_table(tmp_path / "a.txt")


def test_what_cannot_be_read_is_judged_by_its_ending(tmp_path: Path) -> None:
    """Reading a .csv as a table says what is wrong with it; nothing here may block or be read without an end."""
    for ending, table in ((".csv", True), (".txt", False)):
        os.mkfifo(tmp_path / f"pipe{ending}")
        (tmp_path / f"bytes{ending}").write_bytes(bytes(range(256)))
        (tmp_path / f"cut{ending}.gz").write_bytes(gzip.compress(b"1,2\n" * 9)[:-12])
        for name in ("pipe", "bytes", "missing"):
            assert is_table(tmp_path / f"{name}{ending}") is table
        assert is_table(tmp_path / f"cut{ending}.gz") is table
    (tmp_path / "folder.csv").mkdir()
    assert not is_table(tmp_path / "folder.csv")
    assert not is_table("/dev/zero")
