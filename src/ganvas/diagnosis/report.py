"""The diagnoses of a run from its files: findings from the measurements, and from the scores."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..base.wording import command, counted
from ..runs import (
    STATUS,
    Recovered,
    Remedied,
    Run,
    SignalsMeasured,
    Started,
    Stopped,
    current_scores,
    distance_text,
    read_events,
    remedied_text,
)
from .remedies import Advise, Diagnosis, Remedy, diagnosis_of, no_advice
from .rules import Thresholds, findings

ENOUGH = 5  # measurements before a run is called healthy
NEARLY = 0.95  # of the run
LOST = 1.5  # times the best score
SCORINGS = 3  # without a new best, before "time to stop"
PATIENCE = 0.3  # of the run without a new best


def diagnose(
    measurements: Sequence[SignalsMeasured],
    *,
    total: int,
    scores: Sequence[Mapping[str, Any]] = (),
    t: Thresholds | None = None,
    advise: Advise = no_advice,
) -> list[Diagnosis]:
    """The diagnoses after the last measurement, the most specific first; "healthy" if nothing is wrong.

    A finished run is judged even with few measurements: a rule must then hold in all of them.

    Args:
        measurements: in the order of the run.
        total: samples of the whole run.
        scores: the lines of metrics.jsonl.
        t: the thresholds.
        advise: the text of a remedy for the recipe of this run.
    """
    over, t = bool(measurements) and measurements[-1].samples >= total, t or Thresholds()
    stand = [
        diagnosis_of(finding, advise)
        for finding in findings(
            measurements, total, replace(t, sustained=min(t.sustained, len(measurements))) if over else t
        )
    ]
    known = score_series(scores)
    if (lost := score_divergence(next(iter(known.values()), []), advise)) and not any(
        diagnosis.name == lost.name for diagnosis in stand
    ):
        stand.append(lost)
    if not any(diagnosis.severity == "wrong" for diagnosis in stand):
        if len(measurements) < ENOUGH and not over:
            stand.append(
                Diagnosis(
                    "too early to tell",
                    "well",
                    f"The doctor has measured {len(measurements)} times; it judges from {ENOUGH} measurements on.",
                )
            )
        elif far := unfinished(measurements, total, t, advise):
            stand.append(far)
        else:
            stand.append(healthy(measurements, total))
        if stop := time_to_stop(known, total, advise):
            stand.append(stop)
    return stand


def score_series(scores: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """By name, the finite values on val of each score with a known better direction; the headline first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for each in scores:
        if each.get("protocol", {}).get("split") == "val" and each.get("lower_is_better") is not None:
            found.setdefault(each["name"], [])
            if isinstance(each.get("value"), int | float) and math.isfinite(each["value"]):
                found[each["name"]].append(each)
    return found


def healthy(measurements: Sequence[SignalsMeasured], total: int) -> Diagnosis:
    """The diagnosis of a run without faults; it says if measurements were few or samples were not measured."""
    last, few = (
        measurements[-1],
        f", judged from {counted(len(measurements), 'measurement')}" if len(measurements) < ENOUGH else "",
    )
    message = f"Nothing is wrong after {last.samples:,} of {total:,} samples{few}"
    makes = any(name.startswith("x.") for name in last.signals)
    return Diagnosis(
        "healthy",
        "well",
        f"{message}."
        if makes
        else f"{message}, as far as numbers, loading and scores show; samples of this game are not measured.",
    )


def unfinished(measurements: Sequence[SignalsMeasured], total: int, t: Thresholds, advise: Advise) -> Diagnosis | None:
    """The run has ended, and its samples are far from the data."""
    last = measurements[-1]
    apart = last.signals.get("x.apart")
    if apart is None or apart < t.far or last.samples < NEARLY * total:
        return None
    nearer = "" if len(measurements) < ENOUGH else "; the distance was still shrinking"
    message = f"The run ends, and its samples are {distance_text(apart)}{nearer}."
    return Diagnosis(
        "unfinished",
        "watch",
        message,
        "The run was too short, or learning began late.",
        advise(Remedy("set the length", samples=2 * total)),
        last.samples,
    )


def loss_of(score: Mapping[str, Any]) -> float:
    """A score with the sign for which smaller is better."""
    return float(score["value"]) if score["lower_is_better"] else -float(score["value"])


