"""Human evaluation: is a picture real or fake, or which of two runs makes the more realistic picture?

Error rates as in HYPE (Zhou et al. 2019, sections 2.1 and 2.2, https://arxiv.org/abs/1904.01121). Without a time limit
(milliseconds = 0) the rate is HYPE_infinity; at 50 % wrong answers people cannot distinguish fakes from reals. With a
time limit each picture is shown for the same time, then a mask. HYPE_time adapts the time to the answers and reports a
threshold in milliseconds; here the rates remain shares.
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
from ..sessions.load_model import Model, load
from .human_results import (
    CHOICES,
    PAIRS,
    REAL_OR_FAKE,
    RatingSummary,
    append_rating,
    check_writable,
    sessions,
    summarise,
)
from .model_images import classes_of, classes_to_make

Pictures = np.ndarray[Any, Any]  # uint8 [n, h, w, c]
MOST_QUESTIONS = 2_000  # in a session
SHORTEST, LONGEST = 16, 60_000  # milliseconds


class Trial(NamedTuple):
    """One question.

    Attributes:
        pictures: uint8 [h, w, c] each, from the left.
        names: of the pictures; the annotator does not get them.
        truth: the right answer; of a pair the side of the run's own picture.
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
        """A run that generates pictures. Raises GanvasError."""
        side = cls(Run.open(Path(path)), load(path))
        if side.model.spec.domain != "images" or side.model.game.output_kind != "samples":
            raise UsageError(
                "this run makes no pictures, so there is nothing to rate",
                where=str(path),
                hint="Name a run that generates pictures.",
            )
        return side

    @property
    def samples(self) -> int:
        """The number of training samples seen by these weights."""
        return self.model.samples_seen

    def facts(self, prefix: str = "") -> dict[str, Any]:
        """The run's fields of the protocol."""
        name = self.run.path.resolve().name
        begin = f"{prefix}_" if prefix else ""
        return {
            prefix or "run": name,
            f"{begin}samples": self.samples,
            f"{begin}checkpoint_sha256": self.model.sha256,
        }


class RatingSession:
    """The questions of one annotator in order, and the answers so far.

    Every answer is on the disk before `rate` returns.

    Args:
        run: the run that gets the answers.
        trials: the questions.
        protocol: how the pictures are shown, and which.
        annotator: the name of the person who answers; at most 80 letters of it are used.
    """

    def __init__(self, run: Run, trials: tuple[Trial, ...], protocol: dict[str, Any], annotator: str) -> None:
        self.run, self.trials, self.protocol = run, trials, protocol
        self.name = "".join(letter for letter in annotator if letter.isprintable()).strip()[:80] or "unnamed"
        self.key = secrets.token_hex(8)
        self.records: list[dict[str, Any]] = []

    @property
    def choices(self) -> tuple[str, str]:
        """The two answers, from the left."""
        left, right = CHOICES[self.protocol["mode"]]
        return left, right

    @property
    def place(self) -> int:
        """The index of the next trial; `len(trials)` when all are answered."""
        return max(0, len(self.records) - 1)

    def rate(
        self, answer: str, *, milliseconds: float | None = None, displayed: float | None = None, loads: int = 1
    ) -> None:
        """Record the answer to the next trial.

        Args:
            answer: one of `choices`.
            milliseconds: the response time.
            displayed: the time that the picture was on the screen, in milliseconds.
            looks: how many times the page requested the picture.

        Raises:
            UsageError: the session is over, or there is no such answer.
            ResourceError: the answer cannot be written.
        """
        if self.place == len(self.trials):
            raise UsageError("all questions of this session are answered", hint="Start another session.")
        if answer not in self.choices:
            raise UsageError(f"'{answer}' is no answer", hint=f"Answer {' or '.join(self.choices)}.")
        if not self.records:
            self.add(
                {"kind": "session", "annotator": self.name, "questions": len(self.trials), "protocol": self.protocol}
            )
        trial = self.trials[self.place]
        response = {"place": self.place, "truth": trial.truth, "answer": answer, "pictures": trial.names}
        self.add(
            {
                "kind": "rating",
                **response,
                "milliseconds": milliseconds,
                "displayed_milliseconds": displayed,
                "loads": loads,
            }
        )

    def add(self, record: dict[str, Any]) -> None:
        """Append a record to the file, then to memory, so that an answer that cannot be saved does not count."""
        line = {"session": self.key, "time": time.time(), **record}
        append_rating(self.run, line)
        self.records.append(line)

    def summary(self) -> RatingSummary | None:
        """The summary of this session; None before the first answer."""
        return next(iter(summarise(self.records)), None)


