"""`ganvas eval`: how good a run or a folder of pictures is."""

import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..base.errors import GanvasError
from ..metrics.score_names import ALL_GROUPS
from .output import output_options, print_message, print_result
from .progress import showing_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..evaluation.evaluation import Evaluation
    from ..evaluation.save_report import Places
    from ..evaluation.thresholds import Condition
    from ..metrics.contract import Result


eval_app = typer.Typer(
    help="Judge a run, or a folder of pictures. `ganvas eval RUN` scores it; its options: `ganvas eval RUN -h`.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def spelled_out(words: list[str]) -> list[str]:
    """`ganvas eval RUN` is `ganvas eval score RUN`."""
    short = words[:1] == ["eval"] and len(words) > 1 and words[1] not in ("score", "human", "-h", "--help")
    return ["eval", "score", *words[1:]] if short else words


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
        typer.Option(
            help="Where the model has learnt (pictures or a run), if that is not known: asks for copies of it."
        ),
    ] = None,
    split: Annotated[Literal["val", "test"], typer.Option(help="test is for the very end.")] = "val",
    n: Annotated[
        int | None, typer.Option("-n", min=1, help="How many fakes. Default: as many as reals, at most 10,000.")
    ] = None,
    metrics: Annotated[str | None, typer.Option(help=f"Some of: {', '.join(ALL_GROUPS)}.")] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            help="Score by the published Inception network too: tf1 (the first paper's), pytorch-fid or clean."
        ),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(help="Score by the features of this network too: .onnx, or .safetensors of a known one."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="The Inception network's weights. Default: see `ganvas weights list`.")
    ] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch the Inception network's weights (91 MiB) if they are not here.")
    ] = False,
    fail_if: Annotated[
        list[str] | None,
        typer.Option("--fail-if", help="Exit code 7 if this holds, such as 'digit_frechet>2'. May be repeated."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Where the page goes. Default for a run: evaluation-SPLIT.html in it.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the latents and of what is drawn in scoring.")] = 0,
    data: Annotated[
        str | None, typer.Option(help="Where the run's own data are now, if they were moved.", metavar="NEW")
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Print every score, not five. With --metrics, --profile and --features all are printed."
        ),
    ] = False,
) -> None:
    """Score a run or a folder: the numbers that matter, their errors, real-vs-real values, and a verdict."""
    from ..evaluation.evaluate import evaluate
    from ..evaluation.save_report import places
    from ..evaluation.thresholds import check_in_advance, parse_conditions
    from ..weights.manage import download as fetch

    if profile is None and (weights is not None or download):
        profile = "tf1"
    checks, wanted = (
        parse_conditions(fail_if or [], profile=profile),
        None if metrics is None else [word.strip() for word in metrics.split(",")],
    )
    place = places(Path(what), report)
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
    found: "Evaluation", checks: "Sequence[Condition]", place: "Places", split: str, *, every: bool = False
) -> None:
    """The scores first, then what can still go wrong: conditions on scores that were not measured, and writing.

    The verdict stands last.
    """
    from ..evaluation.summary import headlines, verdict

    shown = found.results if every else headlines(found.results)
    if not output_options.as_json:
        print_result(None, "\n".join(table(found.title, shown)), prose=True)
    broken, page, said, fault = list["Condition"](), None, tuple[str, ...](), None
    try:
        page, said = place.keep(found, split)
    except GanvasError as error:
        fault = error
    for check in checks:
        try:
            broken += [check] * check.holds(found.results)
        except GanvasError as error:
            fault = error
    for sentence in (*found.messages, *said):
        print_message(sentence)
    if page is not None:
        print_message(f"\nreport  {page}")
    if broken:
        print_message(f"failed  {', '.join(f'{check} ({check.result(found.results).value:.4g})' for check in broken)}")
    if len(shown) < len(found.results):
        where = ", the report has them" if page else ""
        print_message(f"{len(found.results) - len(shown)} more scores: --all prints them{where}.")
    if not output_options.as_json and (words := verdict(found.results)):
        print_result(None, "\n".join(("", "Verdict", *(f"  {sentence}" for sentence in words))), prose=True)
    if output_options.as_json:
        told = {
            **found.plain(),
            "notes": [*found.messages, *place.messages, *said],
            "failed": [str(check) for check in broken],
            "report": page and str(page),
        }
        print_result(told if fault is None else {**told, "error": str(fault), "exit_code": fault.exit_code})
    elif fault is not None:
        raise fault
    if broken or fault is not None:
        raise typer.Exit(7 if fault is None else fault.exit_code)


@eval_app.command("human")
def human(
    run: Annotated[Path, typer.Argument(help="A run that makes pictures.", metavar="RUN")],
    against: Annotated[
        Path | None, typer.Option(help="Another run: which of two pictures looks more real?", metavar="RUN")
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="How many questions.")] = 50,
    milliseconds: Annotated[
        int, typer.Option(help="How long each picture is shown; 0 for as long as the judge likes.")
    ] = 0,
    judge: Annotated[str, typer.Option(help="Who judges, so that several people can be told apart.")] = "",
    port: Annotated[int, typer.Option(help="Of the page on this computer; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
) -> None:
    """Let people judge, on a page on this computer: real or fake, or which of two runs looks more real."""
    from ..evaluation.human import pairs, real_or_fake
    from ..serve.human import serve  # first: a missing extra is said before anything is computed

    def show(address: str) -> None:
        print_message(f"Judge here: {address}\nCtrl-C ends it; every answer is kept.")
        if browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    asked: dict[str, Any] = {"n": n, "milliseconds": milliseconds, "judge": judge}
    session = pairs(run, against, **asked) if against else real_or_fake(run, **asked)
    summary = serve(session, port=port, show=show)
    print_result(
        summary.plain() if summary else None, "\n".join(summary.words) if summary else "Nothing was judged.", prose=True
    )


def table(title: str, results: "Sequence[Result]") -> list[str]:
    """A line a score."""
    width = max((len(result.name) for result in results), default=4)
    lines = [title, f"{'':{width}}  {'value':>10}  {'error':>8}  {'n':>7}  {'real':>8}  ratio"]
    for result in results:
        ratio = f"{result.value / result.real_vs_real:5.2f}" if result.real_vs_real and result.real_vs_real > 0 else ""
        error = "" if result.error is None else f"{result.error:.2g}"
        real_vs_real = "" if result.real_vs_real is None else f"{result.real_vs_real:.4g}"
        lines.append(
            f"{result.name:{width}}  {result.value:>10.4g}  {error:>8}  {result.n:>7,}  {real_vs_real:>8}  {ratio}"
        )
    return lines
