"""`ganvas eval`: scores of a run or of pictures."""

import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..base.errors import GanvasError
from ..base.wording import counted
from ..metrics.score_names import ALL_GROUPS
from .output import output_options, print_message, print_result
from .progress import showing_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..evaluation.evaluation import Evaluation
    from ..evaluation.save_report import Destinations
    from ..evaluation.thresholds import Condition
    from ..metrics.contract import Result


eval_app = typer.Typer(
    help="Evaluate a run or pictures. `ganvas eval RUN` scores it; `ganvas eval RUN -h` lists the options.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def spelled_out(arguments: list[str]) -> list[str]:
    """`ganvas eval RUN` is `ganvas eval score RUN`."""
    short = arguments[:1] == ["eval"] and len(arguments) > 1 and arguments[1] not in ("score", "human", "-h", "--help")
    return ["eval", "score", *arguments[1:]] if short else arguments


@eval_app.command("score")
def score(
    what: Annotated[
        str, typer.Argument(help="A run, or pictures: a folder, a zip, a list of files, an .npz.", metavar="RUN|FOLDER")
    ],
    against: Annotated[
        str | None,
        typer.Option(help="Real pictures, or a run for its data, to score against. Default: the run's own split."),
    ] = None,
    train: Annotated[
        str | None,
        typer.Option(help="The training pictures (or a run), if they are not known: copies of them are searched for."),
    ] = None,
    split: Annotated[
        Literal["val", "test"], typer.Option(help="Evaluate on test only once, at the end: it is counted.")
    ] = "val",
    n: Annotated[
        int | None, typer.Option("-n", min=1, help="The number of fakes. Default: as many as reals, at most 10,000.")
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(help=f"Groups of scores, with commas between them: {', '.join(ALL_GROUPS)}. Default: all."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="Score in the Inception space too, as tf1 (the first papers), pytorch-fid or clean."),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(help="Score in the space of this network too: .onnx, or .safetensors of a known one."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="The Inception network's weights. Default: see `ganvas weights list`.")
    ] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Download the Inception network's weights (91 MiB) if they are missing.")
    ] = False,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-if", help="End with exit code 7 if this is true, such as 'digit_frechet>2'. May be repeated."
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write the page to this file. Default for a run: evaluation-SPLIT.html in its folder."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the latents, the classes and the random samples of scoring.")] = 0,
    data: Annotated[
        str | None, typer.Option(help="The new path of the run's data, if they were moved.", metavar="NEW")
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Print all scores instead of five. With --metrics, --profile or --features all are printed."
        ),
    ] = False,
) -> None:
    """Score a run or pictures: the main scores with standard errors and real-vs-real values, and a verdict."""
    from ..evaluation.check_conditions import check_in_advance
    from ..evaluation.evaluate import evaluate
    from ..evaluation.save_report import find_destinations
    from ..evaluation.thresholds import parse_conditions
    from ..weights.manage import download as fetch

    if profile is None and (weights is not None or download):
        profile = "tf1"
    checks = parse_conditions(fail_if or [], profile=profile)
    wanted = None if metrics is None else [name.strip() for name in metrics.split(",")]
    place = find_destinations(Path(what), report)
    with showing_progress():
        if download:
            weights = weights or fetch("inception")
        check_in_advance(checks, Path(what), metrics=wanted, profile=profile, features=features, weights=weights)
        for sentence in (*place.messages, "Scoring"):
            print_message(sentence)
        found = evaluate(
            what,
            real=against,
            train=train,
            split=split,
            n=n,
            metrics=wanted,
            profile=profile,
            features=features,
            weights=weights,
            seed=seed,
            data=data,
        )
    conclude(found, checks, place, split, every=every or any(each is not None for each in (wanted, profile, features)))


