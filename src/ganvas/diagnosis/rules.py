"""From the doctor's measurements to findings: a pure function of a run's events, the same during a run and after it.

A rule must hold in several measurements in a row, and warm-up does not count. No rule depends on losses only.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..runs.events import SignalsMeasured
from ..runs.format import distance_text
from .column_rules import column_off
from .history import History as History
from .history import Thresholds as Thresholds
from .history import stuck


@dataclass(frozen=True)
class Finding:
    """A rule that holds: its name, since how many samples, and the numbers as text."""

    name: str
    since: int  # samples
    evidence: str


Rule = Callable[[History, int, Thresholds], str | None]


def broken(h: History, i: int, t: Thresholds) -> str | None:
    """A weight, a gradient or a sample is not finite."""
    if h.raw("finite", i) == 0 or h.raw("x.finite", i) == 0:
        return "a weight, a gradient or a sample is no longer a finite number"
    return None


def standing(h: History, i: int, t: Thresholds) -> str | None:
    """The relative update of one network is negligible against that of the other."""
    G, D = h.now("G.update", i), h.now("D.update", i)
    if G is None or D is None or max(G, D) < 1e-5 or min(G, D) >= t.still * max(G, D):
        return None
    name, step = ("G", G) if G < D else ("D", D)
    return f"{name} moves by {step:.2g} of its weights a round, the other by {max(G, D):.2g}"


def collapsed(h: History, i: int, t: Thresholds) -> str | None:
    """Samples cover almost nothing and are duplicates of each other, and this has not improved or is so for long."""
    coverage, repeated, rank = (h.now(f"x.{name}", i) for name in ("coverage", "repeated", "rank"))
    lasting = i + 1 >= t.sustained and h.share(i) >= t.late
    if coverage is None or repeated is None or coverage >= t.uncovered or not (lasting or stuck(h, i, t)):
        return None
    if repeated >= t.repeats or (rank is not None and rank < t.uncovered):
        return f"samples cover {coverage:.0%} of what reals cover, and {repeated:.0%} of them have a twin"
    return None


def narrow(h: History, i: int, t: Thresholds) -> str | None:
    """Precision is good, coverage is low. Samples that are like no real one, such as grainy ones, are no collapse."""
    coverage, precision = h.now("x.coverage", i), h.now("x.precision", i)
    if coverage is None or precision is None or coverage >= t.narrow or not stuck(h, i, t):
        return None
    good = precision >= max(2 * coverage, t.realistic)
    return f"samples cover {coverage:.0%} of what reals cover" if good else None


def judged(h: History, i: int) -> str:
    """The reals with which the logits of fakes were compared."""
    return "training reals" if h.raw("D.held", i) is None else "held-out reals"


def strong(h: History, i: int, t: Thresholds) -> str | None:
    """D ranks almost every fake below reals, and the distance to the data does not shrink."""
    ahead, apart = h.now("D.ahead", i), h.now("x.apart", i)
    if ahead is None or apart is None or ahead < t.strong or apart < t.far or not stuck(h, i, t):
        return None
    return (
        f"D puts {ahead:.0%} of {judged(h, i)} above fakes, and the samples, {distance_text(apart)}, do not get closer"
    )


def weak(h: History, i: int, t: Thresholds) -> str | None:
    """D hardly separates fakes from reals, although the samples are far from the data."""
    ahead, apart = h.now("D.ahead", i), h.now("x.apart", i)
    if ahead is None or apart is None or ahead > t.weak or apart < t.far or not stuck(h, i, t):
        return None
    return f"D puts only {ahead:.0%} of {judged(h, i)} above fakes, though the samples are {distance_text(apart)}"


def vanished(h: History, i: int, t: Thresholds) -> str | None:
    """G's gradient is a small share of its maximum, and D ranks almost every fake below reals."""
    name = "generator.gradient" if h.now("both.G.gradient", i) is None else "both.G.gradient"
    gradient, ahead = h.now(name, i), h.now("D.ahead", i)
    if gradient is None or ahead is None or ahead < t.strong:
        return None
    most = max(h.so_far(name, i))
    return (
        f"G's gradient is {gradient:.2g}, {gradient / most:.1%} of its largest"
        if gradient < t.vanished * most
        else None
    )


