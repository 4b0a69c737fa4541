"""`ganvas train` and `ganvas resume`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..base.processes import launched, rank
from .data import separate_data
from .dry_run import print_plan, refuse_dry_run
from .lab import running_lab
from .output import print_message
from .processes import resume_by_many, train_by_many
from .progress import ProgressLine
from .table_options import Column, Drop, Order, PrimaryKey, Rule, SequenceName, Window, table_changes

if TYPE_CHECKING:
    from ..evaluation.thresholds import Condition

RunPath = Annotated[Path, typer.Argument(help="The folder of a run.", metavar="RUN")]
ModelPath = Annotated[
    Path,
    typer.Argument(
        help="The folder of a run; a model folder; a ready-made model, such as mnist-demo; or hf://owner/name.",
        metavar="RUN|MODEL",
    ),
]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto.")]
Restarts = Annotated[
    int, typer.Option(help="With --processes: restarts after a process is lost, at most.", metavar="K")
]
Track = Annotated[
    list[str] | None,
    typer.Option(
        help="A tracker that follows the run: tensorboard, wandb, mlflow, or one of a package; may be repeated.",
        metavar="NAME",
    ),
]


def train(
    recipe: Annotated[
        str | None,
        typer.Argument(
            help="A name from `ganvas recipes list`, or a .yaml file. With --data: chosen if left out.",
            metavar="RECIPE",
        ),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Argument(help="Overrides, such as samples=50000 generator.width=48.", metavar="KEY=VALUE"),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            help="Your own pictures (folder, zip, list, .npz, 'photos/*.jpg', 'train-{000..099}.tar'; may be repeated) "
            "a table (.csv, .tsv, .parquet), or text (.txt, a sample a line)."
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="Of the pictures: 64, or width x height as in 64x48. Default: inferred from the data."),
    ] = None,
    fit: Annotated[str | None, typer.Option(help="crop, pad or stretch pictures of another shape.")] = None,
    channels: Annotated[int | None, typer.Option(help="1 for grey, 3 for colour.")] = None,
    background: Annotated[
        str | None,
        typer.Option(
            help="The colour behind transparent pixels, such as white or #102030; keep: none, they stay transparent."
        ),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            help="folders, a .csv of file,label (or FILE.csv:COLUMN), dataset.json, y of an .npz, cls of tars."
        ),
    ] = None,
    range: Annotated[
        str | None,
        typer.Option(
            help="Of values in pictures of more than 8 bits: 0:4095, min:max, 1%:99%. Default: inferred from the data."
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            help="Of a table or a text, such as latin-1. Default: inferred from the file; utf-8 for lists and labels."
        ),
    ] = None,
    flips: Annotated[
        bool | None, typer.Option("--flips/--no-flips", help="Mirror pictures in half of the passes.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            help="For recipes from picture to picture: the truths of the pictures of --data, or the set that those are "
            "translated to."
        ),
    ] = None,
    reverse: Annotated[
        bool | None, typer.Option("--reverse", help="Translate in the other direction: from --to to --data.")
    ] = None,
    scale: Annotated[int | None, typer.Option(min=2, help="The factor of super-resolution.")] = None,
    column: Column = None,
    drop: Drop = None,
    primary_key: PrimaryKey = None,
    rule: Rule = None,
    sequence: SequenceName = None,
    order: Order = None,
    window: Window = None,
    init_from: Annotated[Path | None, typer.Option(help="Begin from the weights of this run.", metavar="RUN")] = None,
    init_at: Annotated[
        str,
        typer.Option(help="With --init-from: its checkpoint, as `ganvas sample --at` names it.", metavar="CHECKPOINT"),
    ] = "newest",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The run's folder. Default: a new one under runs/.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0.01, help="End after about so many minutes, scores included; sets samples from the measured speed."
        ),
    ] = None,
    test: Annotated[
        bool,
        typer.Option(
            "--test", help="Score the finished run on test as well as on val; each scoring on test is counted."
        ),
    ] = False,
    no_remedies: Annotated[
        bool,
        typer.Option(
            "--no-remedies",
            help="Never go back to a checkpoint with other settings where the doctor finds a collapse.",
        ),
    ] = False,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-if",
            help="End with exit code 7 if this is true of the finished run's scores on val, such as 'grade<usable' or "
            "'duplicates>0.05'. May be repeated.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the run's random numbers.")] = None,
    device: Device = "auto",
    processes: Annotated[int | None, typer.Option(help="Train in N processes on this machine.", metavar="N")] = None,
    restarts: Restarts = 3,
    lab: Annotated[bool, typer.Option("--lab", help="Watch the run in your browser while it trains.")] = False,
    track: Track = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Run a few real steps, and print the estimated costs of the run.")
    ] = False,
) -> None:
    """Train a recipe, or on your own pictures, table or text. The end prints samples, scores and the run's folder."""
    from ..evaluation.thresholds import parse_conditions
    from ..ingest.picture_options import PictureOptions
    from ..recipes import parse_overrides
    from ..runs import fresh_path
    from ..sessions.plan import run_name
    from ..sessions.train import train as run_training

    checks = parse_conditions(fail_if or [])
    data, recipe, arguments = separate_data(data, recipe, list(changes or []))
    if recipe is not None and "=" in recipe and not Path(recipe).exists():  # `ganvas train --data PATH samples=50000`
        arguments, recipe = [recipe, *arguments], None
    if processes is not None and not launched():
        refuse_dry_run(dry_run)
        train_by_many(processes, restarts, path=out, name=run_name(recipe, data, init_from), device=device, track=track)
    options = PictureOptions(size, fit, channels, background, labels, range, encoding, flips, to, reverse, scale)
    request: dict[str, Any] = {"data": data, "init_from": init_from, "init_at": init_at, "minutes": minutes}
    of_columns = table_changes(column, drop, primary_key, rule, data, sequence=sequence, order=order, window=window)
    request["changes"] = of_columns | parse_overrides(arguments) | ({} if seed is None else {"seed": seed})
    print_message("Reading the data and measuring the machine")
    if dry_run:
        return print_plan(recipe, {**request, "options": options}, device)
    out = (out or fresh_path(Path("runs"), run_name(recipe, data, init_from))) if lab else out
    with running_lab(out if lab else None) as viewer:
        follow(
            lambda line: run_training(
                recipe,
                **request,
                **vars(options),
                test=test,
                remedies=not no_remedies,
                out=out,
                device=device,
                on_event=viewer.after(line) if viewer else line,
                on_message=line.message,
                quiet=True,
                on_signal=leave_to_follow,
                track=track or (),
            ),
            checks,
        )


