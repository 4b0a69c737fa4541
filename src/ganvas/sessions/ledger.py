"""Counts of scorings of test splits on this machine: a ledger in the cache folder, and one in each run.

A ledger has one JSON object per line: `data`, the fingerprint of the test split, `time`, `model`, the SHA-256 of the
weights, and `scorings`, how many scorings the line counts (1, more after the file was shortened). Damaged lines are
skipped.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import CheckFailed
from ..base.files import replace_file
from ..base.trees import is_count
from ..base.wording import counted
from ..ingest import cache
from ..runs import TEST_LEDGER, append_line, read_records

MOST_BYTES = 2**20  # of the ledger in the cache; a longer one gets one line for each test split
LOCK, PATIENCE = "test-ledger", 5.0  # seconds: after that a line is added without the lock
SHA256 = re.compile(r"[0-9a-f]{64}")
LARGEST = 2**53  # scorings that a line may count


@dataclass(frozen=True)
class Scorings:
    """How often a test split was scored.

    Args:
        data: the fingerprint (SHA-256) of the test split.
        before: earlier scorings of it on this machine, with those in the run's own ledger.
        counted: whether the present scoring is one of test and therefore counts.
        fault: why it could not be added to the ledger in the cache; empty if it was.
    """

    data: str
    before: int
    counted: bool = False
    fault: str = ""

    @property
    def total(self) -> int:
        """Scorings until now, the present one included."""
        return self.before + self.counted

    @property
    def text(self) -> str:
        """A sentence for people."""
        if self.counted and not self.before:
            sentence = "The test split of these data was scored for the first time on this machine."
        elif self.counted:
            sentence = (
                f"The test split of these data was scored {counted(self.before, 'time')} before on this machine: "
                "what was chosen by those scores makes this one too good."
            )
        else:
            sentence = f"The test split of these data was scored {counted(self.before, 'time')} on this machine so far."
        return f"{sentence} {self.fault}" if self.fault else sentence


def add_scoring(data: str, *, model: str, run: Path | None) -> Scorings:
    """Add a scoring of the test split to the ledgers.

    Args:
        data: fingerprint of the test split.
        model: SHA-256 of the weights that were scored, empty for pictures.
        run: the run's folder, where a run was scored.

    Returns:
        How often that split was scored before. A ledger that cannot be written is no error; `fault` names it.
    """
    line = {"data": data, "time": time.time(), "model": model, "scorings": 1}
    file, fault = cache.root() / TEST_LEDGER, ""
    try:
        with locked():
            before = count_scorings(data, run)
            shorten(file)
            append_line(file, json.dumps(line) + "\n")
    except (OSError, CheckFailed) as error:
        before = count_scorings(data, run)
        why = (getattr(error, "strerror", None) or str(error)).rstrip(".")
        fault = f"This scoring could not be added to {file}: {why}."
    if run is not None:
        with suppress(OSError):  # a run on a disk that cannot be written to
            append_line(run / TEST_LEDGER, json.dumps({**line, "before": before, "fault": fault}) + "\n")
    return Scorings(data, before, counted=True, fault=fault)


def count_scorings(data: str, run: Path | None = None) -> int:
    """Scorings of the test split with this fingerprint: the larger count of the ledgers of the cache and of the run."""
    here = sum(line["scorings"] for line in lines_of(cache.root() / TEST_LEDGER) if line["data"] == data)
    there = [
        line["before"] + 1
        for line in ([] if run is None else lines_of(run / TEST_LEDGER))
        if line["data"] == data and is_count(line.get("before")) and line["before"] < LARGEST
    ]
    return max([here, len(there), *there])


def scorings_of(record: Any) -> Scorings | None:
    """The entry for a test split in an evaluation's JSON; None for anything else."""
    if not isinstance(record, dict):
        return None
    data, before, new = (record.get(name) for name in ("data", "before", "counted"))
    if isinstance(data, str) and SHA256.fullmatch(data) and isinstance(before, int) and is_count(before):
        return Scorings(data, before, counted=new is True)
    return None


def scorings_so_far(data: str, run: Path | None = None) -> Scorings:
    """The count for scores that are not of the test split: how often it was scored until now."""
    return Scorings(data, count_scorings(data, run))


def last_scoring(run: Path) -> Scorings | None:
    """The newest scoring on test in the run's own ledger; None if there was none."""
    lines = [line for line in lines_of(run / TEST_LEDGER) if is_count(line.get("before")) and line["before"] < LARGEST]
    if not lines:
        return None
    fault = lines[-1].get("fault", "")
    return Scorings(lines[-1]["data"], lines[-1]["before"], counted=True, fault=fault if isinstance(fault, str) else "")


def lines_of(file: Path) -> list[dict[str, Any]]:
    """The valid lines of a ledger; none if it cannot be read."""
    with suppress(CheckFailed, OSError):
        return [
            line
            for line in read_records(file)
            if isinstance(line.get("data"), str)
            and SHA256.fullmatch(line["data"])
            and is_count(line.get("scorings"))
            and 0 < line["scorings"] < LARGEST
        ]
    return []


def shorten(file: Path) -> None:
    """Reduce a ledger that is too long to one line per test split, of the splits scored last.

    Raises:
        OSError: it cannot be written.
    """
    if file.is_symlink() or not file.is_file() or file.stat().st_size < MOST_BYTES:
        return
    sums: dict[str, dict[str, Any]] = {}
    for line in lines_of(file):
        before = sums.pop(line["data"], {"scorings": 0})  # so that the order is that of the last scoring
        sums[line["data"]] = {
            "data": line["data"],
            "time": time.time(),
            "model": "",
            "scorings": min(before["scorings"] + line["scorings"], LARGEST - 1),
        }
    texts, size = list[str](), 0
    for each in reversed(sums.values()):
        text = json.dumps(each) + "\n"
        size += len(text)
        if size > MOST_BYTES // 2:
            break
        texts.append(text)
    replace_file(file, "".join(reversed(texts)))


@contextmanager
def locked() -> Iterator[None]:
    """A lock on the ledger, so that one process counts and adds at a time; ignored after PATIENCE seconds.

    Raises:
        OSError: the lock cannot be written.
    """
    until = time.monotonic() + PATIENCE
    with ExitStack() as stack:
        while not stack.enter_context(cache.exclusive(LOCK, wait=False)) and time.monotonic() < until:
            stack.close()
            time.sleep(0.02)
        yield
