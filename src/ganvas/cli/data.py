"""`ganvas data`: what is in a person's pictures, and what is decoded already. Also the line that shows how far reading is."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..base.progress import progress_listener
from ..base.wording import command, counted, shortened, shortened_lines
from ..ingest.listing_messages import conversion_hint, kinds_text, left_out_message, printable
from .output import give, manner, redrawn, say

if TYPE_CHECKING:
    from ..ingest.report import Report

EVERY = 10.0  # seconds between lines where the line cannot be redrawn
AFTER, OFTEN = 0.5, 0.1  # seconds before the line is drawn at all, and between drawings
SHOWN = 10  # kinds of size in the report

data_app = typer.Typer(
    help="Look at your own pictures, and at what is decoded already.", no_args_is_help=True, rich_markup_mode=None
)


@data_app.command("check")
def check_data(
    path: Annotated[
        list[str],
        typer.Argument(
            help="A folder, a zip, a text file that lists pictures, an .npz, or a pattern.", metavar="PATH..."
        ),
    ],
    labels: Annotated[
        str,
        typer.Option(
            help='"folders", a CSV file of file,label (metadata.csv:COLUMN), dataset.json, or "y" in an .npz.'
        ),
    ] = "",
    sheet: Annotated[Path, typer.Option(help="Where the contact sheet goes.")] = Path("contact-sheet.png"),
    encoding: Annotated[str, typer.Option(help="Of a list or a table of labels, such as latin-1.")] = "utf-8",
    budget: Annotated[float, typer.Option(min=0, max=1, help="The share of broken files that is allowed.")] = 0.01,
) -> None:
    """Decode every picture: sizes, formats, duplicates, classes, broken files by name, and a contact sheet."""
    from ..ingest.contact_sheet import write_sheet
    from ..ingest.report import check_pictures
    from ..ingest.survey import survey

    found = survey(one_or_several(path), encoding)
    with showing_progress():
        report = check_pictures(found, labels=labels, budget=budget)
        shown = write_sheet(found, sheet) if report.headers.pictures else 0
    drawn = {"sheet": str(sheet) if shown else None}
    give(
        {**report.plain(), **drawn},
        "\n".join([*lines(report), *([f"{'sheet':12} {sheet}"] if shown else [])]),
        prose=True,
    )
    if not report.passed:
        say(f"Above the budget: {report.share_broken:.1%} of the files are broken, {budget:.1%} are allowed.")
        raise typer.Exit(3)


@data_app.command("shard")
def shard_data(
    path: Annotated[
        list[str],
        typer.Argument(help="A folder, a zip, a text file that lists pictures, or a pattern.", metavar="PATH..."),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The new folder of the .tar files.", metavar="DIR")],
    size_mb: Annotated[float, typer.Option(min=1, help="Megabytes in a shard, about.")] = 256,
    labels: Annotated[
        str, typer.Option(help='"folders", or a CSV file of file,label: a .cls beside each picture.')
    ] = "",
    encoding: Annotated[str, typer.Option(help="Of a list or a table of labels, such as latin-1.")] = "utf-8",
) -> None:
    """Pack pictures as they are into .tar files, for data that are trained on from where they lie."""
    from ..ingest.shard_writer import write_shards
    from ..ingest.survey import survey

    with showing_progress():
        done = write_shards(survey(one_or_several(path), encoding), out, size_mb=size_mb, labels=labels)
    said = [f"{done.pictures:,} pictures in {done.shards:,} shards, {done.bytes / 1e6:,.1f} MB: {out}"]
    said += [words] if (words := left_out_message(done.others)) else []
    said += shortened_lines(f"left out: {printable(name)} ({cause})" for name, cause in done.left_out.items())
    give({**done._asdict(), "out": str(out)}, "\n".join(said))


@data_app.command("list")
def list_data() -> None:
    """Decoded pictures in the cache."""
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
        f"{each['key'][:12]}  {each['pictures']:>9,}  {each['options'][1]}x{each['options'][0]}x{each['options'][2]}  {each['bytes'] / 1e6:>9,.1f} MB  {each['path']}"
        for each in known
        if each["options"]
    ]
    if indexes := [each for each in known if not each["options"]]:
        text.append(
            f"and the indexes of {len(indexes):,} shards  {sum(each['bytes'] for each in indexes) / 1e6:,.1f} MB"
        )
    give(known, "\n".join(text) or f"Nothing is decoded yet in {cache.root()}.")


@data_app.command("clear")
def clear_data(
    key: Annotated[
        str, typer.Argument(help="The first letters of a key from `ganvas data list`.", metavar="[KEY]")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="All entries.")] = False,
) -> None:
    """Remove decoded pictures from the cache; your own files are not touched."""
    from ..base.errors import UsageError
    from ..ingest import cache

    if bool(key) == everything:
        raise UsageError(
            "say which entry, or all of them", hint="`ganvas data clear KEY` or `ganvas data clear --all`."
        )
    count = cache.clear(key)
    give({"removed": count}, f"{count} removed.")


def one_or_several(paths: list[str]) -> str | tuple[str, ...]:
    """Paths as the readers take them: one, or several."""
    return paths[0] if len(paths) == 1 else tuple(paths)


def further_data(
    data: list[str] | None, recipe: str | None, words: list[str]
) -> tuple[list[str] | None, str | None, list[str]]:
    """Data, recipe and overrides where a shell has put the files of a pattern after --data: what is a path among the words belongs to the data."""
    if not data:
        return data, recipe, words
    from ..recipes import recipe_functions

    every = [*([recipe] if recipe is not None else []), *words]
    paths = [
        word for place, word in enumerate(every) if is_data(word) and not (place == 0 and word in recipe_functions())
    ]
    rest = [word for word in every if word not in paths]
    return [*data, *paths], *((rest[0], rest[1:]) if rest and "=" not in rest[0] else (None, rest))


def is_data(word: str) -> bool:
    """Whether a word of the command line is a path that may hold data, and not a recipe's file or a run."""
    here = Path(word).expanduser()
    return here.exists() and here.suffix.lower() not in (".yaml", ".yml") and not (here / "config.yaml").is_file()


