"""Pairs of texts: numbers and how they are said, and files of two columns."""

from pathlib import Path

import pytest

from ganvas.base.errors import DataError
from ganvas.data.number_pairs import NumberPairs, chinese_number
from ganvas.data.spelled_numbers import spelled_number
from ganvas.data.text_pairs_file import TextPairsFile, read_pairs
from ganvas.ingest.text_cells import has_pairs_header


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "零"),
        (7, "七"),
        (10, "十"),
        (14, "十四"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1_000, "一千"),
        (2_007, "二千零七"),
        (2_070, "二千零七十"),
        (10_000, "一万"),
        (42_305, "四万二千三百零五"),
        (40_305, "四万零三百零五"),
        (100_010, "十万零一十"),
        (230_000, "二十三万"),
        (999_999, "九十九万九千九百九十九"),
    ],
)
def test_numbers_in_chinese(number: int, text: str) -> None:
    assert chinese_number(number) == text


def test_pairs_of_numbers() -> None:
    assert len({chinese_number(number) for number in range(20_000)}) == 20_000
    for language, say in (("english", spelled_number), ("chinese", chinese_number)):
        source = NumberPairs(language=language, samples=300)  # type: ignore[arg-type]
        splits = [source.items(split) for split in ("train", "val", "test")]
        assert [len(each) for each in splits] == [200, 50, 50]
        for items in splits:
            assert list(items.x) == [say(int(question)) for question in items.given["question"]]
        assert len({question for items in splits for question in items.given["question"]}) == 300


def pairs_of(path: Path, content: str | bytes, **options: object) -> list[tuple[str, str]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read_pairs(TextPairsFile(str(path), **options)).splits  # type: ignore[arg-type]
    return sorted(pair for pairs in found.values() for pair in pairs)


ROWS = [(f"{number}", f"is {number}, {number}") for number in range(40)]


def test_columns_and_headers(tmp_path: Path) -> None:
    wanted = sorted(ROWS)
    tabs = "\n".join("\t".join(row) for row in ROWS)
    assert pairs_of(tmp_path / "a.tsv", tabs) == wanted
    assert pairs_of(tmp_path / "a.tsv", f"Source\tTarget\n\n{tabs}\n") == wanted
    quoted = "\n".join(f'{question},"{answer}"' for question, answer in ROWS)
    assert pairs_of(tmp_path / "b.csv", f"question,answer\n{quoted}") == wanted
    assert pairs_of(tmp_path / "b.csv", f"question,answer\n{quoted}".encode("utf-16")) == wanted
    third = "\n".join(f'x,"{answer}",{question}' for question, answer in ROWS)
    assert pairs_of(tmp_path / "c.csv", f"a,b,c\n{third}", columns=("C", "b")) == wanted
    assert has_pairs_header(tmp_path / "b.csv")
    assert not has_pairs_header(tmp_path / "c.csv")
    assert not has_pairs_header(tmp_path)
    assert not has_pairs_header(tmp_path / "missing.csv")


def test_pairs_of_one_question_are_in_one_split(tmp_path: Path) -> None:
    path = tmp_path / "twice.tsv"
    path.write_text("\n".join(f"{n % 300}\t{n}" for n in range(600)) + "\nno answer\t \n")
    source = TextPairsFile(str(path))
    found = read_pairs(source)
    assert found.incomplete == 1
    assert [len(pairs) for pairs in found.splits.values()] == [400, 100, 100]
    questions = [{question for question, _ in pairs} for pairs in found.splits.values()]
    assert sum(map(len, questions)) == 300
    items = source.items("val")
    assert list(zip(items.given["question"], items.x, strict=True)) == found.splits["val"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 pairs of different questions"),
        (b"\n\n", "0 pairs"),
        (b"a\tb\n" * 50, "1 pair of different questions"),
        (b"a,b\nc,d,e\n", "row 2 has 3 cells"),
        (b"a\tb\nc\n", "row 2 has 1 cell"),
        (b"a,b\nc,\0\n", "NUL"),
        (b'a,"' + b"x" * 200_000 + b'"\n', "cannot read the rows"),
        (b"a\t" + b"x" * 2_000_000 + b"\n", "longer than 1,048,576 characters"),
        ("a\tgröße\n".encode() + "b\tgröße\n".encode("latin-1"), "not text in UTF-8"),
    ],
)
def test_what_pairs_cannot_be(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "pairs.tsv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        TextPairsFile(str(tmp_path / "pairs.tsv")).items("train")


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("a,b\nc,d\n")
    for columns in (("a", "x"), ("a",)):
        with pytest.raises(DataError, match="no two columns"):
            TextPairsFile(str(tmp_path / "pairs.csv"), columns=columns).items("train")
