"""Ratings of pictures by people: appended to a run's ratings.jsonl, and summarised with intervals."""

import errno
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import ResourceError
from ..base.files import kind_of, open_regular
from ..base.trees import is_count
from ..metrics.contract import Result
from ..metrics.proportion import Proportion, proportion
from ..runs import Run, events

FILE = "ratings.jsonl"
REAL_OR_FAKE, PAIRS = "real or fake", "pairs"
CHOICES = {REAL_OR_FAKE: ("fake", "real"), PAIRS: ("left", "right")}  # in the page's order, from the left
# Fields of a protocol that name the pictures that were shown, not the way in which they were shown.
OF_THE_RUN = ("run", "samples", "checkpoint_sha256", "seeds")


@dataclass(frozen=True)
class RatingSummary:
    """Error rates or win rate of all ratings under one protocol, over all sessions and annotators.

    Args:
        protocol: how the pictures were shown; "seeds" lists the seed of each session.
        rates: "human_error", "human_error_on_fakes" and "human_error_on_reals", or "win_rate".
    """

    protocol: Mapping[str, Any]
    rates: Mapping[str, Proportion]

    @property
    def lines(self) -> tuple[str, ...]:
        """One line of text for each rate."""
        labels = {
            "human_error": "wrong answers",
            "human_error_on_fakes": "fakes rated as real",
            "human_error_on_reals": "reals rated as fake",
            "win_rate": f"{self.protocol.get('run')} preferred to {self.protocol.get('against')}",
        }
        return tuple(f"{labels[name]}: {percent(each)}" for name, each in self.rates.items())

    def results(self) -> tuple[Result, ...]:
        """The rates as scores. At 0.5 people cannot distinguish reals from fakes.

        The protocol of the results leaves out the run, so that two runs rated in the same way can be compared.

        Returns:
            A result for each rate.
        """
        alike = {key: value for key, value in self.protocol.items() if key not in OF_THE_RUN}
        return tuple(
            Result(name, each.value, each.n, each.error, name == "human_error_on_reals", alike)
            for name, each in self.rates.items()
        )

    def plain(self) -> dict[str, Any]:
        """As JSON has it: the whole protocol, and every rate with its interval.

        Returns:
            A tree of dicts, lists, texts and numbers.
        """
        return {"protocol": dict(self.protocol), "rates": {name: each._asdict() for name, each in self.rates.items()}}


def percent(each: Proportion) -> str:
    """31.0 % (95 % interval 23.5 to 39.7 %, n = 100)"""
    by = f", {each.annotators} annotators" if each.annotators > 1 else ""
    return (
        f"{100 * each.value:.1f} % (95 % interval {100 * each.low:.1f} to {100 * each.high:.1f} %, n = {each.n:,}{by})"
    )


def append_rating(run: Run, record: Mapping[str, Any]) -> None:
    """Append one line to the run's ratings and sync it to the disk. Raises ResourceError."""
    path = run.path / FILE
    try:
        events.append_line(path, events.to_json({"version": 1, **record}))
        with open_regular(path, inside=run.path) as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise write_error(path, error) from error


def check_writable(run: Run) -> None:
    """Check before the first question that answers can be saved. Raises ResourceError."""
    path = run.path / FILE
    try:
        if kind_of(path):
            open_regular(path, "ab", inside=run.path).close()
        elif not os.access(run.path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise write_error(path, error) from error


def write_error(path: Path, error: OSError) -> ResourceError:
    """The error for answers that cannot be saved."""
    return ResourceError(
        f"cannot write: {error.strerror or error}",
        where=str(path),
        hint="Answers are saved in the run's folder: make room, or use a copy of the run.",
    )


def sessions(run: Run) -> int:
    """The number of sessions of a run so far. It is the next session's seed, so that each draws other pictures."""
    return sum(record.get("kind") == "session" for record in events.read_records(run.path / FILE))


def read_ratings(path: Path | str) -> tuple[RatingSummary, ...]:
    """The ratings of a run, summarised for each protocol. Damaged and unknown lines are left out.

    Args:
        path: the run's folder.

    Returns:
        A summary for each protocol.

    Raises:
        GanvasError: there is no run.
    """
    return summarise(list(events.read_records(Run.open(Path(path)).path / FILE)))


def summarise(records: Sequence[Mapping[str, Any]]) -> tuple[RatingSummary, ...]:
    """A summary for each protocol. Sessions whose protocols differ only in the seed are summarised together."""
    sessions = {
        record["session"]: record for record in records if record.get("kind") == "session" and is_session(record)
    }
    groups: dict[
        str, list[tuple[str, bool, bool]]
    ] = {}  # (judge, was the run's picture shown here a fake, the answer is a hit)
    seeds: dict[str, list[int]] = {}
    for record in ratings_of(records):
        session = sessions.get(record["session"])
        if session is None:
            continue
        protocol = dict(session["protocol"])
        seed = protocol.pop("seed", 0)
        key = json.dumps(protocol, sort_keys=True)
        if seed not in seeds.setdefault(key, []):
            seeds[key].append(seed)
        hit = (record["truth"] == record["answer"]) == (protocol["mode"] == PAIRS)
        groups.setdefault(key, []).append((str(session["annotator"]), record["truth"] == "fake", hit))
    return tuple(
        RatingSummary({**json.loads(key), "seeds": seeds[key]}, dict(rates_of(json.loads(key)["mode"], group)))
        for key, group in groups.items()
    )


def rates_of(mode: str, group: Sequence[tuple[str, bool, bool]]) -> Iterator[tuple[str, Proportion]]:
    """The rates of one group, headline first; those without a rating are left out."""
    if mode == PAIRS:
        yield "win_rate", by_annotator(group)
        return
    yield "human_error", by_annotator(group)
    for name, wanted in (("human_error_on_fakes", True), ("human_error_on_reals", False)):
        part = [each for each in group if each[1] == wanted]
        if part:
            yield name, by_annotator(part)


def by_annotator(group: Sequence[tuple[str, bool, bool]]) -> Proportion:
    """The share of hits, clustered by annotator: ratings of one person resemble each other."""
    annotators = sorted({annotator for annotator, _, _ in group})
    hits = [sum(hit for annotator, _, hit in group if annotator == each) for each in annotators]
    return proportion(hits=hits, of=[sum(annotator == each for annotator, _, _ in group) for each in annotators])


def is_session(record: Mapping[str, Any]) -> bool:
    """Whether a line describes a session completely."""
    protocol = record.get("protocol")
    return (
        isinstance(record.get("session"), str)
        and "annotator" in record
        and isinstance(protocol, dict)
        and protocol.get("mode") in (*CHOICES,)
    )


def ratings_of(records: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The valid ratings among the lines. The first rating of each place in a session counts."""
    rated: set[tuple[str, int]] = set()
    for record in records:
        session, place = record.get("session"), record.get("place")
        if (
            record.get("kind") != "rating"
            or not isinstance(session, str)
            or not is_count(place)
            or (session, place) in rated
        ):
            continue
        if any(record.get("truth") in pair and record.get("answer") in pair for pair in CHOICES.values()):
            rated.add((session, int(place or 0)))
            yield record