def lines(report: "Report") -> Iterator[str]:
    """The report for people."""
    from ..ingest.cache_checks import class_messages

    seen = report.headers
    yield f"{'pictures':12} {seen.pictures:,}"
    yield f"{'sizes':12} {tally({f'{width} x {height}': count for (width, height), count in seen.sizes.items()})}"
    yield f"{'formats':12} {tally(seen.formats)}"
    yield f"{'modes':12} {tally(seen.modes)}{f'; {seen.transparent:,} with transparency' if seen.transparent else ''}"
    if seen.joined:
        yield f"{'joined':12} {tally(seen.joined)}"
    if seen.splits:
        yield f"{'splits':12} {tally(seen.splits)}"
    if report.classes:
        yield f"{'classes':12} {tally(report.classes)}"
        for words in class_messages(report.untrained, report.rare):
            yield f"{'':12} {words}"
    elif len([name for name in seen.folders if name]) > 1:
        yield f"{'folders':12} {tally(seen.folders)}; --labels folders makes them classes"
    elif seen.tables:
        yield f"{'tables':12} {shortened(seen.tables, 3)}; {command('--labels', seen.tables[0])} makes classes of it"
    if seen.others:
        yield f"{'other files':12} {kinds_text(seen.others)}, left out.{conversion_hint(seen.others)}"
    again = sum(len(names) - 1 for names in report.duplicates)
    across = f" ({report.across_splits:,} across splits)" if report.across_splits else ""
    yield f"{'duplicates':12} {again:,} exact{across}, {counted(len(report.near), 'pair looks', 'pairs look')} alike"
    for sign, groups in (("=", report.duplicates), ("~", report.near)):
        for words in shortened_lines(shortened([printable(name) for name in names], 4) for names in groups):
            yield f"{'':12}  {sign} {words}"
    yield f"{'broken':12} {len(seen.broken):,} ({report.share_broken:.1%})"
    for words in shortened_lines(f"{printable(name)}: {cause}" for name, cause in seen.broken.items()):
        yield f"{'':12} {words}"


def tally(counts: Mapping[str, int]) -> str:
    """The most frequent first."""
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    more = f" and {len(common) - SHOWN:,} more" if len(common) > SHOWN else ""
    return ", ".join(f"{printable(name) or 'none'} ({count:,})" for name, count in common[:SHOWN]) + more


@contextmanager
def showing_progress(draw: Callable[[str], Any] | None = None) -> Iterator[None]:
    """Show what is told by base/progress.py: one redrawn line on a terminal, else a line every ten seconds; nothing with -q or --json.

    `draw` takes the text instead of the terminal's line where another display owns it; an empty text ends it.
    """
    begun = last = time.monotonic()
    drawn = False

    def show(what: str, done: int, total: int) -> None:
        nonlocal last, drawn
        now = time.monotonic()
        text = f"{what}: {done:,} of {total:,}"
        if redrawn():
            if now - begun > AFTER and (now - last > OFTEN or done == total):
                last, drawn = now, True
                (draw or overwrite)(text)
        elif now - last > EVERY:
            last = now
            say(text)

    with progress_listener(show):
        try:
            yield
        finally:
            if drawn:
                (draw or overwrite)("")


def overwrite(text: str) -> None:
    """Draw over the terminal's current line."""
    if not manner.quiet:
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
