"""`--fail-if 'digit_frechet>2'`: a condition under which an evaluation has failed."""

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..base.errors import UsageError, suggest
from ..metrics.contract import Result

RELATIONS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
SHORT = {"fid": "inception_frechet", "kid": "inception_kernel"}
FORM = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(>=|<=|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")


@dataclass(frozen=True)
class Check:
    """Fails where `score relation limit` holds. `fd` is the first Frechet distance, whatever its space."""

    score: str
    relation: str
    limit: float

    def __str__(self) -> str:
        return f"{self.score}{self.relation}{self.limit:g}"

    def result(self, results: Sequence[Result]) -> Result:
        """The score meant. Raises UsageError."""
        for result in results:
            if result.name == SHORT.get(self.score, self.score) or (self.score == "fd" and result.name.endswith("_frechet")):
                return result
        names = [result.name for result in results]
        raise UsageError(f"--fail-if names '{self.score}', which was not measured", mend=suggest(self.score, names) or f"There are: {', '.join(names)}.")

    def holds(self, results: Sequence[Result]) -> bool:
        """Whether it has failed; a score that is no number has."""
        value = self.result(results).value
        return value != value or RELATIONS[self.relation](value, self.limit)


def parse(words: Sequence[str], *, profile: str | None = None) -> tuple[Check, ...]:
    """`fd` is the FID where a profile is asked for, had or not. Raises UsageError."""
    checks = []
    for text in words:
        found = FORM.fullmatch(text)
        if found is None:
            raise UsageError(f"--fail-if '{text}' is no condition", mend="Write a score, one of > >= < <=, and a number, such as 'digit_frechet>2'.")
        checks.append(Check("fid" if found[1] == "fd" and profile else found[1], found[2], float(found[3])))
    return tuple(checks)
