"""Games whose G answers the question that comes with each item."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..base.types import Batch
from .likelihood import Likelihood
from .reinforce import Reinforce


@dataclass(frozen=True)
class AnswerLikelihood(Likelihood):
    """G: -log p(x | question), in nats for each answer. Sutskever et al. 2014, equation 1.

    https://arxiv.org/abs/1409.3215
    """

    needs_data: ClassVar[bool] = True

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        return with_questions(batch, output)


@dataclass(frozen=True)
class AnswerReinforce(Reinforce):
    """Reinforce in which G answers a question and D judges the answer to it.

    Yu et al. 2017, equation 6, https://arxiv.org/abs/1609.05473, with the question as condition of G and D: Li et al.
    2017, equation 1, https://arxiv.org/abs/1701.06547.
    """

    needs_data: ClassVar[bool] = True

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        return with_questions(batch, output)


def with_questions(batch: Batch, answers: Tensor) -> Tensor:
    """Tokens of question and answer in one row [B, S + T]; only the answers where there are no questions."""
    question = batch.given.get("question")
    return answers if question is None else torch.cat([question.to(answers), answers], dim=1)
