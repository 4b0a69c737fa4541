"""Scores of answers, against values worked out by hand and against sacrebleu."""

import pytest
import torch

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.metrics.answer_scores import AnswerScores
from ganvas.metrics.bleu import References, sentence_bleu


def rows(lines: list[list[int]]) -> torch.Tensor:
    return torch.tensor([[*line, 2, *[0] * (7 - len(line))] for line in lines])


def test_shares_and_means() -> None:
    right = [[5, 6, 7, 8, number] for number in range(4, 14)] * 6
    made = [right[0], [5, 6, 7], [9], *right[3:]]
    nll = torch.full((60,), 3.0)
    found = {
        each.name: each
        for each in AnswerScores().measure(
            real=Batch(rows(right)), fake=Batch(rows(made), given={"negative_log_likelihood": nll})
        )
    }
    assert found["answer_exact"].value == pytest.approx(58 / 60)
    assert found["text_nll"].value == pytest.approx(0.5)
    two = sum(sentence_bleu(made[place], References([right[place]], 4))[3] for place in (1, 2))
    assert found["answer_bleu_4"].value == pytest.approx((58 + two) / 60)
    assert found["text_repeated"].value > 0.9
    assert "text_held_out" not in found


def test_bleu_of_one_reference_is_that_of_sacrebleu() -> None:
    """sacrebleu's sentence BLEU, without tokenisation, where every n-gram order has a match."""
    sacrebleu = pytest.importorskip("sacrebleu")
    pairs = [
        ("5 6 7 8 9", "5 6 7 8 4"),
        ("5 6 7 8", "5 6 7 8 9 4"),
        ("4 5 6 7 8 9 9", "5 6 7 8 9"),
        ("5 6 7 8", "5 6 7 8"),
    ]
    for made, right in pairs:
        bleu = sacrebleu.sentence_bleu(made, [right], tokenize="none", smooth_method="none")
        mine = sentence_bleu(list(map(int, made.split())), References([list(map(int, right.split()))], 4))
        assert mine[3] == pytest.approx(bleu.score / 100, abs=1e-6)


def test_what_answers_no_questions_is_refused() -> None:
    with pytest.raises(UsageError, match="answers questions"):
        AnswerScores().check_spec(Spec("text", (3,), bounded=False), "samples")
