"""People as judges: real or fake, or which of two runs looks more real. Error rates as HYPE's, Zhou et al.

2019, sections 2.1 and 2.2. https://arxiv.org/abs/1904.01121

Untimed (milliseconds = 0) is HYPE_infinity; 50 % wrong means that nobody can tell. Timed shows each picture for the
same time and then a mask: HYPE_time
moves the time with the answers instead and reports a threshold, so that its numbers are milliseconds and ours stay
shares.
"""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.draws import permutation
from ..base.errors import DataError, UsageError
from ..runs import Run
from ..sessions.model import Model, load
from .human_results import CHOICES, PAIRS, REAL_OR_FAKE, Summary, check_writable, sessions, summarise, write
from .model_images import classes_of, classes_to_make

Pictures = np.ndarray[Any, Any]  # uint8 [n, h, w, c]
MOST = 2_000  # judgements in a session
SHORTEST, LONGEST = 16, 60_000  # milliseconds


class Trial(NamedTuple):
    """One question: its pictures from the left, their names (never shown), and the right answer.

    Of a pair the right answer is the side of the run's own picture.
    """

    pictures: tuple[np.ndarray[Any, Any], ...]  # uint8 [h, w, c] each
    names: tuple[str, ...]
    truth: str


@dataclass(frozen=True)
class Side:
    """A run whose pictures are shown."""

    run: Run
    model: Model

    @classmethod
    def open(cls, path: Path | str) -> "Side":
        """A run that makes pictures. Raises GanvasError."""
        side = cls(Run.open(Path(path)), load(path))
        if side.model.spec.domain != "images" or side.model.game.output_kind != "samples":
            raise UsageError(
                "there are no pictures to judge: this run makes none",
                where=str(path),
                hint="Take a run that generates pictures.",
            )
        return side

    @property
    def samples(self) -> int:
        """Samples seen by the weights that are shown."""
        return self.model.samples_seen

    def facts(self, prefix: str = "") -> dict[str, Any]:
        """What the protocol says of it."""
        name = self.run.path.resolve().name
        return {
            prefix or "run": name,
            f"{prefix}{prefix and '_'}samples": self.samples,
            f"{prefix}{prefix and '_'}checkpoint_sha256": self.model.sha256,
        }


class Session:
    """One person's trials in order, and what was answered so far.

    Every answer is on the disk before `judge` returns.
    """

    def __init__(self, run: Run, trials: tuple[Trial, ...], protocol: dict[str, Any], judge: str) -> None:
        self.run, self.trials, self.protocol = run, trials, protocol
        self.name = "".join(letter for letter in judge if letter.isprintable()).strip()[:80] or "unnamed"
        self.key = secrets.token_hex(8)
        self.records: list[dict[str, Any]] = []

    @property
    def choices(self) -> tuple[str, str]:
        """The two answers, from the left."""
        left, right = CHOICES[self.protocol["mode"]]
        return left, right

    @property
    def place(self) -> int:
        """The number of the next trial; `len(trials)` when all are done."""
        return max(0, len(self.records) - 1)

    def judge(
        self, answer: str, *, milliseconds: float | None = None, displayed: float | None = None, looks: int = 1
    ) -> None:
        """Record the answer to the next trial.

        Args:
            answer: one of `choices`.
            milliseconds: the time it took.
            displayed: milliseconds that the picture was on the screen.
            looks: how often the page requested the picture.

        Raises:
            UsageError: the session is over, or there is no such answer.
            ResourceError: the answer cannot be written.
        """
        if self.place == len(self.trials):
            raise UsageError("this session is over", hint="Begin another.")
        if answer not in self.choices:
            raise UsageError(f"'{answer}' is no answer", hint=f"Answer {' or '.join(self.choices)}.")
        if not self.records:
            self.add({"kind": "session", "judge": self.name, "asked": len(self.trials), "protocol": self.protocol})
        trial = self.trials[self.place]
        said = {"place": self.place, "truth": trial.truth, "answer": answer, "pictures": trial.names}
        self.add(
            {
                "kind": "judgement",
                **said,
                "milliseconds": milliseconds,
                "displayed_milliseconds": displayed,
                "looks": looks,
            }
        )

    def add(self, record: dict[str, Any]) -> None:
        """Append a record to the file, then to memory: what cannot be written does not count."""
        line = {"session": self.key, "time": time.time(), **record}
        write(self.run, line)
        self.records.append(line)

    def summary(self) -> Summary | None:
        """Of this session alone; None before the first answer."""
        return next(iter(summarise(self.records)), None)


