"""`ganvas translate`: a trained translator applied to pictures, folders and videos."""

from pathlib import Path
from typing import Annotated

import typer

from .opened import opened
from .output import print_result
from .progress import showing_progress
from .train import ModelPath


def translate(
    run: ModelPath,
    source: Annotated[
        Path,
        typer.Argument(help="A picture, a folder of pictures, or a video (needs ganvas[video]).", metavar="INPUT"),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="A folder, a file (.png, .webp; .mp4 of a video), or an .html page of pictures before and after. "
            "Without it: translated, in the current folder.",
        ),
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            help="Where to fill holes: a picture, white there, or a folder of them. Without it: where the picture is "
            "transparent.",
            metavar="FILE|FOLDER",
        ),
    ] = None,
    tile: Annotated[
        int | None,
        typer.Option(
            min=16, help="Side of the tiles in pixels; without it 512, for more than a million pixels.", metavar="N"
        ),
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Translate the other way, of an unpaired model.")] = False,
    seed: Annotated[
        int, typer.Option(min=0, help="Of models that have many answers to a picture: another one.", metavar="N")
    ] = 0,
    at: Annotated[str, typer.Option(help="The checkpoint: newest, best, a number of samples, or auto.")] = "auto",
    mark: Annotated[bool, typer.Option("--mark/--no-mark", help="Mark the files as generated.")] = True,
) -> None:
    """Translate pictures with a trained run: restore, colour, enlarge, fill holes, change the style."""
    from ..applications.translate import translate as translate_files

    with showing_progress():
        model = opened(run, at)
        files = translate_files(model, source, out, mask=mask, tile=tile, reverse=reverse, seed=seed, mark=mark)
    result = {"files": [str(file) for file in files], "n": len(files), "marked": mark}
    print_result(result, str(files[0] if len(files) == 1 else out or "translated"))
