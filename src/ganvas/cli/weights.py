"""`ganvas weights`: published weights of feature extractors for scores."""

from pathlib import Path
from typing import Annotated

import typer

from .output import print_result
from .progress import showing_progress

weights_app = typer.Typer(
    help="Published weights for scores such as the Frechet Inception distance.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@weights_app.command("list")
def weights_status() -> None:
    """List the known weights and their files."""
    from ..weights.manage import weights_status

    found = weights_status()
    text = [
        f"{each.name:12} {each.state:12} {each.sha256[:12]:13} {each.title}{f', {each.file}' if each.file else ''}"
        for each in found
    ]
    notes = [f"{each.name}: {each.hint}" for each in found if each.hint]
    print_result([each._asdict() for each in found], "\n".join([*text, *notes]))


@weights_app.command("convert")
def convert_weights(
    file: Annotated[Path, typer.Argument(help="A published .pth file.", metavar="FILE")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The safetensors file to write. Default: in the folder of FILE.")
    ] = None,
    sha256: Annotated[
        str, typer.Option(help="The hash that a file of your own must have; that of published files is known.")
    ] = "",
) -> None:
    """Convert a published .pth file to safetensors. Its hash is checked first, and no code in it is run."""
    from ..weights.manage import convert_to_safetensors

    made = convert_to_safetensors(file, out, sha256)
    print_result(
        {"file": str(made.file), "tensors": made.tensors, "sha256": made.sha256},
        f"{made.file}: {made.tensors} tensors, sha256 {made.sha256[:12]}",
    )


@weights_app.command("download")
def download_weights(
    name: Annotated[str, typer.Argument(help="A name from `ganvas weights list`.", metavar="NAME")] = "inception",
) -> None:
    """Download published weights from their publishers, check their hash, and convert them."""
    from ..weights.manage import download

    with showing_progress():
        file = download(name)
    print_result({"file": str(file)}, str(file))
