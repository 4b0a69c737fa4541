"""`ganvas train` and `ganvas resume`: a run with its progress line, and its end."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..base.errors import UsageError
from ..base.processes import launched, rank
from .data import further_data, showing_progress
from .output import give, say
from .processes import resume_by_many, train_by_many

if TYPE_CHECKING:
    from .progress import ProgressLine

RunPath = Annotated[Path, typer.Argument(help="The folder of a run.", metavar="RUN")]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto.")]
Restarts = Annotated[int, typer.Option(help="With --processes: start again so often when one is lost.", metavar="K")]


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
            help="Your own pictures (folder, zip, list, .npz, 'photos/*.jpg', 'train-{000..099}.tar'; may be repeated) or a table of numbers (.csv, .tsv, ...)."
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="Of the pictures: 64, or width x height as in 64x48. Default: told from the data."),
    ] = None,
    fit: Annotated[str | None, typer.Option(help="crop, pad or stretch what has another shape.")] = None,
    channels: Annotated[int | None, typer.Option(help="1 for grey, 3 for colour.")] = None,
    background: Annotated[
        str | None, typer.Option(help="The colour behind what is transparent, such as white or #102030.")
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
            help="Of values in pictures of more than 8 bits: 0:4095, min:max, 1%:99%. Default: told from the data."
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            help="Of a table's text, such as latin-1. Default: told from the file; utf-8 for lists and labels."
        ),
    ] = None,
    flips: Annotated[
        bool | None, typer.Option("--flips/--no-flips", help="Mirror pictures in half of the passes.")
    ] = None,
    init_from: Annotated[Path | None, typer.Option(help="Begin from the weights of this run.", metavar="RUN")] = None,
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
            "--test", help="Score the finished run on test too, not on val alone; each such scoring is counted."
        ),
    ] = False,
    seed: Annotated[int | None, typer.Option(help="Another seed, another run.")] = None,
    device: Device = "auto",
    processes: Annotated[
        int | None, typer.Option(help="Train in so many processes on this machine.", metavar="N")
    ] = None,
    restarts: Restarts = 3,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="One real step, then say what the run would cost.")
    ] = False,
) -> None:
    """Train a recipe, or on your own pictures or table; ends with samples, a score on val and the run's folder."""
    from ..ingest.picture_options import PictureOptions
    from ..recipes import parse_overrides
    from ..sessions.device import find_device
    from ..sessions.plan import called, plan
    from ..sessions.train import train as run_training

    data, recipe, words = further_data(data, recipe, list(changes or []))
    if recipe is not None and "=" in recipe and not Path(recipe).exists():  # `ganvas train --data PATH samples=50000`
        words, recipe = [recipe, *words], None
    if processes is not None and not launched():
        if dry_run:
            raise UsageError("--dry-run looks at one process", hint="Leave --processes out.")
        train_by_many(processes, restarts, path=out, name=called(recipe, data, init_from), device=device)
    overrides = parse_overrides(words) | ({} if seed is None else {"seed": seed})
    options = PictureOptions(size, fit, channels, background, labels, range, encoding, flips)
    request: dict[str, Any] = {"data": data, "init_from": init_from, "changes": overrides, "minutes": minutes}
    say("Reading the data and measuring the machine")
    if dry_run:
        with showing_progress():
            planned = plan(recipe, **request, options=options, device=find_device(device).type)
            for sentence in planned.said:
                say(sentence)
            tell_dry_run(planned.recipe, planned.minutes, device)
        return
    follow(
        lambda line: run_training(
            recipe,
            **request,
            **vars(options),
            test=test,
            out=out,
            device=device,
            on_event=line,
            on_message=line.say,
            quiet=True,
            on_signal=leave_to_follow,
        )
    )


def resume(
    run: RunPath,
    samples: Annotated[
        int | None,
        typer.Option(min=1, help="Train to this new total of samples, more than the run has seen.", metavar="N"),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Train for about so many minutes more.", metavar="M")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Where the run's data are now, if they were moved.", metavar="NEW")
    ] = None,
    device: Device = "auto",
    processes: Annotated[
        int | None, typer.Option(help="In so many processes. Default: as many as the run was made with.", metavar="N")
    ] = None,
    restarts: Restarts = 3,
) -> None:
    """Continue a run in place, or train it longer; without --samples and --minutes its end is bitwise that of the run left alone."""
    from ..sessions.resume import resume as resume_training

    if not launched():
        resume_by_many(processes, restarts, path=run, device=device)

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
        )
    )


def tell_dry_run(recipe: Any, minutes: float | None, device: str) -> None:
    """The costs of a run."""
    from ..runs import duration_text
    from ..sessions.dry_run import dry_run, human_bytes

    cost = dry_run(recipe, minutes=minutes, device=device)
    lines = [f"{name:12} {count:,} parameters" for name, count in cost["parameters"].items()]
    lines += [
        f"{'speed':12} {cost['images_per_second']:,.0f} images/s with {cost['threads']} threads in {cost['precision']}",
        f"{'time':12} {duration_text(cost['seconds'])} for {cost['samples']:,} samples, snapshots and scores besides",
        f"{'memory':12} {human_bytes(cost['memory_bytes'])}",
        f"{'disk':12} {human_bytes(cost['disk_bytes'])}",
    ]
    give(cost, "\n".join(lines), prose=True)


def follow(start: Callable[["ProgressLine"], Any]) -> None:
    """A run with its progress line and last words (of the process that writes), and the exit code that shells expect after a signal."""
    from .progress import ProgressLine
    from .report import print_end

    with ProgressLine() as line, showing_progress(line.note):
        try:
            run = start(line)
        except KeyboardInterrupt:  # the second Ctrl-C, or one before training began
            say(
                "Stopped at once. `ganvas resume` goes on from the last checkpoint."
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


def leave_to_follow(name: str) -> None:
    """Nothing: after a signal `follow` says the last words and sets the exit code."""
