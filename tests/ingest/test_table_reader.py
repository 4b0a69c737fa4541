"""Tables of numbers as people have them: separators, decimal commas, encodings, headers, missing cells, and files that
are none.
"""

import gzip
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from ganvas.base.errors import DataError, UsageError
from ganvas.data.csv import Csv, usable_part
from ganvas.data.custom_table import table_messages
from ganvas.ingest import encoded_text, table_reader
from ganvas.ingest.table_reader import read_table
from ganvas.ingest.text_kind import is_table

ROWS = [(place, place / 7 - 3) for place in range(40)]


def written(folder: Path, content: str | bytes, name: str = "data.csv") -> Csv:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Csv(str(path))


def lines(separator: str = ",", comma: bool = False) -> str:
    cells = [(str(one), f"{other:.3f}".replace(".", "," if comma else ".")) for one, other in ROWS]
    return "".join(f"{separator.join(row)}\n" for row in cells)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(
    ("separator", "comma"),
    [(",", False), (";", False), (";", True), ("\t", False), ("\t", True), ("|", False), (" ", True), ("   ", False)],
)
def test_separators_and_decimal_commas_are_told_from_the_file(
    tmp_path: Path, separator: str, comma: bool, header: bool
) -> None:
    source = written(tmp_path, (f"one{separator}other\n" if header else "") + lines(separator, comma))
    found = read_table(Path(source.path))
    assert found.dialect.separator == separator[0]
    assert found.names == (("one", "other") if header else ("", ""))
    np.testing.assert_allclose(found.x, np.array(ROWS), atol=5e-4)
    assert is_table(source.path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    source = written(tmp_path, ("größe,prix\n" + lines()).encode(encoding))
    named = "" if encoding.startswith("utf") else encoding
    assert read_table(Path(source.path), named).names == ("größe", "prix")
    if named:
        with pytest.raises(DataError, match="--encoding latin-1"):
            source.items("train")
    assert is_table(source.path)


def test_there_is_no_such_encoding(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="utf-9"):
        read_table(Path(written(tmp_path, lines()).path), "utf-9")
    with pytest.raises(UsageError, match="zlib"):
        read_table(Path(written(tmp_path, lines()).path), "zlib")


def test_a_compressed_table_is_the_same(tmp_path: Path) -> None:
    plain = written(tmp_path, "a,b\n" + lines())
    packed = written(tmp_path, gzip.compress(Path(plain.path).read_bytes()), "data.csv.gz")
    assert is_table(packed.path)
    assert packed.items("train").fingerprint == plain.items("train").fingerprint
    damaged = written(tmp_path, gzip.compress(Path(plain.path).read_bytes())[:-12], "damaged.csv.gz")
    with pytest.raises(DataError, match="cannot read"):
        damaged.items("train")


def test_columns_keep_their_names_and_can_be_chosen(tmp_path: Path) -> None:
    source = written(tmp_path, "a, b ,b,,\n" + "".join(f"{place},{place},2,3,\n" for place in range(30)))
    assert source.items("train").columns == ("a", "b", "b (2)", "")
    assert usable_part(Csv(source.path, columns=("b", "4"))).table.label(3) == "column 4"
    chosen = Csv(source.path, columns=("4", "a")).items("train")
    assert chosen.columns == ("", "a")
    assert set(chosen.x[:, 0]) == {3}
    with pytest.raises(UsageError, match="'c'"):
        Csv(source.path, columns=("c",)).items("train")
    assert any("4 columns are kept, 1 left out: column 5" in said for said in table_messages(source))


def test_a_header_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    source = written(tmp_path, "\x1b[31mred,b\n" + lines() + "1,\x1b]0;x\x07\n")
    with pytest.raises(DataError, match="line 42 column 2") as caught:
        source.items("train")
    assert "\x1b" not in str(caught.value)
    assert read_table(Path(source.path)).names == ("?[31mred", "b")


def test_columns_of_text_are_named_and_the_way_on_is_said(tmp_path: Path) -> None:
    rows = "".join(f"{place}, some,{place},x{place}\n" for place in range(30))
    source = written(tmp_path, "age,job,pay,note\n" + rows)
    with pytest.raises(DataError) as caught:
        source.items("train")
    assert "job, note" in str(caught.value)
    assert "'source.columns=[age, pay]'" in caught.value.hint
    assert Csv(source.path, columns=("age", "pay")).items("train").x.shape == (24, 2)


def test_a_long_list_of_wrong_cells_is_cut_at_ten(tmp_path: Path) -> None:
    source = written(tmp_path, "".join(f"{place},{'x' if place % 3 == 1 else 1}\n" for place in range(90)))
    with pytest.raises(DataError, match=r"30 cells.*line 2 column 2.*and 20 more") as caught:
        source.items("train")
    assert str(caught.value).count("line ") == 10
    ragged = written(tmp_path, "1,2\n" + "1,2,3\n" * 50 + "1,2\n" * 60)
    with pytest.raises(DataError, match=r"50 rows.*line 2 has 3.*and 40 more"):
        ragged.items("train")


def test_rows_with_missing_cells_are_left_out_when_asked_and_said(tmp_path: Path) -> None:
    cells = ["", "NA", "nan", "?"]
    rows = [f"{place},{cells[place // 10] if place % 10 == 0 and place < 40 else 5 * place}" for place in range(100)]
    source = written(tmp_path, "a,b\n" + "\n".join(rows))
    with pytest.raises(DataError, match=r"4 rows of 100 have missing cells.*line 2 column 2") as caught:
        source.items("train")
    assert "source.missing=0.04" in caught.value.hint
    with pytest.raises(DataError):
        Csv(source.path, missing=0.03).items("train")
    whole = Csv(source.path, missing=0.04)
    assert sum(len(whole.items(split)) for split in ("train", "val", "test")) == 96
    assert any("4 rows are left out" in said and "b (4)" in said for said in table_messages(whole))


def test_two_ways_of_writing_numbers_are_refused(tmp_path: Path) -> None:
    source = written(tmp_path, "1,5;2\n" * 30 + "1.234;2\n" * 30)
    with pytest.raises(DataError, match=r"1,5.*1\.234"):
        source.items("train")


@pytest.mark.parametrize("word", ["1_000", "٣", "infinity", "1e39", "0x10"])
def test_what_only_python_takes_for_a_number_is_none(tmp_path: Path, word: str) -> None:
    source = written(tmp_path, lines() + f"1,{word}\n")
    with pytest.raises(DataError, match="line 41 column 2"):
        source.items("train")


def test_large_numbers_keep_their_digits(tmp_path: Path) -> None:
    values = [1_700_000_000.25 + place for place in range(30)]
    source = written(tmp_path, "\n".join(map(repr, values)))
    np.testing.assert_array_equal(read_table(Path(source.path)).x[:, 0], values)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero"), tmp_path):
        with pytest.raises(DataError, match="not a regular file"):
            Csv(str(path)).items("train")


def test_memory_stays_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A packed file that swells, a line without end, and more cells than are read."""
    monkeypatch.setattr(encoded_text, "LARGEST", 2**18)
    bomb = written(tmp_path, gzip.compress(b"1,2\n" * 2**17), "bomb.csv.gz")
    line = written(tmp_path, b"1" * 2**21, "line.csv")
    large = written(tmp_path, b"1,2\n" * 2**16 + b"1,2\n", "large.csv")
    tracemalloc.start()
    for source, said in ((bomb, "262,144 bytes"), (large, "262,148 bytes")):
        with pytest.raises(DataError, match=said):
            source.items("train")
    assert tracemalloc.get_traced_memory()[1] < 50 * 2**18
    monkeypatch.setattr(encoded_text, "LARGEST", 2**21)
    with pytest.raises(DataError, match="a line is longer"):
        line.items("train")
    assert tracemalloc.get_traced_memory()[1] < 50 * 2**21
    tracemalloc.stop()
    monkeypatch.setattr(table_reader, "MOST_CELLS", 50)
    with pytest.raises(DataError, match="more than 50 cells"):
        written(tmp_path, lines()).items("train")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    source = written(tmp_path, lines())
    before = source.items("train").fingerprint
    written(tmp_path, lines() + "1,2\n")
    assert source.items("train").fingerprint != before
