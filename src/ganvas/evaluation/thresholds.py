"""Conditions of `--fail-if`, such as 'digit_frechet>2', under which an evaluation fails."""

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base.errors import UsageError, suggest
from .grading import GRADES, graded

if TYPE_CHECKING:
    from .grading import Result

RELATIONS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
SHORT = {"fid": "inception_frechet", "kid": "inception_kernel"}
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
FORM = re.compile(rf"\s*([A-Za-z_][\w.]*)\s*(>=|<=|>|<)\s*({NUMBER}|{'|'.join(GRADES)})\s*")
GRADE = "grade"


@dataclass(frozen=True)
class Condition:
    """The evaluation fails if `score relation limit` is true. `fd` is the first Frechet distance of any space.

    Args:
        score: a name.
        relation: one of > >= < <=.
        limit: a number; of the score "grade" the rank of a grade.
    """

    score: str
    relation: str
    limit: float

    def __str__(self) -> str:
        return f"{self.score}{self.relation}{text_of(self.score, self.limit)}"

    def result(self, results: "Sequence[Result]") -> "Result":
        """The result that the condition names. Raises UsageError if it was not measured."""
        for result in results:
            if result.name == SHORT.get(self.score, self.score) or (
                self.score == "fd" and result.name.endswith("_frechet")
            ):
                return result
        names = [result.name for result in results]
        raise UsageError(
            f"--fail-if names '{self.score}', which was not measured",
            hint=suggest(self.score, names) or f"There are: {', '.join(names)}.",
        )

    def value(self, results: "Sequence[Result]") -> float:
        """The value that the condition is about. Raises UsageError if it was not measured."""
        if self.score != GRADE:
            return self.result(results).value
        found = graded(results)
        if found is None:
            raise UsageError(
                "--fail-if names 'grade', and there is none",
                hint="Pictures are graded if their distance has a real-vs-real value and coverage was measured.",
            )
        return float(found.rank)

    def broken_text(self, results: "Sequence[Result]") -> str:
        """The condition with the value that was measured."""
        return f"{self} ({text_of(self.score, self.value(results))})"

    def holds(self, results: "Sequence[Result]") -> bool:
        """Whether the condition is true; it is for a score that is not a number."""
        value = self.value(results)
        return value != value or RELATIONS[self.relation](value, self.limit)


def text_of(score: str, value: float) -> str:
    """A value as text: of "grade" the name."""
    return GRADES[int(value)] if score == GRADE else f"{value:.4g}"


def parse_conditions(texts: Sequence[str], *, profile: str | None = None) -> tuple[Condition, ...]:
    """The conditions of the texts; with a profile `fd` is the FID. Raises UsageError."""
    conditions = []
    for text in texts:
        found = FORM.fullmatch(text)
        if found is None or (found[1] == GRADE) != (found[3] in GRADES):
            raise UsageError(
                f"--fail-if '{text}' is not a condition",
                hint="Write a score, one of > >= < <=, and a number, such as 'digit_frechet>2'; "
                f"or 'grade<usable' (of {', '.join(GRADES)}).",
            )
        score = "fid" if found[1] == "fd" and profile else found[1]
        limit = float(GRADES.index(found[3])) if score == GRADE else float(found[3])
        conditions.append(Condition(score, found[2], limit))
    return tuple(conditions)
