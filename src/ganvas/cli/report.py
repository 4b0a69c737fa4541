"""The end of a training command: paths, scores and the next commands."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..base.wording import command, counted, shortened_lines
from ..diagnosis import Diagnosis, diagnose_run
from ..diagnosis.closing import closing_sentence
from ..metrics.grade import Grade, grade_of
from ..metrics.score_names import flattery
from ..recipes.remedy_overrides import remedy_override
from ..runs import (
    Remedied,
    Run,
    Snapshot,
    Started,
    Stopped,
    chosen_checkpoint,
    chosen_scores,
    read_events,
    remedied_text,
)
from ..sessions.ledger import last_scoring
from .baseline import baseline_sentence
from .output import output_options, print_message, print_result

FEWEST_ROUNDS = 100  # an enlargement was good after 142 rounds; holes still showed after 49
OWN_SOURCES = ("Pictures", "Shards", "Pairs", "Halves")
UNGRADED = (
    "No grade: pictures that answer other pictures are judged by eye. Compare input, answer and truth in the samples."
)
TRANSLATORS = ("Translation", "Segmentation", "Cycle", "Contrast")  # games whose models `ganvas translate` uses


def print_end(run: Run) -> None:
    """Print the paths of the samples and the run, the scores, and the next commands.

    On stdout is only the run's path, or with --json all of it. The rest is on stderr.
    """
    results, events = last_results(run), read_events(run.events)
    reason = next((event.reason for event in reversed(events) if isinstance(event, Stopped)), "")
    pictures = [run.samples / (event.text or event.file) for event in events if isinstance(event, Snapshot)]
    scorings = last_scoring(run.path) if results and results[0]["protocol"].get("split") == "test" else None
    better = chosen_checkpoint(run)
    grade = grade_of(chosen_scores(run)) if reason == "finished" else None
    found = diagnose_run(run, partial(remedy_override, run.settings()))
    facts: dict[str, Any] = {
        "run": str(run.path),
        "reason": reason,
        "samples": str(pictures[-1]) if pictures else None,
        "results": results,
        "checkpoint": better.name if better else None,
        "grade": vars(grade) if grade else None,
        "verdict": closing_sentence(grade, found) if grade else None,
        "test_scorings": scorings and scorings.total,
        "remedies": [remedied_text(event) for event in events if isinstance(event, Remedied)],
    }
    if output_options.as_json:
        print_result(facts)
        return
    print_message()
    begun = next((event for event in reversed(events) if isinstance(event, Started)), None)
    idle = reason == "finished" and begun is not None and begun.resumed and begun.samples >= begun.total
    print_message(ending(reason, begun.samples if idle and begun else None))
    for line in verdict(run, begun.total if begun else 0, grade, found) if reason == "finished" else []:
        print_message(line)
    before = [f"  samples   {pictures[-1]}"] if pictures else []
    notes = [f"            {scorings.text}"] if scorings else []
    notes += [f"  best      {better.reason}"] if better else []
    notes += [*finding_lines(run, found), *(f"  remedy    {text}" for text in facts["remedies"])]
    for line in (*before, *score_lines(results), *notes):
        print_message(line)
    print_message(f"  run       {run.path}")
    if not sys.stdout.isatty():  # a program reads the output
        print_result(facts, str(run.path))
    print_message("\nNext:")
    more = longer(run, begun, idle)
    for line in (*more, *next_steps(run, reason, bool(pictures), {result["name"] for result in results})):
        print_message(f"  {line}", whole=True)


def longer(run: Run, begun: Started | None, idle: bool) -> list[str]:
    """The command that goes on with a finished run: one with nothing left to train, or of too few rounds."""
    if begun is None:
        return []
    settings = run.settings()
    short = 10 * FEWEST_ROUNDS * settings.get("batch_samples", 1) if too_short(settings, begun.total) else 0
    samples = max(short, 2 * begun.samples if idle else 0)
    return [command(typed(), "resume", run.path, "--samples", samples)] if samples else []


def translates(run: Run) -> bool:
    """Whether `ganvas translate` uses the model of a run."""
    return run.settings().get("game", {}).get("kind") in TRANSLATORS


def verdict(run: Run, total: int, grade: Grade | None, diagnoses: Sequence[Diagnosis]) -> list[str]:
    """What a finished run is worth, and whether it was long enough to learn anything. `total`: its samples."""
    short = too_short(run.settings(), total)
    text = UNGRADED if grade is None and translates(run) else grade_text(grade, diagnoses, last_results(run))
    against = baseline_sentence(run.settings(), run.read_metrics()) if translates(run) else ""
    return [text, *filter(None, (against, short))]


def too_short(settings: Mapping[str, Any], samples: int) -> str:
    """A sentence on a run of so few rounds that hardly anything is learnt; "" for longer ones.

    Args:
        settings: the tree of the recipe.
        samples: of the whole run.
    """
    batch = settings.get("batch_samples", 1)
    if samples >= FEWEST_ROUNDS * batch or settings.get("source", {}).get("kind") not in OWN_SOURCES:
        return ""
    rounds = counted(-(-samples // batch), "round")
    return (
        f"{counted(samples, 'sample')} are only {rounds}: hardly anything is learnt. The first command below goes on."
    )


def finding_lines(run: Run, diagnoses: Sequence[Diagnosis]) -> list[str]:
    """The first fault that the doctor found, and the command that prints all; none for a run without faults."""
    ill = [each for each in diagnoses if each.severity == "wrong" or each.name == "unfinished"]
    more = command(typed(), "doctor", run.path)
    return [f"  doctor    {each.name}. {each.message} More: {more}" for each in ill[:1]]


def ending(reason: str, finished_at: int | None) -> str:
    """A sentence on how the run ended.

    Args:
        reason: "finished", or what stopped the run.
        finished_at: the samples of a run that was finished before and had nothing left to train, else None.

    Returns:
        The sentence.
    """
    if finished_at is not None:
        after = counted(finished_at, "sample")
        return f"This run was already finished after {after}. The first command below trains it longer."
    return "Finished." if reason == "finished" else f"Stopped by {reason}, with a checkpoint."


def grade_text(grade: Grade | None, diagnoses: Sequence[Diagnosis], results: Sequence[object]) -> str:
    """The grade of a finished run with its two numbers and what to do, or why there is none."""
    if grade is None:
        return f"Grade: none, as {'only pictures are graded' if results else 'this run has no scores'}."
    return f"Grade: {grade.name}. {closing_sentence(grade, diagnoses)}"


def last_results(run: Run) -> list[dict[str, Any]]:
    """The results of the newest scoring, on val, or on test if the run was started with --test."""
    records = run.read_metrics()
    if not records:
        return []
    newest = (records[-1]["samples"], records[-1]["protocol"].get("split"))
    return [record for record in records if (record["samples"], record["protocol"].get("split")) == newest]


def number_text(value: float | None, form: str = ".3f") -> str:
    """A number as text; files have null for numbers that are not finite."""
    return "not finite" if value is None else format(value, form)


def score_lines(results: list[dict[str, Any]]) -> list[str]:
    """The headline with its protocol, then the rest."""
    if not results:
        return []
    head, *rest = results
    protocol = head["protocol"]
    error = f" +- {number_text(head['error'], '.2g')}" if head["error"] is not None else ""
    real_vs_real = (
        f"; real against real {number_text(head['real_vs_real'], '.3g')}" if head["real_vs_real"] is not None else ""
    )
    better = {True: "lower", False: "higher", None: "closer to the reals' value"}[head["lower_is_better"]]
    lines = [
        f"  score     {head['name']} {number_text(head['value'], '.4g')}{error} on {protocol.get('split')}, "
        f"n = {head['n']:,} ({better} is better{real_vs_real})"
    ]
    if "features" in protocol:
        lines.append(
            f"            features: {protocol['features']}, weights {str(protocol.get('weights_sha256'))[:12]}; "
            "not comparable with other tools' FID"
        )
    if caution := flattery(head["name"], protocol):
        lines.append(f"            {caution}")
    others = [result for result in rest if not result["name"].startswith("share_") and "[" not in result["name"]]
    if others:
        lines.append(
            "            " + "  ".join(f"{result['name']} {number_text(result['value'])}" for result in others)
        )
    shares = [result for result in rest if result["name"].startswith("share_")]
    if shares:
        lines.append(
            "  classes   "
            + "  ".join(f"{result['name'][6:]}: {number_text(result['value'], '.1%')}" for result in shares)
        )
    return [*lines, *column_lines(rest)]


def column_lines(results: list[dict[str, Any]]) -> list[str]:
    """For a table, a line for each column, the one farthest from the data first; at most ten."""
    columns: dict[str, dict[str, dict[str, Any]]] = {}
    for result in results:
        kind, bracket, name = result["name"].partition("[")
        if bracket:
            columns.setdefault(name[:-1], {})[kind] = result

    def column_text(name: str) -> str:
        parts = []
        for kind, result in columns[name].items():
            real_vs_real = (
                f" (reals {number_text(result['real_vs_real'], '.3g')})"
                if result["real_vs_real"] is not None and result["lower_is_better"] is not None
                else ""
            )
            parts.append(f"{kind} {number_text(result['value'], '.3g')}{real_vs_real}")
        return f"  column    {name}: {'  '.join(parts)}"

    worst = sorted(columns, key=lambda name: -(columns[name].get("wasserstein", {}).get("value") or 0.0))
    return shortened_lines(map(column_text, worst))


def next_steps(run: Run, reason: str, pictures: bool, scores: set[str]) -> list[str]:
    """The next commands, as they can be typed in this folder."""
    ganvas, path = typed(), run.path
    if reason != "finished":
        return [command(ganvas, "resume", path)]
    steps = []
    if translates(run):
        mask = ("--mask", "MASK.png") if run.settings().get("game", {}).get("condition") == "masked" else ()
        steps.append(command(ganvas, "translate", path, "PICTURE", *mask, "-o", "answer.png"))
        steps.append(command(ganvas, "translate", path, "FOLDER", *mask, "-o", "page.html"))
    elif "text_frechet" in scores:
        steps.append(command(ganvas, "sample", path, "-n", 20, "--temperature", 0.8))
    elif scores & {"columns_sliced", "table_pairs"}:
        steps.append(command(ganvas, "sample", path, "-n", 1000, "-o", "samples.csv"))
    elif pictures:
        steps.append(command(ganvas, "sample", path, "-n", 64, "-o", "grid.png"))
    if "read_as_asked" in scores:
        steps.append(command(ganvas, "sample", path, "-n", 16, "--class", 3, "-o", "threes.png"))
    return [*steps, *([command(ganvas, "eval", path)] if scores else []), command(ganvas, "lab", path)]


def typed() -> str:
    """The command's name if the shell finds it, else its path, as after `make demo`."""
    called = Path(sys.argv[0])
    return (
        os.path.relpath(called)
        if called.name == "ganvas" and called.is_file() and not shutil.which("ganvas")
        else "ganvas"
    )