def diverged(h: History, i: int, t: Thresholds) -> str | None:
    """Samples are much farther from the data than they were."""
    apart, before = h.now("x.apart", i), h.so_far("x.apart", i)
    if apart is None or apart < t.far or apart < t.worse * min(before):
        return None
    return f"the samples are {distance_text(apart)}, and were at {min(before):.1f} times before"


def swinging(h: History, i: int, t: Thresholds) -> str | None:
    """The distance to the data has risen and fallen at least twice."""
    series, turns, low, high = h.so_far("x.apart", i, t.warmup), 0, None, None
    for value in series:
        low, high = min(value, low or value), max(value, high or value)
        if value > t.swings * low or value < high / t.swings:
            turns, low, high = turns + (1 if value > t.swings * low else 0), value, value
    apart = h.now("x.apart", i)
    return (
        f"the samples' distance to the data has risen by half and more {turns} times"
        if turns >= 2 and apart is not None and apart > t.far
        else None
    )


def starved(h: History, i: int, t: Thresholds) -> str | None:
    """G has a small share of the turns."""
    turns, apart = h.raw("G.turns", i), h.now("x.apart", i)
    if turns is None or apart is None or turns >= t.turns or apart < t.good:
        return None
    return f"only {turns:.0%} of the turns are G's, and its samples are {distance_text(apart)}"


def wobbling(h: History, i: int, t: Thresholds) -> str | None:
    """Samples of the live networks are far from those of the averaged networks."""
    wobble, apart = h.now("x.wobble", i), h.now("x.apart", i)
    if wobble is None or apart is None or wobble < t.ema_gap or apart < t.good or not stuck(h, i, t):
        return None
    return f"live samples are {wobble:.1f} of the distance between reals away from those of the averaged weights"


def restless(h: History, i: int, t: Thresholds) -> str | None:
    """Samples of the same latents change much, and their distance to the data does not shrink."""
    step, apart = h.now("x.moved", i), h.now("x.apart", i)
    if step is None or apart is None or step < t.restless or apart < t.far or not stuck(h, i, t):
        return None
    return (
        f"samples of the same latents move by {step:.1f} of the distance between reals between two measurements, "
        "and do not get closer to the data"
    )


def unsettled(h: History, i: int, t: Thresholds) -> str | None:
    """Any of three signs of oscillation."""
    return restless(h, i, t) or wobbling(h, i, t) or swinging(h, i, t)


def stalled(h: History, i: int, t: Thresholds) -> str | None:
    """In the second half of the run the samples are far from the data, and the distance does not shrink."""
    apart = h.now("x.apart", i)
    if apart is None or h.share(i) < 0.5 or apart < t.stalled or not stuck(h, i, t):
        return None
    return f"the samples are {distance_text(apart)}, hardly closer than a quarter of the run ago"


def overfits(h: History, i: int, t: Thresholds) -> str | None:
    """D ranks training reals above held-out reals."""
    memory, ratio = h.now("D.memory", i), h.now("D.held_ratio", i)
    if memory is None or memory < max(t.memory, 0.5 + t.chance * by_chance(h, i)):
        return None
    return f"D puts a training real above a held-out one in {memory:.0%} of pairs" + (
        f" (r_v {ratio:.2f})" if ratio is not None else ""
    )


def by_chance(h: History, i: int) -> float:
    """The standard error of D.memory without overfitting; more measurements of the same items do not lower it.

    Mann and Whitney 1947.
    """
    n, m = h.raw("data.shown", i), h.raw("data.held", i)
    return math.sqrt((n + m + 1) / (12 * n * m)) if n is not None and m is not None and min(n, m) >= 1 else 0.0


