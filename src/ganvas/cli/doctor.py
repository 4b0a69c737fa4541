"""`ganvas doctor`: the faults of a run, likely causes and one change to try. Nothing here imports torch."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ..base.errors import CheckFailed
from ..diagnosis import Diagnosis, diagnose_run
from ..diagnosis.closing import closing_sentence
from ..metrics.grade import grade_of
from ..recipes.remedy_overrides import remedy_override, tree_with
from ..runs import Remedied, Run, chosen_scores, read_events
from .output import print_result


def doctor(
    run: Annotated[Path, typer.Argument(help="The folder of a run, while it trains or afterwards.", metavar="RUN")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 7 if something is wrong.")] = False,
) -> None:
    """List the faults of a run's training: since when, likely causes, and one change to try."""
    opened = Run.open(run)
    applied = [event.overrides for event in read_events(opened.events) if isinstance(event, Remedied)]
    found = diagnose_run(opened, partial(remedy_override, tree_with(opened.settings(), applied)))
    if not found:
        raise CheckFailed(
            "the doctor has not measured this run yet",
            where=str(run),
            hint="It measures the networks while a run trains, unless diagnoses=0.",
        )
    grade = grade_of(chosen_scores(opened)) if opened.state() == "finished" else None
    texts = [
        *([f"grade: {grade.name}\n  {closing_sentence(grade, found)}"] if grade else []),
        *map(diagnosis_text, found),
    ]
    print_result([asdict(diagnosis) for diagnosis in found], "\n\n".join(texts), prose=True)
    if strict and any(diagnosis.severity == "wrong" for diagnosis in found):
        raise typer.Exit(7)


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """A diagnosis as text: name, message, likely cause, remedy."""
    lines = [f"{diagnosis.name}", f"  {diagnosis.message}"]
    lines += [f"  Likely: {diagnosis.cause}"] if diagnosis.cause else []
    lines += [f"  Try:    {diagnosis.remedy}"] if diagnosis.remedy else []
    return "\n".join(lines)
