"""`ganvas note`: a note and tags of a run."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from .output import print_result


def note(
    run: Annotated[Path, typer.Argument(help="The folder of a run.", metavar="RUN")],
    text: Annotated[
        str | None, typer.Argument(help="The new note; '' removes it. Left out: the note stays.", metavar="[TEXT]")
    ] = None,
    tags: Annotated[
        str | None, typer.Option(help="The new tags, separated by commas; '' removes all.", metavar="A,B")
    ] = None,
) -> None:
    """Write a note and tags of a run, which the lab shows and filters by; without TEXT and --tags print them."""
    from ..runs import Run, checked_note, read_note, write_note

    opened = Run.open(run)
    found = read_note(opened)
    if text is not None or tags is not None:
        found = checked_note(found.text if text is None else text, found.tags if tags is None else tags.split(","))
        write_note(opened, found)
    lines = [line for line in (", ".join(found.tags), found.text) if line]
    print_result(asdict(found), "\n".join(lines) or "no note, no tags", prose=True)