def difference_error(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Two standard errors of the difference between two scores."""
    return 2 * math.hypot(one.get("error") or 0.0, other.get("error") or 0.0)


def score_divergence(series: Sequence[Mapping[str, Any]], advise: Advise) -> Diagnosis | None:
    """Divergence: the last two scores are far worse than the best, by more than their errors."""
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
    before = f"{best['name']} was {best['value']:.3g} at {best['samples']:,} samples"
    message = f"{before} and is {series[-1]['value']:.3g} now{sure}."
    return Diagnosis(
        "divergence",
        "wrong",
        message,
        "Training has lost quality; the checkpoint with the best score is the one to use.",
        advise(Remedy("slow down both players")),
        int(series[-2]["samples"]),
    )


def time_to_stop(known: Mapping[str, Sequence[Mapping[str, Any]]], total: int, advise: Advise) -> Diagnosis | None:
    """No score has improved by more than its error for a long time."""
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
    message = (
        f"No score has improved by more than its error in {scorings} scorings, since {since:,} samples; "
        f"the last was {best['name']}, {best['value']:.3g}."
    )
    return Diagnosis(
        "time to stop",
        "watch",
        message,
        "More training brings no measurable improvement.",
        advise(Remedy("set the length", samples=since)),
        since,
    )


def last_best(one: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The last score of a series that was better than all earlier ones by more than the error."""
    best = one[0]
    for each in one:
        if loss_of(each) < loss_of(best) - difference_error(each, best):
            best = each
    return best


def measurements_of(run: Run) -> tuple[list[SignalsMeasured], int]:
    """The measurements that are not superseded, and the total samples of the run."""
    events = read_events(run.events)
    total = next((event.total for event in reversed(events) if isinstance(event, Started | Remedied)), 0)
    return [event for event in events if isinstance(event, SignalsMeasured)], total


def nonfinite_end(run: Run, advise: Advise) -> list[Diagnosis]:
    """The diagnosis of a run that failed because numbers stayed not finite after every recovery; empty for others."""
    events = read_events(run.events)
    last = events[-1] if events else None
    if not (
        isinstance(last, Stopped)
        and last.reason == "failed"
        and any(isinstance(each, Recovered) and each.fault == "numbers" for each in events)
    ):
        return []
    message, cause = (
        str(last.notes.get("error", ""))[:1000],
        "Steps are too large for this game, or the data contain extreme values.",
    )
    return [Diagnosis("numbers broke", "wrong", message, cause, advise(Remedy("slow down both players")), last.samples)]


def diagnose_run(run: Run, advise: Advise = no_advice) -> list[Diagnosis]:
    """The diagnoses of a run, during training or after it; empty for a run that was never measured and did not fail.

    Args:
        run: from its files.
        advise: the text of a remedy for the recipe of this run.
    """
    measurements, total = measurements_of(run)
    if broke := nonfinite_end(run, advise):
        return broke
    found = diagnose(measurements, total=total, scores=current_scores(run), advise=advise) if measurements else []
    early = ended_early(run)
    wrong = any(diagnosis.severity == "wrong" for diagnosis in early)
    return [*early, *(each for each in found if not (wrong and each.severity == "well")), *remedied_diagnoses(run)]


def remedied_diagnoses(run: Run) -> list[Diagnosis]:
    """A diagnosis for each time that the run went back to a checkpoint and trained on with other settings."""
    applied = [event for event in read_events(run.events) if isinstance(event, Remedied)]
    return [
        Diagnosis("remedied", "watch", f"{sentence_of(event)} {event.message}", since=event.found_at)
        for event in applied
    ]


def sentence_of(event: Remedied) -> str:
    """A remedy as a sentence."""
    text = remedied_text(event)
    return f"{text[:1].upper()}{text[1:]}."


def ended_early(run: Run) -> list[Diagnosis]:
    """The diagnosis of a run that ended early. The lock decides, as a killed process leaves its old status."""
    state, further = run.state(), f"Continue it: {command('ganvas', 'resume', run.path)}"
    if state == "killed":
        message = "No process trains this run, and the last one wrote no reason: it was killed, or the machine stopped."
    elif state == "failed":
        message = f"The run ended with an error: {str(run.read_json(STATUS).get('error', 'unknown')).rstrip('.')}."
    elif state == "aborted":
        message = "The run was stopped before its end."
    else:
        return []
    return [Diagnosis("ended early", "wrong" if state != "aborted" else "watch", f"{message} {further}")]
