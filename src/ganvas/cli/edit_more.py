"""`ganvas edit RUN invert|encoder|attribute|mix|nearest|units`: pictures of a person's own, scores, styles, units."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..base.errors import UsageError
from ..base.wording import command
from .edit import At, Class, Mark, Seed, Sheet, Start, edit_app, parsed_seeds, report_edited
from .opened import opened
from .output import EPILOG, print_message, print_result
from .progress import showing_progress
from .train import RunPath

Rows = Annotated[int, typer.Option("-n", min=1, help="Samples, a row each.")]


@edit_app.command("invert", epilog=EPILOG)
def invert(
    run: RunPath,
    pictures: Annotated[list[Path], typer.Argument(help="Picture files.", metavar="PICTURE...")],
    encoder: Annotated[
        Path | None, typer.Option(help="A run of ganvas edit RUN encoder, whose codes are a beginning.", metavar="RUN")
    ] = None,
    steps: Annotated[
        int, typer.Option(min=0, help="Of the search; 0 with --encoder: its codes as they are.", metavar="N")
    ] = 400,
    starts: Annotated[int, typer.Option(min=1, help="Searches for each picture; the best is taken.", metavar="N")] = 4,
    space: Annotated[
        Literal["z", "w", "w+"] | None,
        typer.Option(help="Latents, one style, or a style for each layer. Default: z, or w of generators with styles."),
    ] = None,
    label: Class = None,
    out: Annotated[
        Path, typer.Option("-o", "--out", help="The latents (.safetensors); a sheet is beside them (.png).")
    ] = Path("inverted.safetensors"),
    at: At = "auto",
    mark: Mark = True,
) -> None:
    """Find the latents of your own pictures; other edits start from them with --start."""
    from ..applications.invert import invert as inverted_by
    from ..applications.latent_files import check_latent_ending

    check_latent_ending(out)
    with showing_progress():
        model = opened(run, at)
        found = inverted_by(model, pictures, encoder=encoder, steps=steps, starts=starts, space=space, classes=label)
        files = [found.save_latents(out), *found.save(out.with_suffix(".png"), mark=mark)]
        report_edited(found, files, mark, errors=list(found.errors))


@edit_app.command("encoder", epilog=EPILOG)
def encoder(
    run: RunPath,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="How long to train.", metavar="M")] = None,
    samples: Annotated[int, typer.Option(min=1, help="Pictures to train on, without --minutes.")] = 100_000,
    width: Annotated[int, typer.Option(min=1, help="Of the encoder's first layer.")] = 32,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The new run's folder.", metavar="FOLDER")] = None,
    at: At = "auto",
) -> None:
    """Train an encoder, which finds latents at once, as a new run for ganvas edit RUN invert --encoder."""
    from ..applications.train_encoder import train_encoder

    model = opened(run, at)
    trained = train_encoder(model, out=out, samples=samples, minutes=minutes, width=width)
    print_message(command("ganvas", "edit", run, "invert", "PICTURE", "--encoder", trained.path))
    print_result({"run": str(trained.path)}, str(trained.path))


@edit_app.command("attribute", epilog=EPILOG)
def attribute(
    run: RunPath,
    by: Annotated[
        str,
        typer.Option(
            help="brightness, contrast, saturation, warmth or detail; class:NAME; or a .csv of file,score for files of "
            "ganvas sample RUN -o FOLDER.",
            metavar="SCORE",
        ),
    ],
    without: Annotated[
        list[str] | None, typer.Option(help="A score that shall stay as it is; may be repeated.", metavar="SCORE")
    ] = None,
    n: Rows = 3,
    seed: Seed = 0,
    start: Start = None,
    reach: Annotated[float, typer.Option(help="Standard deviations to each side.")] = 3.0,
    scored_seed: Annotated[int, typer.Option(min=0, help="Of the samples in the .csv.")] = 0,
    label: Class = None,
    out: Sheet = Path("attribute.png"),
    at: At = "auto",
    mark: Mark = True,
) -> None:
    """Move samples, or inverted pictures, along the direction in which a score grows."""
    from ..applications.attribute import attribute as along_attribute
    from ..applications.write_edited import check_edited_ending

    check_edited_ending(out, film=False)
    with showing_progress():
        moved = along_attribute(
            opened(run, at),
            by,
            without=without or (),
            n=n,
            start=start,
            reach=reach,
            seed=seed,
            scored_seed=scored_seed,
            classes=label,
        )
        report_edited(moved, moved.save(out, mark=mark), mark, explained=moved.explained)


@edit_app.command("mix", epilog=EPILOG)
def mix(
    run: RunPath,
    seeds: Annotated[str, typer.Option(help="Of the rows, whose other layers stay.", metavar="S,S,...")] = "0,1,2",
    others: Annotated[
        str, typer.Option("--with", help="Of the columns, which give the styles of --layers.", metavar="S,S,...")
    ] = "3,4,5,6",
    layers: Annotated[str, typer.Option(help="coarse, middle, fine, or numbers such as 0-3.")] = "coarse",
    start: Start = None,
    label: Class = None,
    out: Sheet = Path("mix.png"),
    at: At = "auto",
    mark: Mark = True,
) -> None:
    """Mix the styles of samples: some layers from one, the others from another."""
    from ..applications.style_mixing import mix as mixed
    from ..applications.write_edited import check_edited_ending

    check_edited_ending(out, film=False)
    rows = parsed_seeds(seeds, 1)
    columns = parsed_seeds(others, 1, "--with") if start is None else []
    with showing_progress():
        edited = mixed(opened(run, at), rows, columns, layers=layers, start=start, classes=label)
        report_edited(edited, edited.save(out, mark=mark), mark)


@edit_app.command("nearest", epilog=EPILOG)
def nearest(
    run: RunPath,
    n: Rows = 8,
    seed: Seed = 0,
    start: Start = None,
    label: Class = None,
    out: Sheet = Path("nearest.png"),
    at: At = "auto",
    mark: Mark = True,
) -> None:
    """Show samples beside the training pictures that are nearest to them."""
    from ..applications.nearest_samples import nearest as with_nearest
    from ..applications.write_edited import check_edited_ending

    check_edited_ending(out, film=False)
    with showing_progress():
        edited = with_nearest(opened(run, at), n, seed=seed, start=start, classes=label)
        report_edited(edited, edited.save(out, mark=mark), mark)


@edit_app.command("units", epilog=EPILOG)
def units(
    run: RunPath,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="A measure (brightness, contrast, saturation, warmth, detail; may be repeated), or classes.",
            metavar="SCORE",
        ),
    ] = None,
    off: Annotated[
        str | None, typer.Option(help="Units to switch off, of the table: LAYER:NUMBER,...", metavar="UNITS")
    ] = None,
    layer: Annotated[list[str] | None, typer.Option(help="A layer to search; may be repeated. Default: all.")] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="Samples.")] = 64,
    seed: Seed = 0,
    start: Start = None,
    label: Class = None,
    out: Sheet = Path("units.png"),
    at: At = "auto",
    mark: Mark = True,
) -> None:
    """Find the units of the generator that change a score most, and show samples without them."""
    from ..applications.dissect import ablate, dissect
    from ..applications.write_edited import check_edited_ending

    check_edited_ending(out, film=False)
    wanted = None if off is None else parsed_units(off)
    if wanted is None and start is not None:
        raise UsageError("--start shows latents without units, and no units are named", hint="Name them: --off.")
    with showing_progress():
        model = opened(run, at)
        if wanted is not None:
            edited = ablate(model, wanted, min(n, 8), seed=seed, start=start, classes=label)
            report_edited(edited, edited.save(out, mark=mark), mark)
            return
        scores = "classes" if by == ["classes"] else by
        found = dissect(model, scores, n=n, layers=layer, seed=seed, classes=label)
        files = [*found.save(out, mark=mark), found.save_table(out.with_suffix(".csv"))]
        report_edited(found, files, mark, units={name: list(found.unit_of(name)) for name in found.names})


def parsed_units(text: str) -> list[tuple[str, int]]:
    """[("grow.3", 12)] of "grow.3:12". Raises UsageError."""
    found = [part.strip().rpartition(":") for part in text.split(",")]
    if not all(layer and number.isascii() and number.isdigit() and len(number) < 7 for layer, _, number in found):
        raise UsageError(f"'{text}' are no units", where="--off", hint="Such as --off grow.3:12,grow.3:15.")
    return [(layer, int(number)) for layer, _, number in found]
