"""The result of a comparison of groups of runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..base.wording import counted
from ..metrics import Difference, Mean
from .comparison_tables import html, rendered


@dataclass(frozen=True)
class Row:
    """One score of every group.

    Args:
        name: of the score.
        lower_is_better: None if neither lower nor higher is better.
        values: for each group, the value of each run.
        means: mean, standard deviation and interval of each group.
        difference: second group minus first, for two groups. Its 95 % interval is Welch's, over runs; for two single
            runs it is 1.96 standard errors of the scores.
    """

    name: str
    lower_is_better: bool | None
    values: tuple[tuple[float, ...], ...]
    means: tuple[Mean, ...]
    difference: Difference | None

    @property
    def better(self) -> int | None:
        """The index of the better of two groups, 0 or 1; None if the interval of the difference contains 0."""
        found = self.difference
        if (
            found is None
            or found.low is None
            or found.high is None
            or self.lower_is_better is None
            or found.low <= 0 <= found.high
        ):
            return None
        return int((found.value < 0) == self.lower_is_better)


@dataclass(frozen=True, repr=False)
class Comparison:
    """Scores of groups of runs, in the order of the first run.

    Args:
        names: of the groups.
        runs: of each group.
        rows: one for each score.
        refused: for each score that is not compared, the reason.
        messages: the source of each run's scores, and warnings.
        test_scorings: for each group, how many times the test split of each run's data was scored; None if unknown.
    """

    names: tuple[str, ...]
    runs: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    test_scorings: tuple[tuple[int | None, ...], ...] = ()

    def __getitem__(self, name: str) -> Row:
        """A score by its name. Raises KeyError."""
        return {row.name: row for row in self.rows}[name]

    def table(self, form: str = "text") -> str:
        """The comparison as a table.

        Args:
            form: "text", "markdown", "csv" or "latex".

        Returns:
            The table as text.

        Raises:
            UsageError: there is no such format.
        """
        return rendered(self, form)

    def plain(self) -> dict[str, Any]:
        """As JSON has it.

        Returns:
            A tree of dicts, lists, texts and numbers.
        """
        rows = [
            {
                "name": row.name,
                "lower_is_better": row.lower_is_better,
                "groups": [
                    {**mean._asdict(), "values": list(values)}
                    for mean, values in zip(row.means, row.values, strict=True)
                ],
                "difference": None if row.difference is None else row.difference._asdict(),
                "better": None if row.better is None else self.names[row.better],
            }
            for row in self.rows
        ]
        groups = [
            {"name": name, "runs": list(runs), "test_scorings": list(scorings)}
            for name, runs, scorings in zip(self.names, self.runs, self.test_scorings, strict=True)
        ]
        return {"groups": groups, "scores": rows, "refused": dict(self.refused), "notes": list(self.messages)}

    def __repr__(self) -> str:
        sizes = ", ".join(
            f"{name}: {counted(len(runs), 'run')}" for name, runs in zip(self.names, self.runs, strict=True)
        )
        return f"Comparison({sizes}; {counted(len(self.rows), 'score')})"

    def _repr_html_(self) -> str:
        return html(self)
