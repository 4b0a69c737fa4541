"""`ganvas edit RUN interpolate|truncation|directions`: samples edited in the latent space of a trained run.

cli/edit_more.py has the other edits.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..base.errors import UsageError
from .opened import opened
from .output import EPILOG, print_message, print_result
from .progress import showing_progress
from .train import ModelPath

if TYPE_CHECKING:
    from ..applications.edit import Edited

edit_app = typer.Typer(
    help="Edit samples of a trained run, or pictures of your own: ganvas edit RUN invert, interpolate, ...",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
)
EDITS = (
    "interpolate",
    "truncation",
    "directions",
    "invert",
    "encoder",
    "attribute",
    "mix",
    "nearest",
    "units",
)
At = Annotated[str, typer.Option(help="The checkpoint: newest, best, a number of samples, or auto.")]
Mark = Annotated[bool, typer.Option("--mark/--no-mark", help="Mark the file as generated.")]
Class = Annotated[
    str | None,
    typer.Option(
        "--class", help="The class of all samples. Default: as ganvas sample, the first of one, all in turn of a row."
    ),
]
Sheet = Annotated[Path, typer.Option("-o", "--out", help="sheet.png or sheet.webp.")]
Seed = Annotated[int, typer.Option(min=0, help="The samples are those of ganvas sample --seed.")]
Start = Annotated[
    Path | None,
    typer.Option(help="Latents instead of samples: a file of ganvas edit RUN invert.", metavar="FILE.safetensors"),
]


def run_before_edit(arguments: list[str]) -> list[str]:
    """`ganvas edit RUN interpolate` is `ganvas edit interpolate RUN`. Raises UsageError: no edit follows the run."""
    if arguments[:1] != ["edit"] or len(arguments) < 2 or arguments[1] in EDITS or arguments[1].startswith("-"):
        return arguments
    run, following = arguments[1], arguments[2:]
    if not following or following[0] not in (*EDITS, "-h", "--help"):
        raise UsageError(
            "the edit is missing or unknown", where=" ".join(following[:1]), hint=f"Use {', '.join(EDITS)}."
        )
    return ["edit", following[0], *(() if following[0] not in EDITS else (run,)), *following[1:]]


@edit_app.command("interpolate", epilog=EPILOG)
def interpolate(
    run: ModelPath,
    seeds: Annotated[str, typer.Option(help="Two or more seeds: 1,7,3.", metavar="S,S,...")] = "0,1",
    start: Start = None,
    path: Annotated[
        Literal["spherical", "linear", "style"],
        typer.Option(help="A great circle or a line of the latents z, or a line of the styles w."),
    ] = "spherical",
    frames: Annotated[
        int | None,
        typer.Option(min=1, help="Steps from one seed to the next. Default: 30; 8 in a .png.", metavar="N"),
    ] = None,
    rate: Annotated[float, typer.Option(min=1, max=60, help="Pictures a second.")] = 20.0,
    label: Class = None,
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--out", help="A film (.webp, .gif; .mp4 needs ganvas[video]), or a strip of pictures (.png)."
        ),
    ] = Path("walk.webp"),
    at: At = "auto",
    mark: Mark = True,
) -> None:
    """Walk from sample to sample; at each seed it is the sample of ganvas sample --seed."""
    from ..applications.edit import interpolate as walk
    from ..applications.write_edited import check_edited_ending

    steps = frames or (8 if check_edited_ending(out, film=True) == ".png" else 30)
    wanted = parsed_seeds(seeds) if start is None else []
    with showing_progress():
        edited = walk(opened(run, at), wanted, start=start, path=path, frames=steps, classes=label)
        report_edited(edited, edited.save(out, per_second=rate, mark=mark), mark)


@edit_app.command("truncation", epilog=EPILOG)
def truncation(
    run: ModelPath,
    n: Annotated[int, typer.Option("-n", min=1, help="Samples in a row.")] = 8,
    seed: Seed = 0,
    start: Start = None,
    label: Class = None,
    out: Sheet = Path("truncation.png"),
    at: At = "auto",
    mark: Mark = True,
) -> None:
    """Show the same samples at psi = 0, 0.25, 0.5, 0.75 and 1, less diverse towards the top."""
    from ..applications.edit import truncation as truncated
    from ..applications.write_edited import check_edited_ending

    check_edited_ending(out, film=False)
    with showing_progress():
        edited = truncated(opened(run, at), n, seed=seed, start=start, classes=label)
        report_edited(edited, edited.save(out, mark=mark), mark)


@edit_app.command("directions", epilog=EPILOG)
def directions(
    run: ModelPath,
    number: Annotated[int, typer.Option(min=1, help="Directions, the strongest first.", metavar="N")] = 8,
    method: Annotated[
        Literal["sefa", "principal", "codes"],
        typer.Option(
            help="From the weights of the layer that reads the latent, principal components of samples, or the codes "
            "of infogan."
        ),
    ] = "sefa",
    reach: Annotated[float, typer.Option(help="Standard deviations to each side.")] = 3.0,
    seed: Seed = 0,
    start: Start = None,
    label: Class = None,
    out: Sheet = Path("directions.png"),
    at: At = "auto",
    mark: Mark = True,
) -> None:
    """Move a sample along the directions in which samples change most: a row each."""
    from ..applications.edit import directions as along_directions
    from ..applications.write_edited import check_edited_ending

    check_edited_ending(out, film=False)
    with showing_progress():
        settings: dict[str, Any] = {"method": method, "reach": reach, "seed": seed, "start": start, "classes": label}
        edited = along_directions(opened(run, at), number, **settings)
        report_edited(edited, edited.save(out, mark=mark), mark)


def parsed_seeds(text: str, least: int = 2, option: str = "--seeds") -> list[int]:
    """Seeds of "1,7,3". Raises UsageError."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) < least or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        many = "two or more seeds" if least == 2 else "seeds"
        raise UsageError(f"'{text}' is no list of {many}", where=option, hint=f"Such as {option} 1,7,3.")
    return [int(part) for part in parts]


def report_edited(edited: "Edited", files: list[Path], mark: bool, **more: Any) -> None:
    """Print what was made, and where it is."""
    print_message(edited.note)
    result = {"files": [str(file) for file in files], "n": len(edited.x), "note": edited.note, "marked": mark, **more}
    print_result(result, str(files[0]))
