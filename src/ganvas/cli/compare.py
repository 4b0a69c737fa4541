"""`ganvas compare`: two evaluations, or groups of runs, score by score."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .output import print_message, print_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..evaluation.compare import ScorePair
    from ..metrics.contract import Result


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            help="Two runs, or files that `ganvas eval --json` wrote. Or groups of runs with vs between the groups.",
            metavar="ONE OTHER|RUN... vs RUN...",
        ),
    ],
    ignore: Annotated[
        list[str] | None,
        typer.Option(help="A field of the protocol that may differ, such as versions. May be repeated."),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Name of a group, once for each group. Default: the common part of its runs' names."),
    ] = None,
    form: Annotated[
        Literal["text", "markdown", "csv", "latex"] | None,
        typer.Option("--format", help="Format of the table. Default: text, or by the ending of -o."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Write the table to this file: .txt, .md, .csv or .tex.", metavar="FILE"),
    ] = None,
) -> None:
    """Compare the scores of two evaluations, or of groups of runs. Scores of different protocols are not compared.

    A group holds runs of one recipe with several seeds: `ganvas compare runs/base-* vs runs/mine-*`. Each score gets
    its mean, standard deviation and 95 % interval over the runs of a group, and the difference of two groups its
    95 % interval (Welch). More than two runs without vs are one group.
    """
    if len(runs) == 2 and Path("vs") not in runs and not (name or form or out):
        compare_two(runs[0], runs[1], ignore or ())
    else:
        compare_groups(runs, name or (), ignore or (), form, out)


def compare_groups(
    arguments: "Sequence[Path]", names: "Sequence[str]", ignore: "Sequence[str]", form: str | None, out: Path | None
) -> None:
    """Compare groups; print the table or write it to a file."""
    from ..evaluation.compare_groups import compare as grouped
    from ..evaluation.group_arguments import groups_of, write_table

    found = grouped(groups_of(arguments, names), ignore=ignore)
    for sentence in found.messages:
        print_message(sentence)
    for score, why in found.refused.items():
        print_message(f"{score} is not compared: {why}")
    record = {**found.plain(), "ignored": list(ignore)}
    if out is not None:
        write_table(found, out, form)
        print_result({**record, "file": str(out)}, str(out))
    else:
        print_result(record, found.table(form or "text"))
    print_message(
        "The intervals are 95 % intervals over the runs of a group (Student's t; Welch for differences). "
        "For two single runs they cover the drawn samples only, not another training."
    )


def compare_two(one: Path, other: Path, ignore: "Sequence[str]") -> None:
    """Compare two evaluations by their standard errors."""
    from ..evaluation.compare import compare as compare_scores
    from ..evaluation.evaluation import plain_result
    from ..evaluation.grading import graded
    from ..evaluation.stored_scores import load_scores

    sides = [load_scores(path) for path in (one, other)]
    for path, side in zip((one, other), sides, strict=True):
        grade = graded(side.results)
        print_message(f"{path}: {side.source}" + (f"; grade: {grade.name} ({grade.evidence})" if grade else ""))
        if side.stale:
            print_message(f"warning  {side.stale}")
    pairs, refused = compare_scores(sides[0].results, sides[1].results, ignore=ignore)
    data = [
        {
            "name": pair.name,
            "one": plain_result(pair.one),
            "other": plain_result(pair.other),
            "error": pair.error,
            "better": pair.better,
        }
        for pair in pairs
    ]
    record = {"compared": data, "refused": refused, "ignored": list(ignore), "sources": [side.source for side in sides]}
    print_result(
        {
            **record,
            "warnings": [side.stale for side in sides if side.stale],
            "grades": [grade and grade.name for grade in (graded(side.results) for side in sides)],
            "test_scorings": [side.test_scorings for side in sides],
        },
        "\n".join(side_by_side(pairs, str(one), str(other), [side.test_scorings for side in sides])),
    )
    for name, why in refused.items():
        print_message(f"{name} is not compared: {why}")
    print_message("The errors cover the drawn samples only, not another training of the same recipe.")
    print_message("To cover that, train several seeds: ganvas compare RUN... vs RUN...")


def side_by_side(
    pairs: "tuple[ScorePair, ...]", one: str, other: str, test_scorings: "Sequence[int | None]"
) -> list[str]:
    """A line for each score; the last has the number of scorings of the test split of each side."""
    from ..evaluation.comparison_tables import TEST, times

    width = max(len(TEST), *(len(pair.name) for pair in pairs))
    names = {"one": one, "other": other, "": "no significant difference"}
    head = f"{'':{width}}  {one[-22:]:>22}  {other[-22:]:>22}  better"
    return [
        head,
        *(
            f"{pair.name:{width}}  {text_of(pair.one):>22}  {text_of(pair.other):>22}  {better(pair, names)}"
            for pair in pairs
        ),
        f"{TEST:{width}}  {times(test_scorings[:1]):>22}  {times(test_scorings[1:]):>22}",
    ]


def better(pair: "ScorePair", names: dict[str, Any]) -> str:
    """The better side, or why none is named."""
    if pair.error is None:
        return "no standard error"
    return "significant difference" if pair.differs and not pair.better else str(names[pair.better])


def text_of(result: "Result") -> str:
    """Value and standard error, such as 1.66 +- 0.08."""
    from ..evaluation.evaluation import value_text

    return value_text(result.value, result.error)
