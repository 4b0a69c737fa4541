"""All that can be said of a run's health from its files: the looks' findings, and what the scores add."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..base.wording import command, counted
from ..runs.directory import STATUS, Run
from ..runs.events import Recovered, SignalsMeasured, Started, Stopped, read_events
from ..runs.format import distance_text
from .remedies import Diagnosis, diagnosis_of, slower
from .rules import Thresholds, findings

ENOUGH = 5  # looks before anything is called healthy
NEARLY = 0.95  # of the run
LOST = 1.5  # times the best score
SCORINGS = 3  # without a new best, after which it is time to stop
PATIENCE = 0.3  # of the run without a new best


def diagnose(
    looks: Sequence[SignalsMeasured],
    *,
    total: int,
    config: Mapping[str, Any],
    scores: Sequence[Mapping[str, Any]] = (),
    t: Thresholds | None = None,
) -> list[Diagnosis]:
    """Everything that stands now, the most telling first; one "healthy" where nothing is wrong. `scores`: the lines of metrics.jsonl.

    A run that is over is judged however few its looks were: a criterion must then hold in all of them, where they are fewer than it asks for.
    """
    over, t = bool(looks) and looks[-1].samples >= total, t or Thresholds()
    stand = [
        diagnosis_of(finding, config)
        for finding in findings(looks, total, replace(t, sustained=min(t.sustained, len(looks))) if over else t)
    ]
    known = score_series(scores)
    if (lost := score_divergence(next(iter(known.values()), []), config)) and not any(
        verdict.name == lost.name for verdict in stand
    ):
        stand.append(lost)
    if not any(verdict.severity == "wrong" for verdict in stand):
        if len(looks) < ENOUGH and not over:
            stand.append(
                Diagnosis(
                    "too early to tell",
                    "well",
                    f"The doctor has looked {len(looks)} times; it judges from {ENOUGH} looks on.",
                )
            )
        elif far := unfinished(looks, total, t):
            stand.append(far)
        else:
            stand.append(healthy(looks, total))
        if stop := time_to_stop(known, total):
            stand.append(stop)
    return stand


def score_series(scores: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Every score on val whose better end is known, at each scoring, by name; the headline first, finite values only."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for each in scores:
        if each.get("protocol", {}).get("split") == "val" and each.get("lower_is_better") is not None:
            found.setdefault(each["name"], [])
            if isinstance(each.get("value"), int | float) and math.isfinite(each["value"]):
                found[each["name"]].append(each)
    return found


def healthy(looks: Sequence[SignalsMeasured], total: int) -> Diagnosis:
    """Nothing is wrong; of few looks, or a game whose samples are not looked at, how little that means."""
    last, few = looks[-1], f", as far as {counted(len(looks), 'look')} can tell" if len(looks) < ENOUGH else ""
    words = f"Nothing is wrong after {last.samples:,} of {total:,} samples{few}"
    makes = any(name.startswith("x.") for name in last.signals)
    return Diagnosis(
        "healthy",
        "well",
        f"{words}."
        if makes
        else f"{words}, as far as numbers, loading and scores tell; samples of this game are not looked at.",
    )


def unfinished(looks: Sequence[SignalsMeasured], total: int, t: Thresholds) -> Diagnosis | None:
    """The run is over, and its samples are far from the data."""
    last = looks[-1]
    apart = last.signals.get("x.apart")
    if apart is None or apart < t.far or last.samples < NEARLY * total:
        return None
    nearer = "" if len(looks) < ENOUGH else "; they were still coming nearer"
    words = f"The run ends, and its samples lie {distance_text(apart)}{nearer}."
    return Diagnosis(
        "unfinished", "watch", words, "The run was too short, or it learnt late.", f"samples={2 * total}", last.samples
    )


def loss_of(score: Mapping[str, Any]) -> float:
    """A score so that less is better."""
    return float(score["value"]) if score["lower_is_better"] else -float(score["value"])


def difference_error(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Two standard errors of the difference of two scores."""
    return 2 * math.hypot(one.get("error") or 0.0, other.get("error") or 0.0)


