"""The doctor's rules that need no samples of a run: for a discriminator in somebody's own training loop."""

from collections.abc import Mapping, Sequence

from ..runs.events import SignalsMeasured
from .history import History, Thresholds
from .remedies import ADVICE, Diagnosis
from .rules import Rule, broken, vanished


def far_ahead(h: History, i: int, t: Thresholds) -> str | None:
    """D ranks almost every fake below the reals."""
    ahead = h.now("D.ahead", i)
    return f"D puts {ahead:.0%} of reals above fakes" if ahead is not None and ahead >= t.strong else None


def hardly_ahead(h: History, i: int, t: Thresholds) -> str | None:
    """D hardly separates fakes from reals."""
    ahead = h.now("D.ahead", i)
    if ahead is None or ahead > t.weak:
        return None
    return f"D puts only {ahead:.0%} of reals above fakes: it is too weak, or fakes and reals are alike"


RULES: Mapping[str, Rule] = {
    "numbers broke": broken,
    "vanishing generator gradient": vanished,
    "discriminator too strong": far_ahead,
    "weak discriminator": hardly_ahead,
}


def adversary_findings(
    measurements: Sequence[SignalsMeasured], thresholds: Thresholds | None = None
) -> tuple[Diagnosis, ...]:
    """The rules that hold at the last measurements, with their causes as the doctor of a run states them.

    Args:
        measurements: of the signals "finite", "D.ahead" and "generator.gradient", in their order.
        thresholds: of the rules; those of the doctor without them.
    """
    t = thresholds or Thresholds()
    h = History(measurements, max((each.samples for each in measurements), default=1), t.window)
    found = list[Diagnosis]()
    for name, rule in RULES.items():
        streak = 0
        while streak < len(measurements) and rule(h, len(measurements) - 1 - streak, t) is not None:
            streak += 1
        if streak >= (1 if rule is broken else t.sustained):
            severity, cause, _ = ADVICE[name]
            evidence = rule(h, len(measurements) - 1, t) or ""
            found.append(Diagnosis(name, severity, evidence, cause, since=measurements[-streak].samples))
    return tuple(found)
