"""The doctor's measurements as one series for each signal, and the thresholds of the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ..runs.events import SignalsMeasured


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of the rules; docs/doctor.md describes how they were chosen."""

    warmup: float = 0.1  # of the run, whose measurements are not judged
    sustained: int = 3  # measurements in a row
    window: int = 3  # measurements whose median is the current value
    uncovered: float = 0.12  # coverage, as a share of the reals': a full collapse below
    late: float = 0.5  # share of the run from which such samples are a collapse even if they get closer to the data
    narrow: float = 0.2  # below: a partial one, where precision is twice as much
    realistic: float = 0.1  # and at least this: with no sample near a real one, both are zero
    repeats: float = 0.2  # share of samples with a twin; 0.02 of reals have one
    good: float = 1.5  # distance to the data, in distances between reals, below which little can be wrong
    far: float = 4.0  # distance to the data, in distances between reals
    worse: float = 2.0  # times the best distance so far: divergence
    swings: float = 1.5  # up and down by this factor: oscillation
    stuck: float = 0.85  # of the distance a quarter of the run ago: no progress above
    strong: float = 0.97  # how often D puts a held-out real above a fake, or a training real where few are held out
    weak: float = 0.6
    memory: float = 0.63  # how often D puts a training real above a held-out one
    chance: float = 4.0  # standard errors by which that must differ from a half
    nearer: float = 0.8  # how often a sample lies nearer to training reals
    passes: float = 2.0  # over the training data, before memorisation is possible
    thin: float = 0.75  # coverage of held-out reals by training reals
    vanished: float = 0.02  # of the largest gradient of G so far
    still: float = 1e-3  # of what a round moves the other player
    turns: float = 0.14  # G's share of all turns: it is starved below
    restless: float = 0.25  # between two measurements, of samples of the same latents, in distances between reals
    stalled: float = 3.2  # distance to the data, in the second half of the run
    ema_gap: float = 0.35  # from the live players' samples to the averages', in distances between reals
    wait: float = 0.25  # share of the time
    column: float = 0.5  # distance of a column to the data's, in its standard deviations
    spread: float = 4.0  # times the standard deviation of a column, or one part in so many
    by_chance: float = 3.0  # standard errors by which a column's variance must differ then


class History:
    """The measurements as one series for each signal, None where a signal was not measured.

    Args:
        measurements: in the order of the run.
        total: samples of the whole run.
        window: measurements whose median is the current value.
    """

    def __init__(self, measurements: Sequence[SignalsMeasured], total: int, window: int) -> None:
        self.measurements, self.total, self.window = measurements, total, window
        self.smoothed: dict[str, list[float | None]] = {}

    def raw(self, name: str, i: int) -> float | None:
        """The value of a signal at measurement i."""
        return self.measurements[i].signals.get(name)

    def now(self, name: str, i: int) -> float | None:
        """The median of the last `window` measurements up to i; None if i has no value."""
        if name not in self.smoothed:
            values = [self.raw(name, place) for place in range(len(self.measurements))]
            self.smoothed[name] = [
                None if value is None else self.middle(values[: place + 1]) for place, value in enumerate(values)
            ]
        return self.smoothed[name][i]

    def middle(self, values: Sequence[float | None]) -> float:
        """The median of the last `window` values."""
        return median(value for value in values[-self.window :] if value is not None)

    def so_far(self, name: str, i: int, since: float = 0.0) -> list[float]:
        """The smoothed series up to measurement i, from a share `since` of the run on."""
        return [
            value
            for place in range(i + 1)
            if self.share(place) >= since and (value := self.now(name, place)) is not None
        ]

    def share(self, i: int) -> float:
        """The share of the run that had passed at measurement i."""
        return self.measurements[i].samples / self.total


def stuck(h: History, i: int, t: Thresholds, signal: str = "x.apart") -> bool:
    """Whether a signal is above `t.stuck` times its best value of a quarter of the run ago and before."""
    now, earlier = (
        h.now(signal, i),
        [value for j in range(i) if h.share(j) <= h.share(i) - 0.25 and (value := h.now(signal, j)) is not None],
    )
    return now is not None and bool(earlier) and now > t.stuck * min(earlier)