def real_or_fake(
    run: Path | str, *, n: int = 50, seed: int | None = None, milliseconds: int = 0, annotator: str = ""
) -> RatingSession:
    """A session of n / 2 real pictures of val and n / 2 fakes of the run, shuffled.

    A class-conditional run generates classes in the shares of its training split. A run that restores pictures restores
    the first n / 2 of val, and the reals are drawn from the others.

    Args:
        run: the run's folder; the answers are saved there.
        n: the number of questions, even, from 2 to 2,000.
        seed: of the pictures and their order. Default: the number of earlier sessions of the run.
        milliseconds: how long each picture is shown, from 16 to 60,000; 0 for no limit.
        annotator: the name of the person who answers.

    Returns:
        The session.

    Raises:
        UsageError: the run makes no pictures, or a number is out of range.
        DataError: val has too few pictures, or the run's data cannot be read.
        ResourceError: answers cannot be saved in the run.
    """
    check_session_options(n, milliseconds)
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
    return RatingSession(side.run, trials, protocol, annotator)


def pairs(
    run: Path | str,
    against: Path | str,
    *,
    n: int = 50,
    seed: int | None = None,
    milliseconds: int = 0,
    annotator: str = "",
) -> RatingSession:
    """A session of n pairs: a picture of each run side by side, the run's own on the left in n / 2 of them.

    Args:
        run: the first run's folder; the answers are saved there.
        against: the second run's folder.
        n: the number of questions, even, from 2 to 2,000.
        seed: of the pictures and their sides. Default: the number of earlier sessions of the run.
        milliseconds: how long each pair is shown, from 16 to 60,000; 0 for no limit.
        annotator: the name of the person who answers.

    Returns:
        The session.

    Raises:
        UsageError: a run makes no pictures, both are one model, their pictures differ in size, or a number is out of
            range.
        ResourceError: answers cannot be saved in the run.
    """
    check_session_options(n, milliseconds)
    sides = (Side.open(run), Side.open(against))
    check_writable(sides[0].run)
    own, other = (side.model.spec for side in sides)
    if own.shape != other.shape:
        raise UsageError(
            f"the two runs' pictures differ in size: {list(own.shape)} and {list(other.shape)}",
            where=str(against),
            hint="Compare runs whose pictures have one size.",
        )
    if sides[0].model.sha256 == sides[1].model.sha256:
        raise UsageError("both are the same model", where=str(against), hint="Name another run after --against.")
    seed = sessions(sides[0].run) if seed is None else seed
    made = [side.model.view(side.model.sample(n, seed=seed)) for side in sides]
    left = permutation((seed, "judged", "sides"), n) < n // 2  # the run's own is on the left
    trials = []
    for place in range(n):
        shown = [(made[0][place], f"run, sample {place}"), (made[1][place], f"against, sample {place}")]
        (first, name), (second, other_name) = shown if left[place] else shown[::-1]
        trials.append(Trial((first, second), (name, other_name), "left" if left[place] else "right"))
    protocol = {"mode": PAIRS, **sides[0].facts(), **sides[1].facts("against"), **manner(made[0], milliseconds, seed)}
    return RatingSession(sides[0].run, tuple(trials), protocol, annotator)


def check_session_options(n: int, milliseconds: int) -> None:
    """Raises UsageError for a number of questions or a display time out of range."""
    if n > MOST_QUESTIONS:
        raise UsageError(
            f"{n:,} questions are too many for one session",
            hint=f"At most -n {MOST_QUESTIONS}; people can answer several sessions.",
        )
    if n < 2 or n % 2:
        raise UsageError(
            f"a session cannot have {n} questions: their number must be even, from 2 to {MOST_QUESTIONS:,}",
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
    first = count if model.game.needs_data else 0  # the first are restored by the run: these are the fakes
    held = len(stream.store)
    if held - first < count:
        raise DataError(
            f"val has {held:,} pictures, too few for {2 * count:,} questions",
            hint=f"At most -n {held // 2 * 2 if first else 2 * held}.",
        )
    index = first + permutation((seed, "judged", "reals"), held - first)[:count]
    batch = stream.at(index, np.zeros(count, np.int64))
    return model.view(model.domain.decode(batch.x)), index.tolist()


def manner(pictures: Pictures, milliseconds: int, seed: int) -> dict[str, Any]:
    """How the pictures are shown, for the protocol."""
    height, width, channels = pictures.shape[1:]
    return {"picture": [width, height, channels], "milliseconds": milliseconds or None, "feedback": False, "seed": seed}
