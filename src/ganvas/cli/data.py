"""`ganvas data`: checks and packs pictures, checks other data, and manages the cache of what was decoded."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..base.wording import command, counted, shortened, shortened_lines
from ..ingest.listing_messages import conversion_hint, kinds_text, left_out_message, printable
from .output import print_message, print_result
from .progress import showing_progress
from .table_options import (
    Column,
    Drop,
    Order,
    PrimaryKey,
    SequenceName,
    Window,
    check_series,
    check_table,
    table_changes,
)

if TYPE_CHECKING:
    from ..ingest.report import Report

SHOWN = 10  # kinds of size in the report

data_app = typer.Typer(
    help="Check your own pictures or table, pack pictures, and manage the cache of decoded ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@data_app.command("check")
def check_data(
    path: Annotated[
        list[str],
        typer.Argument(
            help="A folder, a zip, a list of pictures, an .npz, a pattern; recordings; a table; or a text file.",
            metavar="PATH...",
        ),
    ],
    labels: Annotated[
        str,
        typer.Option(
            help='"folders", a CSV file of file,label (metadata.csv:COLUMN), dataset.json, or "y" in an .npz.'
        ),
    ] = "",
    sheet: Annotated[Path, typer.Option(help="The file of the contact sheet.")] = Path("contact-sheet.png"),
    encoding: Annotated[str, typer.Option(help="Of a list or a table of labels, such as latin-1.")] = "utf-8",
    column: Column = None,
    drop: Drop = None,
    primary_key: PrimaryKey = None,
    sequence: SequenceName = None,
    order: Order = None,
    window: Window = None,
    budget: Annotated[float, typer.Option(min=0, max=1, help="The share of broken files that is allowed.")] = 0.01,
) -> None:
    """Check pictures (sizes, formats, duplicates, classes, a contact sheet), sound, video, a table, or text."""
    from ..ingest.list_sounds import is_sound_data
    from ..ingest.read_clips import is_video_data
    from ..ingest.text_kind import is_table

    if len(path) == 1 and is_sound_data(path[0]):
        return check_sound(path[0], labels, budget)
    if len(path) == 1 and is_video_data(path[0]):
        return check_video(path[0], budget)
    if len(path) == 1 and check_text(path[0], encoding):
        return
    if len(path) == 1 and is_table(path[0]):
        changes = table_changes(column, drop, primary_key, None, path, sequence=sequence, order=order, window=window)
        check = check_series if sequence or order or window else check_table
        check(path[0], "" if encoding == "utf-8" else encoding, changes)
        return
    from ..ingest.contact_sheet import write_sheet
    from ..ingest.report import check_pictures
    from ..ingest.survey import survey

    found = survey(one_or_several(path), encoding)
    with showing_progress():
        report = check_pictures(found, labels=labels, budget=budget)
        shown = write_sheet(found, sheet) if report.headers.pictures else 0
    drawn = {"sheet": str(sheet) if shown else None}
    print_result(
        {**report.plain(), **drawn},
        "\n".join([*report_lines(report), *([f"{'sheet':12} {sheet}"] if shown else [])]),
        prose=True,
    )
    if not report.passed:
        print_message(f"Above the budget: {report.budget_text}.")
        raise typer.Exit(3)


def check_sound(path: str, labels: str, budget: float) -> None:
    """Print what a folder of recordings holds. Exit code 3 if more files are broken than the budget allows."""
    from ..ingest.sound_survey import survey_sounds

    with showing_progress():
        found = survey_sounds(path, labels)
    print_result(found.plain(), "\n".join(found.report()), prose=True)
    check_budget(found.broken, budget)


def check_video(path: str, budget: float) -> None:
    """Print what a folder of video holds. Exit code 3 if more files are broken than the budget allows."""
    from ..ingest.footage_survey import survey_footage

    with showing_progress():
        found = survey_footage(path)
    print_result(found.plain(), "\n".join(found.report()), prose=True)
    check_budget(found.broken, budget)


def check_budget(broken: float, budget: float) -> None:
    """Exit code 3 if the share of broken files is above what is allowed."""
    if broken > budget:
        print_message(f"Above the budget: {broken:.1%} of the files are broken, and {budget:.1%} are allowed.")
        raise typer.Exit(3)


def check_text(path: str, encoding: str) -> bool:
    """Print what a text file holds; False if it lists pictures or holds a table, and nothing was printed."""
    from ..data.custom_text import is_text

    if not is_text(path):
        return False
    from ..sessions.text_survey import survey_text

    with showing_progress():
        found = survey_text(path, "" if encoding == "utf-8" else encoding)
    print_result(found.plain(), "\n".join(found.report()), prose=True)
    return True


@data_app.command("shard")
def shard_data(
    path: Annotated[
        list[str],
        typer.Argument(help="A folder, a zip, a text file that lists pictures, or a pattern.", metavar="PATH..."),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The new folder of the .tar files.", metavar="DIR")],
    size_mb: Annotated[float, typer.Option(min=1, help="Megabytes in a shard, about.")] = 256,
    labels: Annotated[
        str, typer.Option(help='"folders", or a CSV file of file,label: adds a .cls file for each picture.')
    ] = "",
    encoding: Annotated[str, typer.Option(help="Of a list or a table of labels, such as latin-1.")] = "utf-8",
) -> None:
    """Pack pictures unchanged into .tar files, which training can read without decoding all of them first."""
    from ..ingest.shard_writer import write_shards
    from ..ingest.survey import survey

    with showing_progress():
        done = write_shards(survey(one_or_several(path), encoding), out, size_mb=size_mb, labels=labels)
    text = [f"{done.pictures:,} pictures in {done.shards:,} shards, {done.bytes / 1e6:,.1f} MB: {out}"]
    text += [message] if (message := left_out_message(done.others)) else []
    text += shortened_lines(f"left out: {printable(name)} ({cause})" for name, cause in done.left_out.items())
    print_result({**done._asdict(), "out": str(out)}, "\n".join(text))


@data_app.command("list")
def list_data() -> None:
    """List the decoded pictures in the cache."""
    from ..ingest import cache

    found = cache.entries()
    known = [
        {
            "key": each.folder.name,
            "path": facts.get("path", ""),
            "pictures": facts.get("pictures", 0),
            "options": facts.get("options"),
            "bytes": each.bytes,
        }
        for each, facts in ((each, each.facts) for each in found)
    ]
    text = [
        f"{each['key'][:12]}  {each['pictures']:>9,}  {size_text(each['options'])}  "
        f"{each['bytes'] / 1e6:>9,.1f} MB  {each['path']}"
        for each in known
        if each["options"]
    ]
    if indexes := [each for each in known if not each["options"]]:
        text.append(
            f"and {len(indexes):,} of recordings or shards  {sum(each['bytes'] for each in indexes) / 1e6:,.1f} MB"
        )
    print_result(known, "\n".join(text) or f"Nothing is decoded yet in {cache.root()}.")


def size_text(options: Sequence[int]) -> str:
    """Width, height and channels of decoded pictures, as 64x48x3; `options` begin with height, width, channels."""
    height, width, channels = options[:3]
    return f"{width}x{height}x{channels}"


@data_app.command("clear")
def clear_data(
    key: Annotated[
        str, typer.Argument(help="The first characters of a key from `ganvas data list`.", metavar="[KEY]")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="All entries.")] = False,
) -> None:
    """Remove decoded pictures from the cache; your own files are not touched."""
    from ..base.errors import UsageError
    from ..ingest import cache

    if bool(key) == everything:
        raise UsageError(
            "an entry of the cache is missing", hint="`ganvas data clear KEY` or `ganvas data clear --all`."
        )
    count = cache.clear(key)
    print_result({"removed": count}, f"{count} removed.")


def one_or_several(paths: list[str]) -> str | tuple[str, ...]:
    """Paths in the form that readers use: one, or a tuple of several."""
    return paths[0] if len(paths) == 1 else tuple(paths)


def separate_data(
    data: list[str] | None, recipe: str | None, arguments: list[str]
) -> tuple[list[str] | None, str | None, list[str]]:
    """Data, recipe and overrides where a shell has put the files of a pattern after --data.

    Args:
        data: values of --data.
        recipe: the first positional argument.
        arguments: the other positional arguments.

    Returns:
        The data with the arguments that are paths of data, the recipe, and the other arguments.
    """
    if not data:
        return data, recipe, arguments
    from ..recipes import recipe_functions

    every = [*([recipe] if recipe is not None else []), *arguments]
    paths = [
        each for index, each in enumerate(every) if is_data(each) and not (index == 0 and each in recipe_functions())
    ]
    rest = [each for each in every if each not in paths]
    return [*data, *paths], *((rest[0], rest[1:]) if rest and "=" not in rest[0] else (None, rest))


def is_data(argument: str) -> bool:
    """Whether an argument is the path of possible data, and not of a recipe's file or a run."""
    here = Path(argument).expanduser()
    return here.exists() and here.suffix.lower() not in (".yaml", ".yml") and not (here / "config.yaml").is_file()


