"""`ganvas export`: a trained model for use elsewhere."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from .opened import opened
from .output import print_message, print_result
from .progress import showing_progress
from .train import ModelPath

Format = Literal["folder", "onnx", "torch", "web"]
DEFAULT = {"folder": "model", "onnx": "model.onnx", "torch": "model.pt2", "web": "site"}


def export(
    run: ModelPath,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="A folder, or a file .onnx or .pt2. Default: model, model.onnx, ..., site."),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="folder: weights, facts, card, samples; onnx: one file; torch: a .pt2 of torch.export; web: a page "
            "that makes samples in a browser.",
        ),
    ] = "folder",
    every: Annotated[
        bool, typer.Option("--all", help="Of a folder: all players, such as D, to train further.")
    ] = False,
    precision: Annotated[
        Literal["float32", "bfloat16"], typer.Option(help="Of a folder's weights; bfloat16 has half the size.")
    ] = "float32",
    name: Annotated[str, typer.Option(help="The model's name. Default: that of the run.")] = "",
    licence: Annotated[str, typer.Option(help="Stated in the card, such as Apache-2.0.")] = "",
    data_note: Annotated[str, typer.Option("--data-note", help="A sentence on the data, for the card.")] = "",
    runtime: Annotated[
        Path | None,
        typer.Option(help="Of --format web: the folder of the npm package onnxruntime-web.", metavar="FOLDER"),
    ] = None,
    at: Annotated[str, typer.Option(help="The checkpoint: newest, best, a number of samples, or auto.")] = "auto",
) -> None:
    """Write a trained model for use elsewhere; no data and no path of this machine are in it."""
    from ..applications.export import check_ending
    from ..applications.export import export as export_model

    place = out or Path(DEFAULT[form])
    check_ending(place, form)
    with showing_progress():
        model = opened(run, at)
        files = export_model(
            model,
            place,
            format=form,
            every=every,
            precision=precision,
            name=name,
            licence=licence,
            data_note=data_note,
            runtime=runtime,
        )
    size = sum(file.stat().st_size for file in files)
    print_message(f"{len(files)} files, {size / 1e6:,.2f} MB" if len(files) > 1 else f"{size / 1e6:,.2f} MB")
    print_result({"files": [str(file) for file in files], "bytes": size, "format": form}, str(place))
