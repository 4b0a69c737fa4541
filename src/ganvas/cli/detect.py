"""`ganvas detect`: pictures that are unlike the normal ones that a run has learnt."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..base.errors import UsageError
from ..base.wording import command
from .opened import opened
from .output import print_message, print_result
from .progress import showing_progress
from .train import ModelPath

if TYPE_CHECKING:
    from ..applications.detect import Detection


def detect(
    run: ModelPath,
    pictures: Annotated[
        Path | None, typer.Argument(help="A picture, or a folder of pictures.", metavar="FOLDER")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="The scores as .csv; with --fit the new run's folder.", metavar="PATH"),
    ] = None,
    maps: Annotated[
        Path | None,
        typer.Option(help="A folder for maps: picture, what the model draws, difference.", metavar="FOLDER"),
    ] = None,
    false_alarms: Annotated[
        float | None,
        typer.Option(help="Share of normal pictures that may be called abnormal; at first 0.05.", metavar="SHARE"),
    ] = None,
    normal: Annotated[
        str | None,
        typer.Option(help="The subfolder of normal pictures, where the truth is known: prints scores.", metavar="NAME"),
    ] = None,
    masks: Annotated[
        Path | None,
        typer.Option(help="With --normal: where pictures are abnormal, white, a file for each.", metavar="FOLDER"),
    ] = None,
    fit: Annotated[
        bool, typer.Option("--fit", help="Train an encoder for a run of another recipe, as a new run.")
    ] = False,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="With --fit: how long to train.", metavar="M")] = None,
    samples: Annotated[int, typer.Option(min=1, help="With --fit: pictures to train on, without --minutes.")] = 100_000,
    at: Annotated[str, typer.Option(help="The checkpoint: newest, best, a number of samples, or auto.")] = "auto",
    mark: Annotated[bool, typer.Option("--mark/--no-mark", help="Mark maps as generated.")] = True,
) -> None:
    """Score pictures by how unlike the normal ones of a run they are (recipe anomaly)."""
    if fit:
        fit_detector(run, at, out, minutes, samples)
        return
    if pictures is None:
        raise UsageError("a FOLDER of pictures is missing", hint="ganvas detect RUN FOLDER")
    if masks is not None and normal is None:
        raise UsageError("--masks are compared where the truth is known", hint="Name the normal folder: --normal good.")
    from ..applications.detect import detect as scored_by
    from ..applications.detect_maps import write_maps

    with showing_progress():
        found = scored_by(opened(run, at), pictures, false_alarms=false_alarms)
        table = found.save(out or Path("anomalies.csv"))
        truth = {} if normal is None else scores_of(found, normal, masks)
        files = [] if maps is None else write_maps(found, maps, mark=mark)
    report(found, table, files, truth)
    if found.faults:
        raise found.faults[0]


def fit_detector(run: Path, at: str, out: Path | None, minutes: float | None, samples: int) -> None:
    """Train the encoder of a run, and print the new run."""
    from ..applications.train_detector import train_detector

    trained = train_detector(opened(run, at), out=out, minutes=minutes, samples=samples)
    print_message(command("ganvas", "detect", trained.path, "FOLDER"))
    print_result({"run": str(trained.path)}, str(trained.path))


def scores_of(found: "Detection", normal: str, masks: Path | None) -> dict[str, Any]:
    """Scores against the truth, which are printed too."""
    from ..applications.detect_overlap import map_overlap
    from ..applications.detect_scores import detection_scores, normal_by_folder

    truth = normal_by_folder([each.name for each in found.findings], normal)
    scores = detection_scores(found, truth)
    lines = scores.lines
    result: dict[str, Any] = {name: value._asdict() for name, value in scores.auroc.items()}
    if masks is not None:
        overlap = map_overlap(found, masks, truth)
        result["region_overlap"] = overlap._asdict()
        lines.append(
            f"maps over {overlap.regions} marked regions: PRO {overlap.value:.3f} (chance {overlap.chance:.2f})"
        )
    print_message("\n".join(lines))
    return result


def report(found: "Detection", table: Path, maps: list[Path], truth: dict[str, Any]) -> None:
    """Print what was found."""
    scale = found.detector
    if found.fitted:
        print_message(
            f"The threshold {scale.threshold:.4g} was fitted on {len(scale.normals):,} held-out normal pictures, and "
            "is stored with the run."
        )
    called = [each for each in found.findings if each.abnormal]
    print_message(
        f"{len(called)} of {len(found.findings)} pictures are abnormal, at a rate of false alarms of at most "
        f"{scale.false_alarms:g}."
    )
    for each in sorted(called, key=lambda finding: -finding.score)[:5]:
        print_message(f"{each.name}: score {each.score:.4g}, p value {each.p_value:.2g}")
    if found.faults:
        print_message(f"{len(found.faults)} files cannot be read, and are left out.")
    result = {"file": str(table), "pictures": len(found.findings), "abnormal": len(called), "auroc": truth}
    result |= {"threshold": scale.threshold, "false_alarms": scale.false_alarms, "maps": [str(each) for each in maps]}
    print_result(result, str(table))
