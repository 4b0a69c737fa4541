"""The command `ganvas`. Nothing here imports torch before a command needs it."""

import os
import sys
import traceback
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ..base.errors import GanvasError, GanvasWarning, ResourceError
from ..base.processes import rank
from . import edit_more as edit_more
from .audit import audit, release
from .augment import augment
from .compare import compare
from .data import data_app
from .detect import detect
from .doctor import doctor
from .edit import edit_app, run_before_edit
from .evaluate import eval_app, spelled_out
from .export import export
from .lab import lab
from .note import note
from .opened import opened
from .output import EPILOG, columns, output_options, parse_output_options, print_message, print_result, wrapped
from .processes import report_to_launcher
from .progress import showing_progress
from .recipes import recipes_app
from .serve import serve
from .speak import speak
from .texture import texture
from .train import ModelPath, resume, train
from .translate import translate
from .vocode import vocode
from .weights import weights_app

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
app.add_typer(edit_app, name="edit")
app.command("train", epilog=EPILOG)(train)
app.command("resume", epilog=EPILOG)(resume)
app.command("compare", epilog=EPILOG)(compare)
app.command("doctor", epilog=EPILOG)(doctor)
app.command("lab", epilog=EPILOG)(lab)
app.command("translate", epilog=EPILOG)(translate)
app.command("texture", epilog=EPILOG)(texture)
app.command("detect", epilog=EPILOG)(detect)
app.command("audit", epilog=EPILOG)(audit)
app.command("release", epilog=EPILOG)(release)
app.command("augment", epilog=EPILOG)(augment)
app.command("vocode", epilog=EPILOG)(vocode)
app.command("speak", epilog=EPILOG)(speak)
app.command("export", epilog=EPILOG)(export)
app.command("note", epilog=EPILOG)(note)
app.command("serve", epilog=EPILOG)(serve)


def print_version(wanted: bool) -> None:
    """Print the version and exit, for --version."""
    if wanted:
        from ..base.version import VERSION

        print_result({"ganvas": VERSION}, f"ganvas {VERSION}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=print_version)
    ] = False,
) -> None:
    """Train, judge and use generative adversarial networks."""


@app.command(epilog=EPILOG)
def sample(
    run: ModelPath,
    n: Annotated[
        int | None, typer.Option("-n", help="Number of samples. Default: 64; 1 in a .wav file.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
    classes: Annotated[
        list[str] | None, typer.Option("--class", help="Samples of this class; may be repeated.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="grid.png, grid.webp, samples.npz, samples.csv or .parquet (of a table), .txt or .html (of text), "
            ".wav or .html (of sound), or a folder. Default: samples.png; text is printed.",
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(help="Of text: below 1 likely tokens become likelier. Default: the model's own distribution."),
    ] = None,
    prompt: Annotated[str, typer.Option(help="Of text: the beginning of every sample; of pairs: the question.")] = "",
    at: Annotated[
        str,
        typer.Option(
            help="The checkpoint: newest, best (by the first score on val), a number of samples, or auto: best if it "
            "is better than the newest beyond the errors, else newest."
        ),
    ] = "auto",
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only rows of a table that meet this, such as 'income = >50K'; may be repeated."),
    ] = None,
    mark: Annotated[bool, typer.Option("--mark/--no-mark", help="Mark the file as generated.")] = True,
) -> None:
    """Draw samples from a trained run or a model folder."""
    from ..applications.write_samples import write_samples
    from ..applications.write_sound import write_sounds, writes_sound
    from ..applications.write_text import check_text_options, sample_lines, write_lines, writes_text

    n = n if n is not None else 1 if out is not None and out.suffix.lower() == ".wav" else 64
    with showing_progress():
        model = opened(run, at)
        if writes_text(model, out):
            lines = sample_lines(model, n, seed=seed, temperature=temperature, prompt=prompt)
            files = write_lines(model, lines, out, seed=seed, mark=mark) if out else []
        elif out is not None and writes_sound(model, out):
            check_text_options(temperature, prompt)
            lines, files = [], write_sounds(model, out, n, seed=seed, classes=classes, mark=mark)
        else:
            check_text_options(temperature, prompt)
            lines, out = [], out or Path("samples.png")
            files = write_samples(model, out, n, seed=seed, classes=classes, mark=mark, where=where or ())
    facts = {"files": [str(file) for file in files], "n": n, "seed": seed, "marked": mark and bool(files)}
    print_result({**facts, "lines": lines} if out is None else facts, "\n".join(lines) if out is None else str(out))


@app.command(epilog=EPILOG)
def verify(
    files: Annotated[
        list[Path], typer.Argument(help="Pictures (PNG, WebP, TIFF), .wav, .npz or .csv files.", metavar="FILE...")
    ],
    run: Annotated[
        Path | None,
        typer.Option(help="Check also whether the model of this run or model folder made them.", metavar="RUN"),
    ] = None,
) -> None:
    """Check whether files have the mark of generated ones; exit code 0 if all have it, 7 if one has not."""
    from ..applications.verify import verify as check_file

    found, faults = [], []
    for file in files:
        try:
            found.append(check_file(file, run))
        except GanvasError as error:
            faults.append(error)
    print_result(
        [{**vars(each), "holds": each.holds} for each in found],
        "\n".join(f"{each.file}: {each.text}" for each in found),
        prose=True,
    )
    if any(each.mark is None for each in found):
        print_message(
            "A file without a mark may still be generated: a mark is lost when a picture is saved again, "
            "and can be removed."
        )
    if faults:
        raise faults[0]
    if not all(each.holds for each in found):
        raise typer.Exit(7)


def main() -> None:
    """Run the command; every error becomes one message and an exit code."""
    arguments = parse_output_options(sys.argv[1:])
    output_options.quiet = output_options.quiet or rank() > 0  # only rank 0 prints
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default", GanvasWarning)
            warnings.showwarning = partial(show_warning, warnings.showwarning)
            app(run_before_edit(spelled_out(arguments)), prog_name="ganvas")
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
    """Print a warning of ours as a message; `others` shows those of Python and of libraries."""
    if issubclass(category, GanvasWarning):
        print_message(str(message))
    else:
        others(message, category, *place)


def internal(error: Exception) -> None:
    """Report an exception that is no GanvasError: a fault of ours, or of a part of another package."""
    fail(
        GanvasError(
            f"internal error: {type(error).__name__}: {error}", hint="Please report it; -v shows the traceback."
        ),
        1,
        error,
    )


def fail(error: GanvasError, code: int, cause: BaseException | None = None) -> None:
    """Print an error on stderr (with --json as an object on stdout), with -v also its traceback, and exit."""
    if output_options.verbose:
        traceback.print_exception(cause or error)
    if report_to_launcher(error, code):
        sys.exit(code)
    if output_options.as_json:
        print_result({"error": str(error), "exit_code": code})
    else:
        print(wrapped(f"ganvas: {error}", columns(sys.stderr)), file=sys.stderr)
    sys.exit(code)
