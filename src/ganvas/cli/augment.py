"""`ganvas augment`: whether a classifier is better for generated samples."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from .opened import opened
from .output import print_message, print_result
from .progress import showing_progress


def augment(
    runs: Annotated[
        list[Path], typer.Argument(help="Runs of generators by class; each is a point of the curve.", metavar="RUN...")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The page.")] = Path("augment.html"),
    seeds: Annotated[int, typer.Option(min=2, help="Trainings of each classifier.")] = 5,
    samples: Annotated[int, typer.Option(min=1, help="Pictures that each classifier is trained on.")] = 30_000,
    generated: Annotated[int, typer.Option(min=1, help="Samples of each class, before the filter.")] = 500,
    confidence: Annotated[float, typer.Option(min=0.0, max=1.0, help="Least probability that the filter keeps.")] = 0.9,
    split: Annotated[Literal["val", "test"], typer.Option(help="That the accuracy is of.")] = "val",
    at: Annotated[str, typer.Option(help="The checkpoint: newest, best, a number of samples, or auto.")] = "auto",
) -> None:
    """Measure what generated samples add to a classifier, beside shifted pictures, on one page."""
    from ..applications.augment import augment_report
    from ..applications.augment_page import write_page

    with showing_progress():
        found = augment_report(
            [opened(run, at) for run in runs],
            seeds=seeds,
            samples=samples,
            generated=generated,
            confidence=confidence,
            split=split,
        )
        write_page(found, out)
    print_message("\n".join((*found.verdict, *found.messages)))
    points = [
        {"per_class": point.per_class, "accepted": point.accepted, "accuracy": dict(point.accuracy)}
        for point in found.points
    ]
    print_result({"page": str(out), "points": points, "verdict": list(found.verdict)}, str(out))
