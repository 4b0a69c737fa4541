"""People's answers on pictures: appended to a run's judgements.jsonl, and summed up with intervals."""

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

FILE = "judgements.jsonl"
REAL_OR_FAKE, PAIRS = "real or fake", "pairs"
CHOICES = {REAL_OR_FAKE: ("fake", "real"), PAIRS: ("left", "right")}  # as they stand on the page, from the left
OF_THE_RUN = (
    "run",
    "samples",
    "checkpoint_sha256",
    "seeds",
)  # fields of a protocol that say which pictures were shown, and not how


@dataclass(frozen=True)
class Summary:
    """Answers under one protocol, over all sessions and people; each session has a seed of its own."""

    protocol: Mapping[str, Any]
    rates: Mapping[str, Proportion]  # "human_error", "human_error_on_fakes", "human_error_on_reals", or "win_rate"

    @property
    def words(self) -> tuple[str, ...]:
        """One line a rate, for people."""
        lines = {
            "human_error": "wrong in all",
            "human_error_on_fakes": "fakes taken for real",
            "human_error_on_reals": "reals taken for fake",
            "win_rate": f"{self.protocol.get('run')} looks more real than {self.protocol.get('against')}",
        }
        return tuple(f"{lines[name]}: {percent(each)}" for name, each in self.rates.items())

    def results(self) -> tuple[Result, ...]:
        """The rates as scores: higher is better for the generator; at 0.5 people cannot distinguish the two kinds.

        Their protocol says how was asked and not of which run, so that two runs that were judged alike can be compared.
        """
        alike = {key: value for key, value in self.protocol.items() if key not in OF_THE_RUN}
        return tuple(
            Result(name, each.value, each.n, each.error, name == "human_error_on_reals", alike)
            for name, each in self.rates.items()
        )

    def plain(self) -> dict[str, Any]:
        """As JSON has it: the whole protocol, and every rate with its interval."""
        return {"protocol": dict(self.protocol), "rates": {name: each._asdict() for name, each in self.rates.items()}}


def percent(each: Proportion) -> str:
    """31.0 % (95 % interval 23.5 to 39.7 %, n = 100)"""
    by = f", {each.judges} judges" if each.judges > 1 else ""
    return (
        f"{100 * each.value:.1f} % (95 % interval {100 * each.low:.1f} to {100 * each.high:.1f} %, n = {each.n:,}{by})"
    )


def write(run: Run, record: Mapping[str, Any]) -> None:
    """Add one line, on the disk for good when this returns. Raises ResourceError."""
    path = run.path / FILE
    try:
        events.append_line(path, events.to_json({"version": 1, **record}))
        with open_regular(path, inside=run.path) as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise unkept(path, error) from error


def check_writable(run: Run) -> None:
    """Before anybody is asked: answers can be kept. Raises ResourceError."""
    path = run.path / FILE
    try:
        if kind_of(path):
            open_regular(path, "ab", inside=run.path).close()
        elif not os.access(run.path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise unkept(path, error) from error


def unkept(path: Path, error: OSError) -> ResourceError:
    """The error for answers that cannot be written down."""
    return ResourceError(
        f"cannot write: {error.strerror or error}",
        where=str(path),
        hint="Answers are kept in the run: make room, or take a copy of it.",
    )


def sessions(run: Run) -> int:
    """How many sessions a run has had: the next one's seed, so that it draws other pictures."""
    return sum(record.get("kind") == "session" for record in events.read_records(run.path / FILE))


def read(path: Path | str) -> tuple[Summary, ...]:
    """People's answers on a run, a summary for each protocol. Torn and unknown lines are left out.

    Raises GanvasError where there is no run.
    """
    return summarise(list(events.read_records(Run.open(Path(path)).path / FILE)))


def summarise(records: Sequence[Mapping[str, Any]]) -> tuple[Summary, ...]:
    """Sessions of the same protocol, their seeds aside, are taken together."""
    sessions = {record["session"]: record for record in records if record.get("kind") == "session" and known(record)}
    groups: dict[
        str, list[tuple[str, bool, bool]]
    ] = {}  # (judge, was the run's picture shown here a fake, the answer is a hit)
    seeds: dict[str, list[int]] = {}
    for record in judgements(records):
        session = sessions.get(record["session"])
        if session is None:
            continue
        protocol = dict(session["protocol"])
        seed = protocol.pop("seed", 0)
        key = json.dumps(protocol, sort_keys=True)
        if seed not in seeds.setdefault(key, []):
            seeds[key].append(seed)
        hit = (record["truth"] == record["answer"]) == (protocol["mode"] == PAIRS)
        groups.setdefault(key, []).append((str(session["judge"]), record["truth"] == "fake", hit))
    return tuple(
        Summary({**json.loads(key), "seeds": seeds[key]}, dict(rates_of(json.loads(key)["mode"], group)))
        for key, group in groups.items()
    )


def rates_of(mode: str, group: Sequence[tuple[str, bool, bool]]) -> Iterator[tuple[str, Proportion]]:
    """The rates of one group, headline first; those without a judgement are left out."""
    if mode == PAIRS:
        yield "win_rate", by_judge(group)
        return
    yield "human_error", by_judge(group)
    for name, wanted in (("human_error_on_fakes", True), ("human_error_on_reals", False)):
        part = [each for each in group if each[1] == wanted]
        if part:
            yield name, by_judge(part)


def by_judge(group: Sequence[tuple[str, bool, bool]]) -> Proportion:
    """Judgements of one person are alike, so they are counted by person."""
    judges = sorted({judge for judge, _, _ in group})
    hits = [sum(hit for judge, _, hit in group if judge == each) for each in judges]
    return proportion(hits=hits, of=[sum(judge == each for judge, _, _ in group) for each in judges])


def known(record: Mapping[str, Any]) -> bool:
    """Whether a session's line is one of ours, whole."""
    protocol = record.get("protocol")
    return (
        isinstance(record.get("session"), str)
        and "judge" in record
        and isinstance(protocol, dict)
        and protocol.get("mode") in (*CHOICES,)
    )


def judgements(records: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The judgements among the lines; of one place in a session the first counts."""
    seen: set[tuple[str, int]] = set()
    for record in records:
        session, place = record.get("session"), record.get("place")
        if (
            record.get("kind") != "judgement"
            or not isinstance(session, str)
            or not is_count(place)
            or (session, place) in seen
        ):
            continue
        if any(record.get("truth") in pair and record.get("answer") in pair for pair in CHOICES.values()):
            seen.add((session, int(place or 0)))
            yield record
