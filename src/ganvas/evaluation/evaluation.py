"""The result of an evaluation: scores, what was scored, and the view in a notebook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image

from ..metrics import Memorization, Result
from ..runs import html_figure
from ..sessions.ledger import Scorings
from .comparison_tables import table_of
from .embeddings import SetFeatures
from .inputs import EvaluationInputs

if TYPE_CHECKING:
    from .report_content import Picture, TextTable

FEW = 4  # scores in an evaluation's repr
SHEET = 64  # pictures on a sheet


@dataclass(frozen=True)
class Evaluation:
    """Scores of a model or of pictures; `evaluation["digit_frechet"]` is one of them.

    Args:
        title: a short description: what was scored against what.
        results: every score, the headline first.
        inputs: the sets of pictures; None for a run that makes no pictures.
        messages: sentences, such as why a score is missing.
        features: statistics of each set ("real", "fake", "train", ...), by feature space.
        memorization: nearest training pictures, if copies were searched.
        scored: the checkpoint that was scored, or the fingerprint of the pictures.
        test_scorings: for each test split that was read, how many times it was scored; on val, the count for the run's
            test split.
        tables: further tables of the report page.
        pictures: further pictures of the report page.
    """

    title: str
    results: tuple[Result, ...]
    inputs: EvaluationInputs | None = None
    messages: tuple[str, ...] = ()
    features: Mapping[str, SetFeatures] = field(default_factory=dict, repr=False)
    memorization: Memorization | None = field(default=None, repr=False)
    scored: Mapping[str, Any] = field(default_factory=dict)
    test_scorings: tuple[Scorings, ...] = ()
    tables: tuple["TextTable", ...] = ()
    pictures: tuple["Picture", ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        few = [f"{result.name} {value_text(result.value, result.error)}" for result in self.results[:FEW]]
        more = [f"{len(self.results) - FEW} more"] if len(self.results) > FEW else []
        return f"Evaluation({', '.join([repr(self.title), *few, *more])})"

    def _repr_html_(self) -> str:
        lines = [("score", "value", "n", "real vs real"), *map(cells_of, self.results)]
        counts = "".join(html_figure(each.text, None) for each in self.test_scorings if each.counted)
        return f"{html_figure(self.title, self.sheet())}{table_of(lines)}{counts}"

    def __getitem__(self, name: str) -> Result:
        """A score by its name. Raises KeyError."""
        return {result.name: result for result in self.results}[name]

    def sheet(self, n: int = SHEET) -> Image.Image | None:
        """The first n of the fakes that were scored.

        Args:
            n: the number of pictures, at least 1.

        Returns:
            One picture (PIL); None for a run that makes no pictures.
        """
        return None if self.inputs is None else self.inputs.fake.sheet(n)

    def plain(self) -> dict[str, Any]:
        """As JSON has it; numbers that are not finite become null.

        Returns:
            A tree of dicts, lists, texts and numbers.
        """
        return {
            "title": self.title,
            "scored": dict(self.scored),
            "results": [plain_result(result) for result in self.results],
            "notes": list(self.messages),
            "test_scorings": [
                {"data": each.data, "before": each.before, "counted": each.counted} for each in self.test_scorings
            ],
        }


def cells_of(result: Result) -> tuple[str, str, str, str]:
    """Name, value with its error, n and real-vs-real value."""
    real_vs_real = "" if result.real_vs_real is None else f"{result.real_vs_real:.4g}"
    return result.name, value_text(result.value, result.error), f"{result.n:,}", real_vs_real


def value_text(value: float, error: float | None) -> str:
    """Value and standard error, such as 1.66 +- 0.08."""
    return f"{value:.4g}" + ("" if error is None else f" +- {error:.2g}")


def plain_result(result: Result) -> dict[str, Any]:
    """A result as JSON has it; numbers that are not finite become null."""
    finite = {
        key: value if not isinstance(value, float) or abs(value) < float("inf") else None
        for key, value in vars(result).items()
    }
    return {**finite, "protocol": dict(result.protocol)}
