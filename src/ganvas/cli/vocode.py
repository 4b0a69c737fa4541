"""`ganvas vocode`: a trained vocoder applied to recordings and spectrograms."""

from pathlib import Path
from typing import Annotated

import typer

from .opened import opened
from .output import print_result
from .progress import showing_progress
from .train import ModelPath


def vocode(
    run: ModelPath,
    source: Annotated[
        Path,
        typer.Argument(help="A sound file, a folder of them, or an .npz with a spectrogram.", metavar="INPUT"),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="A .wav file, a folder, an .html page with the sounds before and after, or an .npz for the "
            "spectrogram of one file. Without it: vocoded.wav, or the folder vocoded.",
        ),
    ] = None,
    at: Annotated[str, typer.Option(help="The checkpoint: newest, best, a number of samples, or auto.")] = "auto",
    mark: Annotated[bool, typer.Option("--mark/--no-mark", help="Mark the files as generated.")] = True,
) -> None:
    """Make sound from mel spectrograms with a trained vocoder: recordings through it and back (copy synthesis)."""
    from ..applications.vocode import vocode as vocode_files

    with showing_progress():
        made = vocode_files(opened(run, at), source, out, mark=mark)
    place = made.files[0] if len(made.files) == 1 else out or Path("vocoded")
    facts = {"seconds": round(made.seconds, 3), "real_time_factor": round(made.real_time_factor, 4)}
    result = {"files": [str(file) for file in made.files], "n": len(made.files), "marked": mark, **facts}
    text = (
        f"{place}: {made.seconds:,.1f} s of sound in {made.took:,.1f} s, real-time factor {made.real_time_factor:.3f}"
    )
    print_result(result, text)
