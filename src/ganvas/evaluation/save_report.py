"""The files of an evaluation. They are checked before scoring, so that no result is lost."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import DataError, ResourceError, UsageError
from ..base.files import replace_file
from ..runs import MARKER, Run
from .report import report
from .report_data import report_content
from .stored_scores import EVALUATION, parse_evaluation

if TYPE_CHECKING:
    from .evaluation import Evaluation

PAGES = (".html", ".htm")
ALIKE = ("real", "train", "split", "seed")  # fields of the protocol that are equal in two evaluations of the same data
OTHER = "Name another file with --report PAGE.html."


@dataclass(frozen=True)
class Destinations:
    """The files of one evaluation.

    Args:
        run: the run that was scored and stores the evaluation; None for pictures.
        page: the page of --report.
        writable: whether the run's folder can be written to.
    """

    run: Run | None
    page: Path | None
    writable: bool

    @property
    def messages(self) -> tuple[str, ...]:
        """A warning if the run cannot be written to."""
        return (
            ()
            if self.writable or self.run is None
            else (f"The evaluation will not be saved: {self.run.path} cannot be written to.",)
        )

    def save(self, found: "Evaluation", split: str) -> tuple[Path | None, tuple[str, ...]]:
        """Save evaluation-SPLIT.json and .html in the run, and the page of --report.

        All files are tried before the first failure is raised.

        Args:
            found: the evaluation.
            split: "val" or "test"; against other pictures the file has "all".

        Returns:
            The page that was written, and a sentence if the run's evaluation was not replaced.

        Raises:
            ResourceError: a file cannot be written.
        """
        if not found.results:
            return None, ()
        page, why, wanted = self.page, "", dict[Path, str]()
        if self.run is not None and self.writable:
            file = self.run.path / EVALUATION.format(split=found.inputs.protocol["split"] if found.inputs else split)
            why = fuller(file, found)
            if not why:
                wanted[file] = json.dumps(found.plain(), indent=1)
                page = page or file.with_suffix(".html")
        if page is not None:
            wanted[page] = report(report_content(found, self.run))
        faults = [fault for file, text in wanted.items() if (fault := put(file, text))]
        if faults:
            raise faults[0]
        return page, (why,) if why else ()


def find_destinations(what: Path, page: Path | None) -> Destinations:
    """The files of an evaluation. Raises UsageError, CheckFailed, ResourceError if one cannot be written."""
    if page is not None:
        check_page(page)
    run = Run.open(what) if (what / MARKER).is_file() else None
    return Destinations(run, page, run is not None and os.access(run.path, os.W_OK | os.X_OK))


def check_page(page: Path) -> None:
    """Raises UsageError, ResourceError unless the page is new or replaces a page in a writable folder."""
    if page.is_dir():
        raise UsageError(
            "the page cannot be written: this is a folder",
            where=str(page),
            hint="Name a file in it, such as page.html.",
        )
    if page.exists() and not page.is_file():
        raise UsageError("the page cannot be written: this is a pipe or a device", where=str(page), hint=OTHER)
    if page.exists() and page.suffix.lower() not in PAGES:
        raise UsageError(
            "the page would replace a file that is no page",
            where=str(page),
            hint="Name a file that ends in .html, or remove this one.",
        )
    there = next(folder for folder in page.absolute().parents if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ResourceError("the page cannot be written to this folder", where=str(there), hint=OTHER)


def put(file: Path, text: str) -> ResourceError | None:
    """Write a file; the error if it cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, text)
    except OSError as error:
        return ResourceError(f"cannot write: {error.strerror or error}", where=str(file), hint=f"Make room. {OTHER}")
    return None


def fuller(file: Path, found: "Evaluation") -> str:
    """A sentence on why the saved evaluation is not replaced; empty if it is.

    It is not replaced if it is of the same model and data and has more scores, or scores of more samples.
    """
    try:
        before, scored, _ = parse_evaluation(file, inside=file.parent)
    except DataError:  # there is none, or it is damaged
        return ""
    now = {result.name: result for result in found.results}
    both = [(result, now[result.name]) for result in before if result.name in now]
    if scored != dict(found.scored) or any(
        one.protocol.get(name) != other.protocol.get(name) for one, other in both for name in ALIKE
    ):
        return ""
    begin = f"Not saved: {file} is of the same model and data, and"
    fix = "To replace it, evaluate with the options of that evaluation, or remove the file."
    for result in before:
        if result.name not in now and not result.name.endswith("_infinity"):  # which does not exist for all samples
            return f"{begin} has further scores, such as {result.name}. {fix}"
        if result.name in now and now[result.name].n < result.n:
            return f"{begin} used more samples: {result.n:,} for {result.name}, not {now[result.name].n:,}. {fix}"
    return ""
