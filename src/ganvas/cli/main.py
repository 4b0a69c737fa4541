"""The command `ganvas`. Nothing here imports torch before a command needs it."""

import os
import sys
import traceback
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..base.errors import GanvasError, GanvasWarning, ResourceError, UsageError
from ..base.processes import launched, rank
from .compare import compare
from .data import data_app, further_data, showing_progress
from .doctor import doctor
from .evaluate import eval_app, spelled_out
from .output import EPILOG, columns, give, manner, say, take_manner, wrapped
from .processes import resume_by_many, tell_launcher, train_by_many
from .recipes import recipes_app
from .weights import weights_app

if TYPE_CHECKING:
    from .progress import ProgressLine

app = typer.Typer(
    help="Train, judge and use generative adversarial networks.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)
app.add_typer(recipes_app, name="recipes")
app.add_typer(data_app, name="data")
app.add_typer(eval_app, name="eval")
app.add_typer(weights_app, name="weights")
app.command("compare", epilog=EPILOG)(compare)
app.command("doctor", epilog=EPILOG)(doctor)

RunPath = Annotated[Path, typer.Argument(help="The folder of a run.", metavar="RUN")]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto.")]
Restarts = Annotated[int, typer.Option(help="With --processes: start again so often when one is lost.", metavar="K")]


def tell_version(wanted: bool) -> None:
    """--version"""
    if wanted:
        from ..base.version import VERSION

        give({"ganvas": VERSION}, f"ganvas {VERSION}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", help="Say which ganvas this is.", is_eager=True, callback=tell_version)
    ] = False,
) -> None:
    """Train, judge and use generative adversarial networks."""


@app.command(epilog=EPILOG)
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


@app.command(epilog=EPILOG)
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


@app.command(epilog=EPILOG)
def sample(
    run: RunPath,
    n: Annotated[int, typer.Option("-n", help="How many.")] = 64,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
    classes: Annotated[list[str] | None, typer.Option("--class", help="Of this class; may be repeated.")] = None,
    out: Annotated[
        Path,
        typer.Option("-o", "--out", help="grid.png, grid.webp, samples.npz, samples.csv (of a table), or a folder."),
    ] = Path("samples.png"),
    at: Annotated[
        str, typer.Option(help="Of which checkpoint: newest, best (by the first score on val), or at so many samples.")
    ] = "newest",
    mark: Annotated[bool, typer.Option("--mark/--no-mark", help="Say in the file that it is generated.")] = True,
) -> None:
    """Draw samples from a trained run."""
    from ..applications.write_samples import write_samples
    from ..sessions.model import load

    with showing_progress():
        model = load(run, at=at)
        for note in model.notes:
            say(note)
        files = write_samples(model, out, n, seed=seed, classes=classes, mark=mark)
    give({"files": [str(file) for file in files], "n": n, "seed": seed, "marked": mark}, str(out))


@app.command(epilog=EPILOG)
def verify(
    files: Annotated[
        list[Path], typer.Argument(help="Pictures (PNG, WebP, TIFF), .npz or .csv files.", metavar="FILE...")
    ],
    run: Annotated[
        Path | None, typer.Option(help="Ask also whether this run's model made them.", metavar="RUN")
    ] = None,
) -> None:
    """Say whether files carry the mark of generated ones; exit code 0 if all do, 7 if one does not."""
    from ..applications.verify import verify as look

    found, faults = [], []
    for file in files:
        try:
            found.append(look(file, run))
        except GanvasError as error:
            faults.append(error)
    give(
        [{**vars(each), "holds": each.holds} for each in found],
        "\n".join(f"{each.file}: {each.words}" for each in found),
        prose=True,
    )
    if any(each.mark is None for each in found):
        say(
            "A file without a mark may be generated all the same: marks are lost when a picture is saved again, and can be taken off."
        )
    if faults:
        raise faults[0]
    if not all(each.holds for each in found):
        raise typer.Exit(7)


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
    from .report import tell_end

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
    tell_end(run)
    reason = run.read_json("status.json").get("reason", "")
    if reason in ("SIGINT", "SIGTERM"):
        raise typer.Exit(130 if reason == "SIGINT" else 143)


def leave_to_follow(name: str) -> None:
    """Nothing: after a signal `follow` says the last words and sets the exit code."""


def main() -> None:
    """Run the command; every error becomes one sentence and an exit code."""
    words = take_manner(sys.argv[1:])
    manner.quiet = manner.quiet or rank() > 0  # the first of several processes speaks for all
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default", GanvasWarning)
            warnings.showwarning = partial(show_warning, warnings.showwarning)
            app(spelled_out(words), prog_name="ganvas")
    except GanvasError as error:
        fail(error, error.exit_code)
    except MemoryError as error:
        fail(ResourceError("not enough memory", hint="Lower batch_samples or the networks' width."), 5, error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        fail(ResourceError(error.strerror or str(error), where=str(error.filename or "")), 5, error)
    except RuntimeError as error:
        if "out of memory" in str(error) or "can't allocate memory" in str(error):
            fail(ResourceError("not enough memory", hint="Lower batch_samples or the networks' width."), 5, error)
        internal(error)
    except Exception as error:  # the last line of defence: no traceback without -v
        internal(error)


def show_warning(others: Callable[..., None], message: Warning | str, category: type[Warning], *place: Any) -> None:
    """Ours are a sentence for people; `others` shows those of Python and of libraries."""
    if issubclass(category, GanvasWarning):
        say(str(message))
    else:
        others(message, category, *place)


def internal(error: Exception) -> None:
    """A fault of ours, or of a part that another package brought."""
    fail(
        GanvasError(
            f"internal error: {type(error).__name__}: {error}", hint="Please report it; -v shows the traceback."
        ),
        1,
        error,
    )


def fail(error: GanvasError, code: int, cause: BaseException | None = None) -> None:
    """One clear sentence on stderr (an object on stdout with --json), the traceback only with -v."""
    if manner.verbose:
        traceback.print_exception(cause or error)
    if tell_launcher(error, code):
        sys.exit(code)
    if manner.as_json:
        give({"error": str(error), "exit_code": code})
    else:
        print(wrapped(f"ganvas: {error}", columns(sys.stderr)), file=sys.stderr)
    sys.exit(code)