def resume(
    run: RunPath,
    samples: Annotated[
        int | None,
        typer.Option(
            min=1, help="Train to this new total of samples, more than the run's samples so far.", metavar="N"
        ),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Train for about M minutes more.", metavar="M")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Where the run's data are now, if they were moved.", metavar="NEW")
    ] = None,
    device: Device = "auto",
    processes: Annotated[
        int | None, typer.Option(help="Train in N processes. Default: as many as the run was made with.", metavar="N")
    ] = None,
    restarts: Restarts = 3,
    track: Track = None,
) -> None:
    """Continue a run in its folder, or train it longer.

    Without --samples and --minutes the result is bitwise that of an uninterrupted run.
    """
    from ..sessions.resume import resume as resume_training

    if not launched():
        resume_by_many(processes, restarts, path=run, device=device, track=track)

    follow(
        lambda line: resume_training(
            run,
            samples=samples,
            minutes=minutes,
            data=data,
            device=device,
            on_event=line,
            quiet=True,
            on_signal=leave_to_follow,
            track=track or (),
        )
    )


def follow(start: Callable[[ProgressLine], Any], checks: "Sequence[Condition]" = ()) -> None:
    """Train with a progress line and print the end (on rank 0); after a signal, exit with the code for it.

    Args:
        start: trains with this progress line, and returns the run.
        checks: conditions on the scores of the finished run, under which the exit code is 7.
    """
    from .report import print_end

    with ProgressLine() as line:
        try:
            run = start(line)
        except KeyboardInterrupt:  # the second Ctrl-C, or one before training began
            print_message(
                "Stopped at once. `ganvas resume` continues from the last checkpoint."
                if line.total
                else "Stopped before training began."
            )
            raise typer.Exit(130) from None
    if rank():
        return
    print_end(run)
    reason = run.read_json("status.json").get("reason", "")
    if reason in ("SIGINT", "SIGTERM"):
        raise typer.Exit(130 if reason == "SIGINT" else 143)
    fail_on(checks, run)


def fail_on(checks: "Sequence[Condition]", run: Any) -> None:
    """Exit with code 7 if a condition holds for the scores of the run. Raises UsageError if one was not measured."""
    if not checks:
        return
    from ..evaluation.stored_scores import result_of
    from ..runs import chosen_scores

    results = [result_of(score) for score in chosen_scores(run)]
    if broken := [check for check in checks if check.holds(results)]:
        print_message(f"failed  {', '.join(check.broken_text(results) for check in broken)}")
        raise typer.Exit(7)


def leave_to_follow(name: str) -> None:
    """Do nothing: after a signal `follow` prints the end and sets the exit code."""
