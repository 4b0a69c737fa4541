"""Text: characters as people count them, lines there and back, and what the training split teaches."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError, UsageError
from ganvas.data.custom_text import is_text
from ganvas.data.source import Items
from ganvas.data.spelled_numbers import SpelledNumbers, spelled_number
from ganvas.data.text_lines import TextLines, as_array, usable_lines
from ganvas.domains.text import Text
from ganvas.domains.text_messages import vocabulary_messages
from ganvas.ingest.graphemes import graphemes
from ganvas.ops.sequences import END, PAD, UNKNOWN

POEM = ["床前明月光", "疑是地上霜", "舉頭望明月", "低頭思故鄉"]


def items(lines: list[str]) -> Items:
    return Items(x=as_array(lines))


@pytest.mark.parametrize(
    "wanted",
    [
        ["床", "前"],
        ["e\u0301\u0323", "q\u0303", "a"],
        ["👩‍👩‍👧", "👍🏽", "❤\ufe0f", "🇫🇷", "🇩🇪", "x"],
        ["한", "국", "\u1112\u1161\u11ab", "가\u11a8"],
        ["नि", "का"],
        ["\n", "\u0301"],
        ["1\ufe0f\u20e3", "2"],
    ],
)
def test_characters_are_what_people_count(wanted: list[str]) -> None:
    """Each is one match of \\X in the package regex 2026.11.19."""
    assert graphemes("".join(wanted)) == wanted


def test_lines_of_one_length_have_no_end() -> None:
    domain = Text().fit(items(POEM))
    assert (domain.tokens, domain.length, domain.ends) == ("characters", 5, False)
    assert domain.known[:3] == ("明", "月", "頭"), "the most frequent first, then by code point"
    x = domain.to_tensor(torch.from_numpy(domain.encode(items(POEM))))
    assert x.dtype == torch.int64
    assert (x >= 4).all()
    assert domain.texts(x) == POEM
    assert domain.fit(items(POEM)) == domain
    spec = domain.spec(items(POEM))
    assert (spec.shape, spec.settings["tokens"]) == ((5,), 4 + len(set("".join(POEM))))
    assert spec.sha256 != Text().fit(items(["床前明月書", *POEM[1:]])).spec(items(POEM)).sha256


def test_lines_of_several_lengths_end() -> None:
    lines = ["a bird sings", "a bird", "birds sing in a tree", "the tree sings to a bird"]
    domain = Text(longest=5).fit(items(lines))
    assert (domain.tokens, domain.length, domain.ends) == ("words", 5, True)
    x = domain.encode(items([*lines, "a lion sings"])).astype(int)
    assert x[1].tolist()[2:] == [END, PAD, PAD]
    assert END not in x[2].tolist()
    assert END not in x[3].tolist(), "a line that is cut off does not end"
    assert x[4].tolist()[1] == UNKNOWN
    assert list(domain.decode(torch.from_numpy(x))) == [*lines[:3], "the tree sings to a", "a \ufffd sings"]
    assert "1 training line is longer than 5" in " ".join(vocabulary_messages(domain, items(lines)))
    few = Text(most=2).fit(items(lines))
    assert few.known == ("a", "bird")
    assert "unknown" in " ".join(vocabulary_messages(few, items(lines)))


def test_a_prompt_is_in_the_vocabulary() -> None:
    domain = Text().fit(items(POEM))
    assert domain.prompt("床前").tolist() == [*domain.encode(items(["床前"]))[0, :2], 0, 0, 0]
    with pytest.raises(UsageError, match="'書'"):
        domain.prompt("書前")
    with pytest.raises(UsageError, match="6 tokens"):
        domain.prompt("床前明月光光")


def test_too_many_characters_are_refused() -> None:
    with pytest.raises(DataError, match="30,000 different characters"):
        Text(tokens="characters", longest=40_000).fit(items(["".join(map(chr, range(0x20000, 0x20000 + 30_000)))]))
    with pytest.raises(DataError, match="array of lines"):
        Text().fit(Items(x=np.zeros((3, 2), np.float32)))


def test_features_tell_texts_apart() -> None:
    domain = Text().fit(items(POEM))
    a, b, c = domain.features(torch.from_numpy(domain.encode(items([POEM[0], POEM[0], POEM[1]])).astype(np.int64)))
    assert torch.equal(a, b)
    assert (a - c).norm() > 0.1


def test_a_file_of_lines_is_split_by_what_they_are(tmp_path: Path) -> None:
    lines = [spelled_number(number) for number in range(300)]
    (tmp_path / "a.txt").write_text("\n".join(["  ", *lines, lines[0]]), encoding="utf-8")
    (tmp_path / "b.txt").write_bytes("\r\n".join([lines[0], *reversed(lines)]).encode("utf-16"))
    a, b = (TextLines(str(tmp_path / name)) for name in ("a.txt", "b.txt"))
    splits = [set(a.items(split).x) for split in ("train", "val", "test")]
    assert [len(each) for each in splits] == [200, 50, 50]
    assert set.union(*splits) == set(lines)
    assert a.items("train").fingerprint == b.items("train").fingerprint
    assert a.items("train").fingerprint != TextLines(str(tmp_path / "a.txt"), seed=1).items("train").fingerprint
    assert usable_lines(a)[1:] == (1, 1, "utf-8")


def test_a_folder_and_a_column_are_lines(tmp_path: Path) -> None:
    lines = [spelled_number(number) for number in range(300)]
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("\n".join(lines[:100]))
    (folder / "b.txt.gz").write_bytes(gzip.compress("\n".join(lines[100:]).encode()))
    (folder / ".hidden").write_text("no")
    assert is_text(folder)
    found = usable_lines(TextLines(str(folder)))
    assert sorted(found.all_lines) == sorted(lines)
    (folder / "c.png").write_text("no")
    assert not is_text(folder)
    rows = [f'{number},"{line},  so"' for number, line in enumerate(lines)]
    (tmp_path / "a.csv").write_text("\n".join(["id,said", *rows]))
    column = TextLines(str(tmp_path / "a.csv"), column="said")
    assert sorted(usable_lines(column).all_lines) == sorted(f"{line}, so" for line in lines)
    with pytest.raises(DataError, match="no column 'text'"):
        TextLines(str(tmp_path / "a.csv"), column="text").items("train")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no text"):
        TextLines(str(tmp_path / "empty")).items("train")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n\n \n", "0 lines of different text"),
        (b"one line", "1 line of different text"),
        (b"same\n" * 100, "1 line of different text"),
        (b"a\n" + b"x" * 10_000_000 + b"\nb\n", "a line is longer than 1,048,576 characters"),
        ("größe\n".encode() * 30 + "größe\n".encode("latin-1"), "not text in UTF-8"),
        (b"a\nb\0c\n" * 30, "line 2 holds a NUL"),
    ],
)
def test_what_text_cannot_be(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "text.txt").write_bytes(content)
    with pytest.raises(DataError, match=message):
        TextLines(str(tmp_path / "text.txt")).items("train")


def test_numbers_in_words() -> None:
    found = [spelled_number(number) for number in (0, 13, 40, 99, 100, 305, 1_000, 2_007, 42_300, 999_999)]
    assert found == [
        "zero",
        "thirteen",
        "forty",
        "ninety nine",
        "one hundred",
        "three hundred and five",
        "one thousand",
        "two thousand and seven",
        "forty two thousand three hundred",
        "nine hundred and ninety nine thousand nine hundred and ninety nine",
    ]
    assert len({spelled_number(number) for number in range(3_000)}) == 3_000
    assert len(SpelledNumbers(samples=300).items("train")) == 200