def score_divergence(series: Sequence[Mapping[str, Any]], config: Mapping[str, Any]) -> Diagnosis | None:
    """The last two scores are far worse than the best, and it is not chance as far as their errors tell."""
    if len(series) < 3:
        return None
    best = min(series[:-2], key=loss_of)
    apart = [abs(each["value"] - best["value"]) for each in series[-2:]]
    worse = [
        loss_of(each) > loss_of(best) + difference_error(each, best) and gap > (LOST - 1) * abs(best["value"])
        for each, gap in zip(series[-2:], apart, strict=True)
    ]
    if not all(worse):
        return None
    sure = "; it is not chance" if all(each.get("error") is not None for each in (best, *series[-2:])) else ""
    words = f"{best['name']} was {best['value']:.3g} at {best['samples']:,} samples and is {series[-1]['value']:.3g} now{sure}."
    return Diagnosis(
        "divergence",
        "wrong",
        words,
        "Training has lost what it had; the checkpoint of the best score is worth keeping.",
        slower(config),
        int(series[-2]["samples"]),
    )


def time_to_stop(known: Mapping[str, Sequence[Mapping[str, Any]]], total: int) -> Diagnosis | None:
    """None of the scores has beaten its best by more than the error for long."""
    bests = [last_best(each) for each in known.values() if each]
    if not bests:
        return None
    best, last = (
        max(bests, key=lambda one: int(one["samples"])),
        max(int(each[-1]["samples"]) for each in known.values() if each),
    )
    since = int(best["samples"])
    scorings = min(sum(int(each["samples"]) > since for each in one) for one in known.values() if one)
    if scorings < SCORINGS or last - since < PATIENCE * total:
        return None
    words = f"No score has got better by more than its error in {scorings} scorings, since {since:,} samples; the last was {best['name']}, {best['value']:.3g}."
    return Diagnosis(
        "time to stop",
        "watch",
        words,
        "More of the same training brings nothing that can be measured.",
        f"samples={since}",
        since,
    )


def last_best(one: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The last of a series that was better than all before it by more than the error."""
    best = one[0]
    for each in one:
        if loss_of(each) < loss_of(best) - difference_error(each, best):
            best = each
    return best


def measurements_of(run: Run) -> tuple[list[SignalsMeasured], int]:
    """The looks that stand, and for how many samples the run was meant."""
    events = read_events(run.events)
    total = next((event.total for event in reversed(events) if isinstance(event, Started)), 0)
    return [event for event in events if isinstance(event, SignalsMeasured)], total


def nonfinite_end(run: Run) -> list[Diagnosis]:
    """What a run died of whose numbers stayed broken after all that it tried."""
    events = read_events(run.events)
    last = events[-1] if events else None
    if not (
        isinstance(last, Stopped)
        and last.reason == "failed"
        and any(isinstance(each, Recovered) and each.fault == "numbers" for each in events)
    ):
        return []
    words, cause = (
        str(last.notes.get("error", ""))[:1000],
        "Steps too large for this game, or data that hold what no picture holds.",
    )
    return [Diagnosis("numbers broke", "wrong", words, cause, slower(run.settings()), last.samples)]


def diagnose_run(run: Run) -> list[Diagnosis]:
    """The verdicts on a run, running or ended; empty where there is nothing to say: the doctor never looked, and the run did not end before its time."""
    looks, total = measurements_of(run)
    if broke := nonfinite_end(run):
        return broke
    found = diagnose(looks, total=total, config=run.settings(), scores=run.read_metrics()) if looks else []
    early = ended_early(run)
    wrong = any(verdict.severity == "wrong" for verdict in early)
    return early + [verdict for verdict in found if not (wrong and verdict.severity == "well")]


def ended_early(run: Run) -> list[Diagnosis]:
    """Whether no process trains the run though it has not come to its end. The lock says so, not the status alone: a killed process leaves no last word."""
    state, further = run.state(), f"Continue it: {command('ganvas', 'resume', run.path)}"
    if state == "killed":
        words = "No process trains this run any more, and its last one left no word: it was killed, or the machine went down."
    elif state == "failed":
        words = f"The run ended with an error: {str(run.read_json(STATUS).get('error', 'it was not written down')).rstrip('.')}."
    elif state == "aborted":
        words = "The run was stopped at once, before its end."
    else:
        return []
    return [Diagnosis("ended early", "wrong" if state != "aborted" else "watch", f"{words} {further}")]