def conclude(
    found: "Evaluation", checks: "Sequence[Condition]", place: "Destinations", split: str, *, every: bool = False
) -> None:
    """Print the scores, save the evaluation, check the conditions, print the verdict.

    The scores are printed first, because saving can fail and a condition can name a score that was not measured.
    """
    from ..evaluation.grading import grade_sentences
    from ..evaluation.summary import headlines, verdict

    shown = found.results if every else headlines(found.results)
    if not output_options.as_json:
        print_result(None, "\n".join(table(found.title, shown)), prose=True)
    broken, page, notes, fault = list["Condition"](), None, tuple[str, ...](), None
    try:
        page, notes = place.save(found, split)
    except GanvasError as error:
        fault = error
    for check in checks:
        try:
            if check.holds(found.results):
                broken.append(check)
        except GanvasError as error:
            fault = error
    for sentence in (*found.messages, *notes):
        print_message(sentence)
    if page is not None:
        print_message(f"\nreport  {page}")
    if broken:
        print_message(f"failed  {', '.join(check.broken_text(found.results) for check in broken)}")
    if len(shown) < len(found.results):
        where = "; they are in the report too" if page else ""
        print_message(f"--all prints {counted(len(found.results) - len(shown), 'more score')}{where}.")
    if not output_options.as_json and (sentences := (*grade_sentences(found.results), *verdict(found.results))):
        print_result(None, "\n".join(("", "Verdict", *(f"  {sentence}" for sentence in sentences))), prose=True)
    if output_options.as_json:
        record = {
            **found.plain(),
            "notes": [*found.messages, *place.messages, *notes],
            "failed": [str(check) for check in broken],
            "report": page and str(page),
        }
        print_result(record if fault is None else {**record, "error": str(fault), "exit_code": fault.exit_code})
    elif fault is not None:
        raise fault
    if broken or fault is not None:
        raise typer.Exit(7 if fault is None else fault.exit_code)


@eval_app.command("human")
def human(
    run: Annotated[Path, typer.Argument(help="A run that generates pictures.", metavar="RUN")],
    against: Annotated[
        Path | None,
        typer.Option(help="A second run: people choose the more realistic picture of each pair.", metavar="RUN"),
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="The number of questions, even, at most 2,000.")] = 50,
    milliseconds: Annotated[
        int, typer.Option(help="How long each picture is shown, from 16 to 60,000; 0 for no limit.")
    ] = 0,
    annotator: Annotated[str, typer.Option(help="Name of the person who answers; give each person another.")] = "",
    port: Annotated[int, typer.Option(help="Port of the page on this computer; 0 for a free one.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
) -> None:
    """Let people rate pictures on a page on this computer: real or fake, or which of two runs is more realistic."""
    from ..evaluation.human import pairs, real_or_fake
    from ..serve.human import serve  # first, so that a missing extra is reported before anything is computed

    def show(address: str) -> None:
        print_message(f"Rate the pictures at {address}\nCtrl-C ends the session; every answer is saved.")
        if browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    options: dict[str, Any] = {"n": n, "milliseconds": milliseconds, "annotator": annotator}
    session = pairs(run, against, **options) if against else real_or_fake(run, **options)
    summary = serve(session, port=port, show=show)
    text = "\n".join(summary.lines) if summary else "Nothing was rated."
    print_result(summary.plain() if summary else None, text, prose=True)


def table(title: str, results: "Sequence[Result]") -> list[str]:
    """The scores as a table, one line each."""
    width = max((len(result.name) for result in results), default=4)
    lines = [title, f"{'':{width}}  {'value':>10}  {'error':>8}  {'n':>7}  {'real vs real':>12}  ratio"]
    for result in results:
        ratio = f"{result.value / result.real_vs_real:5.2f}" if result.real_vs_real and result.real_vs_real > 0 else ""
        error = "" if result.error is None else f"{result.error:.2g}"
        real_vs_real = "" if result.real_vs_real is None else f"{result.real_vs_real:.4g}"
        lines.append(
            f"{result.name:{width}}  {result.value:>10.4g}  {error:>8}  {result.n:>7,}  {real_vs_real:>12}  {ratio}"
        )
    return lines
