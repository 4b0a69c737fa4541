"""Numbers that change during a run. Any `Number` of a part may be a schedule; it is resolved before each turn."""

import math
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Annotated, Any, NoReturn, TypeVar

from annotated_types import Gt

Part = TypeVar("Part")


class Schedule:
    """A number as a function of the samples seen. Arithmetic with it raises TypeError: `resolve` it first."""

    def at(self, samples_seen: int, total: int) -> float:
        """The value at one moment of a run.

        Args:
            samples_seen: real samples that training has used so far, from 0 to `total`.
            total: samples of the whole run.
        """
        raise NotImplementedError

    def _unresolved(self, other: Any) -> NoReturn:
        raise TypeError(f"{self} is a schedule: resolve(part, samples_seen, total) turns it into a number")

    __mul__ = __rmul__ = __truediv__ = __add__ = __radd__ = __sub__ = _unresolved


Number = float | Schedule
"""A float, or a Schedule that is resolved before each turn."""


def _share(samples_seen: int, samples: int | None, total: int) -> float:
    return min(1.0, samples_seen / max(1, samples if samples is not None else total))


@dataclass(frozen=True)
class Linear(Schedule):
    """start + (end - start) t, t = samples_seen / samples; `samples` None means the whole run.

    Args:
        start: the value at the beginning.
        end: the value after `samples`, and from then on.
        samples: length of the change, in samples seen; None: the whole run.
    """

    start: float
    end: float
    samples: int | None = None

    def at(self, samples_seen: int, total: int) -> float:
        return self.start + (self.end - self.start) * _share(samples_seen, self.samples, total)


@dataclass(frozen=True)
class Cosine(Schedule):
    """end + (start - end) (1 + cos(pi t)) / 2, t = samples_seen / samples, after a linear warm-up from 0.

    Loshchilov and Hutter 2017, equation 5. https://arxiv.org/abs/1608.03983

    Args:
        start: the value after the warm-up.
        end: the value after `samples`, and from then on.
        samples: length of the change, in samples seen; None: the whole run.
        warmup_samples: length of the linear rise from 0, in samples seen.
    """

    start: float
    end: float = 0.0
    samples: int | None = None
    warmup_samples: int = 0

    def at(self, samples_seen: int, total: int) -> float:
        t = _share(samples_seen, self.samples, total)
        value = self.end + (self.start - self.end) * (1 + math.cos(math.pi * t)) / 2
        return value * min(1.0, (samples_seen + 1) / self.warmup_samples) if self.warmup_samples else value


@dataclass(frozen=True)
class Exponential(Schedule):
    """start (end / start)^t, t = samples_seen / samples; `samples` None means the whole run.

    Args:
        start: the value at the beginning, above 0.
        end: the value after `samples`, and from then on; above 0.
        samples: length of the change, in samples seen; None: the whole run.
    """

    start: Annotated[float, Gt(0)]
    end: Annotated[float, Gt(0)]
    samples: int | None = None

    def at(self, samples_seen: int, total: int) -> float:
        return float(self.start * (self.end / self.start) ** _share(samples_seen, self.samples, total))


@dataclass(frozen=True)
class Ramp(Schedule):
    """min(end, end * samples_seen / samples): from zero up to `end`, then constant.

    Args:
        end: the value after `samples`, and from then on.
        samples: length of the rise from 0, in samples seen.
    """

    end: float
    samples: Annotated[int, Gt(0)]

    def at(self, samples_seen: int, total: int) -> float:
        return self.end * _share(samples_seen, self.samples, total)


@dataclass(frozen=True)
class Logistic(Schedule):
    """end (2 / (1 + exp(-steepness t)) - 1), t = samples_seen / samples: from zero, soon near `end`, then flat.

    Ganin et al. 2016, section 5.2.2, with steepness 10. https://arxiv.org/abs/1505.07818

    Args:
        end: the value that it approaches.
        steepness: how soon; of 10 the half is reached at t = 0.11.
        samples: length of the change, in samples seen; None: the whole run.
    """

    end: float
    steepness: Annotated[float, Gt(0)] = 10.0
    samples: int | None = None

    def at(self, samples_seen: int, total: int) -> float:
        t = _share(samples_seen, self.samples, total)
        return self.end * (2 / (1 + math.exp(-self.steepness * t)) - 1)


def resolve(part: Part, samples_seen: int, total: int) -> Part:
    """The same part with every schedule in it, at any depth, replaced by its number.

    Args:
        part: a frozen dataclass, a tuple of them, or a schedule.
        samples_seen: real samples that training has used so far.
        total: samples of the whole run.
    """
    if isinstance(part, Schedule):
        return part.at(samples_seen, total)  # type: ignore[return-value]  # a Schedule stands where a float does
    if isinstance(part, tuple):
        items = tuple(resolve(item, samples_seen, total) for item in part)
        unchanged = all(new is old for new, old in zip(items, part, strict=True))
        return part if unchanged else items  # type: ignore[return-value]
    if not is_dataclass(part) or isinstance(part, type):
        return part
    old = {field.name: getattr(part, field.name) for field in fields(part) if field.init}
    new = {name: resolve(value, samples_seen, total) for name, value in old.items()}
    changed = {name: value for name, value in new.items() if value is not old[name]}
    return replace(part, **changed) if changed else part
