"""Pairs of texts, such as a sentence and its translation: the answer is x, the question is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from torch import Tensor

from ..base.errors import DataError, UsageError
from ..base.types import Spec
from ..data.source import Items
from ..ops.sequences import END, SPECIAL
from .text import Text

BETWEEN = "\t"  # a question and its answer


@dataclass(frozen=True)
class TextPairs(Text):
    """x = the numbers of an answer's tokens [T]; given["question"] those of the question [S]; each as in Text.

    Both have a vocabulary and kinds of tokens of their own: digits may be answered by words.

    Args:
        questions: how the questions become numbers.
    """

    sheet: ClassVar[int] = 20
    prompt_name: ClassVar[str] = "question"
    questions: Text = field(default_factory=Text)

    def fit(self, items: Items) -> "TextPairs":
        if "question" not in items.given:
            raise DataError("these data have no questions", hint="Pairs come from a file of two columns.")
        fitted = super().fit(replace(items, given={}))
        own = {name: getattr(fitted, name) for name in ("tokens", "vocabulary", "length", "ends")}
        questions = self.questions.fit(Items(x=items.given["question"]))
        return replace(self, **own, questions=questions)

    def spec(self, items: Items) -> Spec:
        made = super().spec(items)
        further: Mapping[str, Any] = {
            "question_tokens": SPECIAL + len(self.questions.known),
            "question_length": self.questions.length,
            "question_vocabulary": self.questions.vocabulary,
        }
        return replace(made, settings={**made.settings, **further})

    def domain_of_given(self) -> Text:
        """The domain of the questions."""
        return self.questions

    def texts(self, x: Tensor) -> list[str]:
        """Answers as lines of text; rows of question and answer with a tab between them."""
        if x.shape[1] == self.length:
            return super().texts(x)
        questions, answers = x[:, : self.questions.length], x[:, self.questions.length :]
        pairs = zip(self.questions.texts(questions), super().texts(answers), strict=True)
        return [BETWEEN.join(pair) for pair in pairs]

    def prompt(self, line: str) -> Tensor:
        """The question as token numbers, int64 [S].

        Raises:
            UsageError: it is longer than the questions of the training, or has a token that they lack.
        """
        tokens = self.questions.split(line)
        if not tokens:
            raise UsageError("the prompt is empty")
        fixed = self.questions.prompt(line)
        if self.questions.ends and len(tokens) < self.questions.length:
            fixed[len(tokens)] = END
        return fixed
