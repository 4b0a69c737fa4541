"""The grade of an evaluation, as `ganvas train` prints it for a finished run."""

from collections.abc import Sequence

from ..metrics.contract import Result as Result
from ..metrics.grade import GRADES as GRADES
from ..metrics.grade import Grade, grade_of
from .evaluation import plain_result


def graded(results: Sequence[Result]) -> Grade | None:
    """The grade of results; None where `grade_of` has none."""
    return grade_of([plain_result(result) for result in results])


def grade_sentences(results: Sequence[Result]) -> tuple[str, ...]:
    """One sentence with the grade and its two numbers; none without a grade."""
    found = graded(results)
    return () if found is None else (f"Grade: {found.name} ({found.evidence}).",)