def real_or_fake(
    run: Path | str, *, n: int = 50, seed: int | None = None, milliseconds: int = 0, judge: str = ""
) -> Session:
    """n / 2 real pictures of val and n / 2 of the run's, shuffled. Without a seed each session has other pictures.

    Raises GanvasError.

    A class-conditional run makes classes in the shares of its training split. A run that restores pictures answers
    the first of val, and the reals are drawn from the others.
    """
    check(n, milliseconds)
    side = Side.open(run)
    check_writable(side.run)
    seed = sessions(side.run) if seed is None else seed
    half = n // 2
    reals, indices = real_pictures(side.model, half, seed)
    wanted = classes_to_make(side.model, half, seed)
    names = None if wanted is None else [side.model.spec.classes[int(number)] for number in wanted]
    fakes = side.model.view(side.model.sample(half, seed=seed, classes=names))
    both = [Trial((picture,), (f"val {index}",), "real") for picture, index in zip(reals, indices, strict=True)]
    both += [Trial((picture,), (f"sample {place}",), "fake") for place, picture in enumerate(fakes)]
    trials = tuple(both[place] for place in permutation((seed, "judged", "order"), n))
    data = side.model.experiment.fingerprint
    protocol = {
        "mode": REAL_OR_FAKE,
        **side.facts(),
        "split": "val",
        "data_sha256": data,
        **classes_of(side.model),
        **manner(fakes, milliseconds, seed),
    }
    return Session(side.run, trials, protocol, judge)


def pairs(
    run: Path | str,
    against: Path | str,
    *,
    n: int = 50,
    seed: int | None = None,
    milliseconds: int = 0,
    judge: str = "",
) -> Session:
    """n times a picture of each run side by side, the run's own n / 2 times on the left. Raises GanvasError.

    The answers go to `run`.
    """
    check(n, milliseconds)
    sides = (Side.open(run), Side.open(against))
    check_writable(sides[0].run)
    own, other = (side.model.spec for side in sides)
    if own.shape != other.shape:
        raise UsageError(
            f"the two runs' pictures differ in size, {list(own.shape)} and {list(other.shape)}: anybody could tell",
            where=str(against),
        )
    if sides[0].model.sha256 == sides[1].model.sha256:
        raise UsageError("both are the same model", where=str(against), hint="Name another run after --against.")
    seed = sessions(sides[0].run) if seed is None else seed
    made = [side.model.view(side.model.sample(n, seed=seed)) for side in sides]
    left = permutation((seed, "judged", "sides"), n) < n // 2  # the run's own is on the left
    trials = []
    for place in range(n):
        shown = [(made[0][place], f"run, sample {place}"), (made[1][place], f"against, sample {place}")]
        (first, name), (second, beside) = shown if left[place] else shown[::-1]
        trials.append(Trial((first, second), (name, beside), "left" if left[place] else "right"))
    protocol = {"mode": PAIRS, **sides[0].facts(), **sides[1].facts("against"), **manner(made[0], milliseconds, seed)}
    return Session(sides[0].run, tuple(trials), protocol, judge)


def check(n: int, milliseconds: int) -> None:
    """Numbers that can be played."""
    if n > MOST:
        raise UsageError(
            f"{n:,} questions are too many for one session",
            hint=f"At most -n {MOST}; people can judge in several sessions.",
        )
    if n < 2 or n % 2:
        raise UsageError(
            f"cannot ask {n} questions: half and half needs an even number from 2 to {MOST:,}",
            hint="For example: -n 50.",
        )
    if milliseconds and not SHORTEST <= milliseconds <= LONGEST:
        raise UsageError(
            f"a picture cannot be shown for {milliseconds} ms",
            hint=f"From {SHORTEST} to {LONGEST:,}, or 0 for no limit.",
        )


def real_pictures(model: Model, count: int, seed: int) -> tuple[Pictures, list[int]]:
    """Pictures of val [count, h, w, c] and their numbers. Raises DataError."""
    model.check_data()
    stream = model.experiment.stream("val")
    first = count if model.game.needs_data else 0  # the run's answers to the first are the fakes
    held = len(stream.store)
    if held - first < count:
        raise DataError(
            f"val holds {held:,} pictures, too few for {2 * count:,} questions",
            hint=f"At most -n {held // 2 * 2 if first else 2 * held}.",
        )
    index = first + permutation((seed, "judged", "reals"), held - first)[:count]
    batch = stream.at(index, np.zeros(count, np.int64))
    return model.view(model.domain.decode(batch.x)), index.tolist()


def manner(pictures: Pictures, milliseconds: int, seed: int) -> dict[str, Any]:
    """How the pictures are shown, for the protocol."""
    height, width, channels = pictures.shape[1:]
    return {"picture": [width, height, channels], "milliseconds": milliseconds or None, "feedback": False, "seed": seed}
