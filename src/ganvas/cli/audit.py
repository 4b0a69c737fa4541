"""`ganvas audit` and `ganvas release`: what a model reveals about its data, and samples with that evidence."""

import json
from pathlib import Path
from typing import Annotated

import typer

from .opened import opened
from .output import print_message, print_result
from .progress import showing_progress
from .train import RunPath

At = Annotated[str, typer.Option(help="The checkpoint: newest, best, a number of samples, or auto.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the samples.")]


def audit(
    run: RunPath,
    n: Annotated[
        int | None, typer.Option("-n", min=2, help="Samples. Default: as many as held-out data, at most 10,000.")
    ] = None,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write it as .json too.", metavar="FILE")] = None,
    at: At = "auto",
) -> None:
    """Measure what a run reveals about its training data; exit code 7 if samples or D reveal too much."""
    from ..applications.audit import audit as audited

    with showing_progress():
        found = audited(opened(run, at), n=n, seed=seed)
    plain = found.plain()
    if out is not None:
        out.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    print_result(plain, "\n".join(found.lines), prose=True)
    if found.leaking:
        raise typer.Exit(7)


def release(
    run: RunPath,
    out: Annotated[Path, typer.Option("-o", "--out", help="A new folder.", metavar="FOLDER")],
    n: Annotated[int, typer.Option("-n", min=1, help="Samples.")] = 1_000,
    seed: Seed = 0,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(help="Refuse if this is true, such as 'grade<usable'; may be repeated.", metavar="CONDITION"),
    ] = None,
    licence: Annotated[str, typer.Option(help="Of the samples, stated on the card.", metavar="TEXT")] = "",
    at: At = "auto",
) -> None:
    """Write samples with an audit, an evaluation and a data card; exit code 7 if they leak or miss a threshold."""
    from ..applications.release import release as released

    with showing_progress():
        found = released(opened(run, at), out, n=n, seed=seed, fail_if=fail_if or (), licence=licence)
    print_message("\n".join(found.audit.lines))
    print_result({"files": len(found.files), "folder": str(out), "verdict": found.audit.verdict}, str(out))
