"""Scores of answers to questions, each beside the answer of the data."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge

from ..base.types import Batch, Spec
from .bleu import References, sentence_bleu
from .contract import Result, require
from .text_scores import diversity, likelihood_results, sentences, share

ORDER = 4


@dataclass(frozen=True)
class AnswerScores:
    """Generated answers against those of the data, question by question.

    - answer_exact: the share of answers that are the data's, token for token.
    - answer_bleu_4: the mean over questions of BLEU-4 of the answer against that of the data (method 1 of nltk for
      n-grams without a match); of the data's answers against themselves it is 1 for those of four tokens and more.
    - text_nll, text_perplexity: of the data's answers under the model.
    - text_distinct_1, _2, text_repeated: how different the answers are from each other: the partner of the others,
      since an answer that suits many questions is often right by chance.

    Args:
        n: questions, at least 50.
    """

    n: Annotated[int, Ge(50)] = 1_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        fits = output_kind == "samples" and spec.domain == "text" and "question_tokens" in spec.settings
        require(fits, self, "a game that answers questions")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        """Results, answer_exact first."""
        x_real = real.x.long().cpu()
        reals, fakes = sentences(x_real), sentences(fake.x.long().cpu())
        exact = share("answer_exact", [made == right for made, right in zip(fakes, reals, strict=True)])
        bleu = torch.tensor(
            [sentence_bleu(made, References([right], ORDER))[-1] for made, right in zip(fakes, reals, strict=True)]
        )
        error = float(bleu.std() / len(bleu) ** 0.5)
        protocol = {"bleu": "sentences, nltk method 1", "tokens": "those of the model"}
        return (
            Result("answer_exact", exact.value, exact.n, exact.error, False, {}),
            Result("answer_bleu_4", float(bleu.mean()), len(bleu), error, False, protocol),
            *likelihood_results(x_real, fake.given.get("negative_log_likelihood")),
            *(each for each in diversity(reals, fakes) if each.name != "text_held_out"),
        )
