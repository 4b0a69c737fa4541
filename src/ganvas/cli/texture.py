"""`ganvas texture`: a texture of any size without seams."""

import re
from pathlib import Path
from typing import Annotated

import typer

from ..base.errors import UsageError
from .opened import opened
from .output import print_result
from .progress import showing_progress
from .train import ModelPath


def texture(
    run: ModelPath,
    out: Annotated[Path, typer.Option("-o", "--out", help="A file .png or .webp.")] = Path("texture.png"),
    size: Annotated[
        str, typer.Option(help="Pixels, raised to multiples of 16: 512, or 1024x768. At most 2048x2048.")
    ] = "512",
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
    repeat: Annotated[
        int, typer.Option(min=1, max=8, help="Put it so often beside and below itself, to see that it joins.")
    ] = 1,
    at: Annotated[str, typer.Option(help="The checkpoint: newest, best, a number of samples, or auto.")] = "auto",
    mark: Annotated[bool, typer.Option("--mark/--no-mark", help="Mark the file as generated.")] = True,
) -> None:
    """Make a texture whose borders join, with a run of the recipe texture."""
    from ..applications.texture import write_texture

    found = re.fullmatch(r"(\d{1,5})(?:x(\d{1,5}))?", size)
    if found is None:
        raise UsageError(f"--size is '{size}', and a number or WIDTHxHEIGHT is needed", hint="Use --size 1024x768.")
    width, height = int(found[1]), int(found[2] or found[1])
    with showing_progress():
        model = opened(run, at)
        file = write_texture(model, out, width=width, height=height, seed=seed, repeat=repeat, mark=mark)
    print_result({"files": [str(file)], "n": 1, "seed": seed, "marked": mark}, str(file))
