"""The options for tables, and the report of `ganvas data check FILE.csv`."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from ..base.errors import UsageError
from ..base.wording import counted
from .output import print_result
from .progress import showing_progress

Column = Annotated[
    list[str] | None,
    typer.Option(
        help="What a column of a table is: age=category, or number, whole, yes/no, date, constant, identifier, text.",
        metavar="NAME=KIND",
    ),
]
Drop = Annotated[list[str] | None, typer.Option(help="Leave out this column of a table.", metavar="NAME")]
PrimaryKey = Annotated[
    str | None, typer.Option(help="The column that identifies a row of a table: made anew in samples.", metavar="NAME")
]
SequenceName = Annotated[
    str | None,
    typer.Option(
        "--sequence",
        help="Rows are steps in time; the column that says which sequence a row belongs to.",
        metavar="NAME",
    ),
]
Order = Annotated[
    str | None, typer.Option(help="Rows are steps in time; the column of time, which must ascend.", metavar="NAME")
]
Window = Annotated[
    int | None, typer.Option(min=2, help="Rows are steps in time; cut windows of so many rows.", metavar="N")
]
Rule = Annotated[
    list[str] | None,
    typer.Option(
        help="What every row of a table meets, such as 'start <= end' or 'total = net + tax'.", metavar="RULE"
    ),
]


def table_changes(
    column: Sequence[str] | None,
    drop: Sequence[str] | None,
    primary_key: str | None,
    rule: Sequence[str] | None,
    data: Sequence[str] | None,
    *,
    sequence: str | None = None,
    order: str | None = None,
    window: int | None = None,
) -> dict[str, Any]:
    """The options as overrides of a recipe. Raises UsageError for a wrong value, and where there is no table."""
    kinds = dict(map(split_kind, column or ()))
    found: dict[str, Any] = {
        "source.kinds": kinds,
        "source.drop": tuple(drop or ()),
        "source.primary_key": primary_key or "",
    }
    found |= {"domain.rules": tuple(rule or ())}
    found |= {"source.sequence": sequence, "source.order": order, "source.window": window}
    found = {key: value for key, value in found.items() if value}
    if found and not data:
        raise UsageError(
            f"{next(iter(found)).partition('.')[2]} applies to tables", hint="Name yours with --data PATH."
        )
    return found


def split_kind(text: str) -> tuple[str, str]:
    """NAME and KIND of NAME=KIND. Raises UsageError."""
    name, sign, kind = text.rpartition("=")
    if not sign or not name:
        raise UsageError(f"--column takes NAME=KIND, not '{text}'", hint="Such as --column age=category.")
    return name.strip(), {"bool": "yes/no", "integer": "whole"}.get(kind.strip(), kind.strip())


def check_table(path: str, encoding: str, changes: dict[str, Any]) -> None:
    """Print what each column of a table is taken for, why, its missing share, values and range, and what is done."""
    from ..data.table import TableFile, table_of
    from ..data.table_report import column_facts, report_table

    named = {key.partition(".")[2]: value for key, value in changes.items()}
    with showing_progress():
        table = table_of(TableFile(path, encoding=encoding, **named))
    header = f"{counted(table.raw.rows, 'row')}, {counted(len(table.raw.columns), 'column')}; {table.raw.written}"
    facts = [column_facts(column) for column in table.columns]
    dropped = [column.name for column in table.raw.columns if column.name in named.get("drop", ())]
    lines = [header, "", *report_table(table.columns), *(f"{name}: left out, as requested" for name in dropped)]
    print_result({"rows": table.raw.rows, "written": table.raw.written, "columns": facts}, "\n".join(lines))


def check_series(path: str, encoding: str, changes: dict[str, Any]) -> None:
    """Print how rows are read as series: each column, and the sequences of each split. Raises UsageError."""
    from ..data.series_file import SeriesFile, read_series, series_messages
    from ..data.source import SPLITS
    from ..data.table_report import column_facts, report_table

    named = {key.partition(".")[2]: value for key, value in changes.items()}
    if "primary_key" in named:
        raise UsageError("--primary-key applies to tables, and these are series", hint="Name sequences by --sequence.")
    source = SeriesFile(path, encoding=encoding, **named)
    with showing_progress():
        table = read_series(source)
        shapes = {split: source.items(split).x.shape[:2] for split in SPLITS}
    header = f"{counted(table.raw.rows, 'row')}, {counted(len(table.raw.columns), 'column')}; {table.raw.written}"
    counts = [f"{split} has {counted(n, 'sequence')} of {steps:,} rows" for split, (n, steps) in shapes.items()]
    sentences = [message[:1].upper() + message[1:] for message in (*list(series_messages(source))[1:], *counts)]
    facts = {
        "rows": table.raw.rows,
        "written": table.raw.written,
        "columns": [column_facts(column) for column in table.columns],
        "sequences": {split: n for split, (n, _) in shapes.items()},
    }
    print_result(facts, "\n".join([header, "", *report_table(table.columns), "", *(f"{each}." for each in sentences)]))
