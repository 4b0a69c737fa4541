"""The table of a comparison as plain text, Markdown, CSV, LaTeX and HTML."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..base.errors import UsageError, suggest
from ..base.wording import counted
from ..metrics import Mean
from .markup import element

if TYPE_CHECKING:
    from .comparison import Comparison

TEST = "test split scored"  # the last row: the number of scorings on this machine until now
ENDINGS = {".md": "markdown", ".csv": "csv", ".tex": "latex", ".txt": "text"}
LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{each: f"\\{each}" for each in "&%$#_{}"},
}


def rendered(found: "Comparison", form: str) -> str:
    """The table in a format of FORMS, without a final newline. Raises UsageError."""
    if form not in FORMS:
        raise UsageError(f"there is no format '{form}'", hint=suggest(form, FORMS) or f"There are: {', '.join(FORMS)}.")
    return FORMS[form](found)


def cells(found: "Comparison") -> list[list[str]]:
    """The cells of the header and of a line for each score: four significant digits, two for standard deviations."""
    head = ["score"]
    for name, runs in zip(found.names, found.runs, strict=True):
        head += [f"{name} mean (n = {len(runs)})", f"{name} sd", f"{name} 95 %"]
    two = len(found.names) == 2
    head += [f"{found.names[1]} - {found.names[0]}", "95 %", "better"] if two else []
    lines = [head]
    for row in found.rows:
        line = [row.name]
        for mean in row.means:
            line += [f"{mean.mean:.4g}", *spread(mean)]
        if two and row.difference is not None:
            known = row.difference.low is not None
            line += [f"{row.difference.value:.4g}", interval(row.difference.low, row.difference.high)]
            line += [
                ""
                if row.lower_is_better is None or not known
                else "no significant difference"
                if row.better is None
                else found.names[row.better]
            ]
        lines.append(line)
    last = [TEST]
    for counts in found.test_scorings:
        last += [times(counts), "", ""]
    return [*lines, last + [""] * (len(head) - len(last))]


def times(counts: Sequence[int | None]) -> str:
    """'3 times'; '2 to 3 times' for runs on several data; 'unknown' if one count is unknown."""
    known = [count for count in counts if count is not None]
    if len(known) < len(counts) or not known:
        return "unknown"
    low, high = min(known), max(known)
    return counted(low, "time") if low == high else f"{low:,} to {counted(high, 'time')}"


def spread(mean: Mean) -> tuple[str, str]:
    """Standard deviation and interval as text; a single run has none."""
    return ("one run" if mean.sd is None else f"{mean.sd:.2g}", interval(mean.low, mean.high))


def interval(low: float | None, high: float | None) -> str:
    """An interval as text, such as 1.2 to 1.4."""
    return "" if low is None or high is None else f"{low:.4g} to {high:.4g}"


def text(found: "Comparison") -> str:
    """Aligned columns for a terminal."""
    lines = cells(found)
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    first, *others = widths
    padded = [
        [f"{line[0]:{first}}", *(f"{cell:>{width}}" for cell, width in zip(line[1:], others, strict=True))]
        for line in lines
    ]
    return "\n".join("  ".join(line).rstrip() for line in padded)


def markdown(found: "Comparison") -> str:
    """A table of GitHub's Markdown."""
    head, *lines = [[re.sub(r"([\\|`*_<>\[\]])", r"\\\1", one_line(cell)) for cell in line] for line in cells(found)]
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


def latex(found: "Comparison") -> str:
    """A LaTeX tabular that needs no packages."""
    head, *lines = [
        ["".join(LATEX.get(letter, letter) for letter in one_line(cell)) for cell in line] for line in cells(found)
    ]
    columns = "l" + "r" * (len(head) - 1)
    body = [f"{' & '.join(line)} \\\\" for line in lines]
    return "\n".join(
        [
            f"\\begin{{tabular}}{{{columns}}}",
            "\\hline",
            f"{' & '.join(head)} \\\\",
            "\\hline",
            *body,
            "\\hline",
            "\\end{tabular}",
        ]
    )


def comma_separated(found: "Comparison") -> str:
    """CSV with a line for each score and group, and one for each difference; numbers in full precision."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(["score", "group", "runs", "mean", "sd", "low", "high"])
    for row in found.rows:
        for name, mean in zip(found.names, row.means, strict=True):
            writer.writerow([harmless(row.name), harmless(name), *mean])
        if row.difference is not None:
            writer.writerow(
                [
                    harmless(row.name),
                    harmless(f"{found.names[1]} - {found.names[0]}"),
                    "",
                    row.difference.value,
                    "",
                    *row.difference[1:],
                ]
            )
    for name, runs, counts in zip(found.names, found.runs, found.test_scorings, strict=True):
        for run, count in zip(runs, counts, strict=True):
            writer.writerow(
                [harmless(f"test_scorings of {run}"), harmless(name), 1, "" if count is None else count, "", "", ""]
            )
    return held.getvalue().rstrip("\n")


def html(found: "Comparison") -> str:
    """A table for a notebook."""
    return table_of(cells(found))


def table_of(lines: Sequence[Sequence[object]]) -> str:
    """An HTML table of a header and lines; every text is escaped."""
    head, *rest = lines
    rows = [element("tr", *[element("td", cell) for cell in line]) for line in rest]
    return element("table", element("tr", *[element("th", cell) for cell in head]), *rows)


def one_line(cell: str) -> str:
    """The cell without line breaks, which would end a row."""
    return " ".join(cell.split())


def harmless(cell: str) -> str:
    """The text, changed so that no spreadsheet interprets it as a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


FORMS: dict[str, Callable[["Comparison"], str]] = {
    "text": text,
    "markdown": markdown,
    "csv": comma_separated,
    "latex": latex,
}
