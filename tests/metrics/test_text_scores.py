"""Scores of text: BLEU as nltk has it, closed forms of the rest."""

import math

import pytest
import torch

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.metrics.bleu import References, mean_bleu, self_bleu
from ganvas.metrics.text_scores import TextScores, shared
from ganvas.ops.sequences import hashed_ngrams

TEXTS = [
    line.split() for line in ("the cat sat on the mat", "the the the the", "a dog", "on the mat a cat sat down", "x y")
]
REFERENCES = [line.split() for line in ("the cat is on the mat", "there is a cat on the mat", "a dog sat down here")]
NUMBERS = {word: number for number, word in enumerate(sorted({w for t in (*TEXTS, *REFERENCES) for w in t}), start=4)}
# nltk 3.10.4, translate.bleu_score.sentence_bleu with SmoothingFunction().method1, uniform weights of 1 to n
NLTK = [
    [1.0, 0.77459667, 0.53132928, 0.26591479],
    [0.38940039, 0.10054275, 0.07328796, 0.07440996],
    [0.22313016, 0.22313016, 0.10356785, 0.07055995],
    [1.0, 0.81649658, 0.51087295, 0.24028114],
    [0, 0, 0, 0],
]
NLTK_SELF = [
    [0.84648172, 0.65568192, 0.44976053, 0.22509201],
    [0.5, 0.12909944, 0.0941036, 0.09554428],
    [0.5, 0.2236068, 0.17099759, 0.14953488],
    [0.85714286, 0.65465367, 0.44091114, 0.21515345],
    [0, 0, 0, 0],
]


def numbered(lines: list[list[str]]) -> list[list[int]]:
    return [[NUMBERS[word] for word in line] for line in lines]


def test_bleu_is_that_of_nltk() -> None:
    for row, wanted in zip(mean_bleu(numbered(TEXTS), References(numbered(REFERENCES), 4)), NLTK, strict=True):
        assert row == pytest.approx(wanted, abs=1e-8)


def test_self_bleu_leaves_each_sentence_out_of_its_references() -> None:
    for row, wanted in zip(self_bleu(numbered(TEXTS), 4), NLTK_SELF, strict=True):
        assert row == pytest.approx(wanted, abs=1e-8)
    assert self_bleu([[4, 5, 6, 7]] * 3, 2)[0] == pytest.approx([1, 1])


def batch(rows: list[list[int]], **given: torch.Tensor) -> Batch:
    length = max(map(len, rows)) + 1
    return Batch(torch.tensor([[*row, 2, *[0] * (length - len(row) - 1)] for row in rows]), given=given)


def test_the_scores_of_text() -> None:
    rows = [[4 + (row * step) % 13 for step in range(1, 3 + row % 4)] for row in range(60)]
    nll = torch.arange(60.0)
    real = batch(rows)
    found = {
        each.name: each for each in TextScores(n=60).measure(real=real, fake=batch(rows, negative_log_likelihood=nll))
    }
    assert found["text_frechet"].value == pytest.approx(0, abs=1e-6)
    counts = sum(len(row) + 1 for row in rows)
    assert found["text_nll"].value == pytest.approx(float(nll.sum()) / counts)
    assert found["text_perplexity"].value == pytest.approx(math.exp(found["text_nll"].value), rel=1e-5)
    assert found["text_held_out"].value == 1
    different = len(set(map(tuple, rows)))
    assert different < 60
    assert found["text_shared"].value == pytest.approx(sum(map(len, rows)) / 60)
    singles = [row for row in rows if rows.count(row) == 1]
    assert found["text_repeated"].value == pytest.approx(1 - len(singles) / 60)
    assert found["text_bleu_2"].value == pytest.approx(1), "each stands among the references"
    assert found["text_distinct_1"].value == pytest.approx(13 / sum(map(len, rows)))
    same = {each.name: each for each in TextScores(n=60).measure(real=real, fake=batch([rows[0]] * 60))}
    assert same["text_frechet"].value > 0.5
    assert same["text_self_bleu_2"].value == pytest.approx(1)
    assert same["text_repeated"].value == 1
    assert "text_nll" not in same


def test_the_longest_run_in_common() -> None:
    found = shared([[5, 6, 7, 8], [9, 5]], [[6, 7, 9], [8, 4], [4], [5, 6, 7, 8], [7, 8, 9, 5, 6]])
    assert found.value == pytest.approx((2 + 1 + 0 + 4 + 2) / 5)


def test_scores_of_text_refuse_other_data() -> None:
    with pytest.raises(UsageError, match="makes text"):
        TextScores().check_spec(Spec("points", (2,), bounded=False), "samples")


def test_hashed_ngrams_are_shares_of_what_stands_before_the_padding() -> None:
    x = torch.tensor([[5, 6, 5, 0, 0], [5, 6, 5, 6, 5]])
    ones = hashed_ngrams(x, 64, orders=(1,))
    assert sorted(ones[0].abs()[ones[0] != 0].tolist()) == pytest.approx([1 / 3, 2 / 3])
    assert sorted(ones[1].abs()[ones[1] != 0].tolist()) == pytest.approx([2 / 5, 3 / 5])
    twos = hashed_ngrams(x, 64, orders=(2,))
    torch.testing.assert_close(twos[0], twos[1])
    assert not torch.equal(hashed_ngrams(torch.tensor([[5, 6]]), 64), hashed_ngrams(torch.tensor([[6, 5]]), 64))
