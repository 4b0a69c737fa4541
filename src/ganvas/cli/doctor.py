"""`ganvas doctor`: is this run well, what is wrong with it, and what to try. Nothing here needs torch."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ..base.errors import CheckFailed
from ..diagnosis import Diagnosis, diagnose_run
from ..runs import Run
from .output import give


def doctor(
    run: Annotated[Path, typer.Argument(help="The folder of a run, while it trains or afterwards.", metavar="RUN")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 7 if something is wrong.")] = False,
) -> None:
    """Say what is wrong with a run's training, since when, why that may be, and one change to try."""
    found = diagnose_run(Run.open(run))
    if not found:
        raise CheckFailed(
            "the doctor has not looked at this run yet",
            where=str(run),
            hint="It measures the networks while a run trains, unless diagnoses=0.",
        )
    give([asdict(verdict) for verdict in found], "\n\n".join(map(told, found)), prose=True)
    if strict and any(verdict.severity == "wrong" for verdict in found):
        raise typer.Exit(7)


def told(verdict: Diagnosis) -> str:
    """A verdict as a person reads it."""
    lines = [f"{verdict.name}", f"  {verdict.message}"]
    lines += [f"  Likely: {verdict.cause}"] if verdict.cause else []
    lines += [f"  Try:    {verdict.remedy}"] if verdict.remedy else []
    return "\n".join(lines)