def memorised(h: History, i: int, t: Thresholds) -> str | None:
    """Samples are closer to training reals than to held-out reals, after enough passes over the data.

    Samples that are all alike are all closer to one or to the other, by chance.
    """
    value, items, coverage = h.now("x.nearer", i), h.raw("data.items", i) or 0.0, h.now("x.coverage", i)
    if value is None or value < t.nearer or h.measurements[i].samples < t.passes * items:
        return None
    if coverage is not None and coverage < t.uncovered:
        return None
    return f"{value:.0%} of samples are nearer to training reals than to as many held-out ones"


def thin(h: History, i: int, t: Thresholds) -> str | None:
    """The training data do not cover the held-out data."""
    coverage, items = h.raw("data.coverage", i), h.raw("data.items", i)
    if coverage is None or items is None or coverage >= t.thin:
        return None
    return f"the {items:,.0f} training items cover {coverage:.0%} of what held-out reals cover"


def copied(h: History, i: int, t: Thresholds) -> str | None:
    """The training data contain duplicates."""
    value = h.raw("data.repeated", i)
    return (
        f"{value:.0%} of training items have a twin, where 2 % would be usual"
        if value is not None and value >= t.repeats
        else None
    )


def waiting(h: History, i: int, t: Thresholds) -> str | None:
    """Training waits for data."""
    value = h.now("wait", i)
    return f"{value:.0%} of the time passes in waiting for data" if value is not None and value >= t.wait else None


RULES: Mapping[str, Rule] = {  # the most specific first
    "numbers broke": broken,
    "a player stands still": standing,
    "repeated data": copied,
    "few data": thin,
    "full collapse": collapsed,
    "weak discriminator": weak,
    "vanishing generator gradient": vanished,
    "discriminator too strong": strong,
    "divergence": diverged,
    "oscillation": unsettled,
    "starved generator": starved,
    "discriminator overfits": overfits,
    "memorisation": memorised,
    "partial collapse": narrow,
    "column off": column_off,
    "no progress": stalled,
    "loader-bound": waiting,
}
AT_ONCE = ("numbers broke",)  # reported at the first measurement, in warm-up too
VAGUE = ("no progress", "loader-bound")  # the first is reported only without another finding
OF_DATA = ("repeated data", "few data")  # fixed from the start
COLLAPSE = "full collapse"
FOLLOW_COLLAPSE = (
    "oscillation",
    "discriminator overfits",
    "memorisation",
    "partial collapse",
)  # not reported beside it


def findings(
    measurements: Sequence[SignalsMeasured], total: int, thresholds: Thresholds | None = None
) -> list[Finding]:
    """The rules that hold at the last measurement, the most specific first.

    Args:
        measurements: in the order of the run.
        total: samples of the whole run.
        thresholds: of the rules.
    """
    t = thresholds or Thresholds()
    h = History(measurements, max(total, 1), t.window)
    found: list[Finding] = []
    for name, rule in RULES.items():
        needed = 1 if name in AT_ONCE or name in OF_DATA else t.sustained
        streak = 0
        for i in reversed(range(len(measurements))):
            if (name not in (*AT_ONCE, *OF_DATA) and h.share(i) < t.warmup) or rule(h, i, t) is None:
                break
            streak += 1
        if streak >= needed:
            last = len(measurements) - 1
            found.append(Finding(name, measurements[last - streak + 1].samples, rule(h, last, t) or ""))
    if any(finding.name == COLLAPSE for finding in found):
        found = [finding for finding in found if finding.name not in FOLLOW_COLLAPSE]
    explained = any(finding.name not in VAGUE for finding in found)
    return [finding for finding in found if finding.name != VAGUE[0] or not explained]


def is_collapsed(measurements: Sequence[SignalsMeasured], total: int, thresholds: Thresholds | None = None) -> bool:
    """Whether "full collapse" holds at the last measurement. The arguments are those of `findings`."""
    return any(finding.name == COLLAPSE for finding in findings(measurements, total, thresholds))