def report_lines(report: "Report") -> Iterator[str]:
    """The report as text, line by line."""
    from ..ingest.cache_checks import class_messages

    headers = report.headers
    yield f"{'pictures':12} {headers.pictures:,}"
    yield f"{'sizes':12} {tally({f'{width} x {height}': count for (width, height), count in headers.sizes.items()})}"
    yield f"{'formats':12} {tally(headers.formats)}"
    transparent = f"; {headers.transparent:,} with transparency" if headers.transparent else ""
    yield f"{'modes':12} {tally(headers.modes)}{transparent}"
    if headers.joined:
        yield f"{'joined':12} {tally(headers.joined)}"
    if headers.splits:
        yield f"{'splits':12} {tally(headers.splits)}"
    if report.classes:
        yield f"{'classes':12} {tally(report.classes)}"
        for message in class_messages(report.untrained, report.rare):
            yield f"{'':12} {message}"
    elif len([name for name in headers.folders if name]) > 1:
        yield f"{'folders':12} {tally(headers.folders)}; --labels folders makes them classes"
    elif headers.tables:
        option = command("--labels", headers.tables[0])
        yield f"{'tables':12} {shortened(headers.tables, 3)}; {option} makes classes of it"
    if headers.others:
        yield f"{'other files':12} {kinds_text(headers.others)}, left out.{conversion_hint(headers.others)}"
    again = sum(len(names) - 1 for names in report.duplicates)
    across = f" ({report.across_splits:,} across splits)" if report.across_splits else ""
    yield f"{'duplicates':12} {again:,} exact{across}, {counted(len(report.near), 'pair looks', 'pairs look')} alike"
    for sign, groups in (("=", report.duplicates), ("~", report.near)):
        for line in shortened_lines(shortened([printable(name) for name in names], 4) for names in groups):
            yield f"{'':12}  {sign} {line}"
    yield f"{'broken':12} {len(headers.broken):,} ({report.share_broken:.1%})"
    for line in shortened_lines(f"{printable(name)}: {cause}" for name, cause in headers.broken.items()):
        yield f"{'':12} {line}"


def tally(counts: Mapping[str, int]) -> str:
    """Counts as text, the largest first."""
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    more = f" and {len(common) - SHOWN:,} more" if len(common) > SHOWN else ""
    return ", ".join(f"{printable(name) or 'none'} ({count:,})" for name, count in common[:SHOWN]) + more
