"""`ganvas speak`: words of a closed vocabulary by a trained acoustic model."""

from pathlib import Path
from typing import Annotated

import typer

from .opened import opened
from .output import print_result
from .progress import showing_progress
from .train import ModelPath


def speak(
    run: ModelPath,
    text: Annotated[str, typer.Argument(help='Words that the model has learnt: "seven two one", or 721.')],
    out: Annotated[Path, typer.Option("-o", "--out", help="A .wav file.")] = Path("spoken.wav"),
    vocoder: Annotated[
        Path | None,
        typer.Option(help="The run of a vocoder for the same spectrograms. Without it: Griffin-Lim.", metavar="RUN"),
    ] = None,
    speed: Annotated[float, typer.Option(help="0.5 to 2; 2 is twice as fast.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
    at: Annotated[str, typer.Option(help="The checkpoint: newest, best, a number of samples, or auto.")] = "auto",
    mark: Annotated[bool, typer.Option("--mark/--no-mark", help="Mark the file as generated.")] = True,
) -> None:
    """Speak words that a model of recipe `speech` has learnt, and no others."""
    from ..applications.speak import speak as spoken_text
    from ..applications.speak import write_spoken
    from ..sessions.load_model import load

    with showing_progress():
        model = opened(run, at)
        spoken = spoken_text(model, text, vocoder=None if vocoder is None else load(vocoder), seed=seed, speed=speed)
        write_spoken(model, spoken, out, seed=seed, mark=mark)
    seconds = len(spoken.wave) / spoken.rate
    facts = {"file": str(out), "words": spoken.classes, "seconds": round(seconds, 3), "seed": seed, "marked": mark}
    print_result(facts, f"{out}: {' '.join(spoken.classes)}, {seconds:.1f} s")
