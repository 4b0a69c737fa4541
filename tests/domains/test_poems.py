"""Poems: lines of one length and their punctuation, by construction."""

from itertools import pairwise

import pytest
import torch

from ganvas.base.errors import DataError
from ganvas.data.made_captions import MadeCaptions
from ganvas.data.made_quatrains import LEVEL, OBLIQUE, MadeQuatrains
from ganvas.data.source import Items
from ganvas.data.text_lines import as_array
from ganvas.domains.poems import Poems

POEMS = ["床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。", "春眠不覺曉處處聞啼鳥夜來風雨聲花落知多少"]


def fitted(poems: list[str], lines: int = 4) -> Poems:
    return Poems(lines=lines).fit(Items(x=as_array(poems)))


def test_punctuation_is_no_token_and_comes_back() -> None:
    domain = fitted(POEMS)
    items = Items(x=as_array(POEMS))
    assert (domain.tokens, domain.length, domain.ends) == ("characters", 20, False)
    x = torch.from_numpy(domain.encode(items).astype("int64"))
    assert x.shape == (2, 20)
    assert (x >= 4).all()
    assert domain.texts(x) == [POEMS[0], "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。"]
    assert domain.cut(POEMS[0]) == ["床前明月光", "疑是地上霜", "舉頭望明月", "低頭思故鄉"]
    assert domain.spec(items).settings["lines"] == 4
    assert domain.prompt("床前明月光，疑").tolist()[:6] == x[0, :6].tolist()
    assert domain.fit(items) == domain


@pytest.mark.parametrize(
    ("poems", "lines"), [(["床前明月光", "疑是地上"], 1), (["床前明月光", "疑是地上霜"], 4), (["，。"], 4)]
)
def test_poems_of_other_forms_are_refused(poems: list[str], lines: int) -> None:
    with pytest.raises(DataError, match="characters, and a model makes poems of"):
        fitted(poems, lines)


@pytest.mark.parametrize("length", [5, 7])
def test_made_quatrains_keep_the_rules(length: int) -> None:
    source, level = MadeQuatrains(samples=400, length=length), "".join(LEVEL.values())  # type: ignore[arg-type]
    poems = list(source.items("train").x)
    assert len(poems) == 300
    assert len(set(level)) == len(level)
    assert not set(level) & set(OBLIQUE)
    for poem in poems:
        lines = [poem[at : at + length] for at in range(0, len(poem), length)]
        pattern = [[character in level for character in line[1:-1:2]] for line in lines]
        assert len(lines) == 4
        assert pattern[0] == pattern[3] == [not each for each in pattern[1]] == [not each for each in pattern[2]]
        assert all(a != b for each in pattern for a, b in pairwise(each))
        assert any(lines[1][-1] in rhyme and lines[3][-1] in rhyme for rhyme in LEVEL.values())
        assert lines[1][-1] != lines[3][-1]
        assert {lines[0][-1], lines[2][-1]} <= set(OBLIQUE)
    assert list(source.items("train").x) == poems
    assert len({poem[:length] for poem in poems}) > 250


def test_made_captions_are_different_sentences() -> None:
    lines = [line for split in ("train", "val", "test") for line in MadeCaptions(samples=500).items(split).x]
    assert len(set(lines)) == len(lines) > 450
    assert all(line.startswith("a ") and 7 <= len(line.split()) <= 11 for line in lines)
