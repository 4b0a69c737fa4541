"""When a run goes back to a checkpoint by itself: pure functions of the doctor's measurements, without torch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..runs.events import SignalsMeasured
from .history import History, Thresholds
from .remedies import RemedyKind
from .rules import RULES, Finding, findings

# by finding: the kinds of remedy that are applied, the first time and each further time
CURES: Mapping[str, tuple[RemedyKind, ...]] = {
    "full collapse": ("slow down the discriminator", "slow down both players"),
    "divergence": ("slow down both players",),
}


def finding_to_remedy(measurements: Sequence[SignalsMeasured], total: int) -> Finding | None:
    """The finding for which a run goes back to a checkpoint; None if none holds.

    Args:
        measurements: in the order of the run.
        total: samples of the whole run.
    """
    return next((each for each in findings(measurements, total) if each.name in CURES), None)


def cure_for(finding: str, number: int) -> RemedyKind:
    """The kind of remedy for a finding in CURES, the first time (0) or a further time."""
    kinds = CURES[finding]
    return kinds[min(number, len(kinds) - 1)]


def is_sound(measurements: Sequence[SignalsMeasured], t: Thresholds | None = None) -> bool:
    """Whether the samples of the last measurement show no finding of CURES, even if it did not last.

    Args:
        measurements: in the order of the run; fewer than two show nothing, so that the answer is False.
        t: the thresholds.
    """
    last, t = len(measurements) - 1, replace(t or Thresholds(), stuck=0.0)
    if last < 1 or measurements[last].signals.get("x.coverage") is None:
        return False
    series = [History(measurements, 1, window) for window in (1, t.window)]  # a total of 1: no share of a run to wait
    return not any(RULES[name](each, last, t) for name in CURES for each in series)
