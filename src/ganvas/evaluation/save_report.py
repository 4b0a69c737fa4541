"""Where an evaluation is written; checked before anything is scored, so that no result is lost."""

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
from .stored_scores import EVALUATION, parsed

if TYPE_CHECKING:
    from .evaluation import Evaluation

PAGES = (".html", ".htm")
ALIKE = ("real", "train", "split", "seed")  # in the protocols of two looks at the same
OTHER = "Say where the page goes with --report PAGE.html."


@dataclass(frozen=True)
class Places:
    """Of one evaluation: the run that keeps it, and the page that was asked for."""

    run: Run | None
    page: Path | None
    keeps: bool  # whether the run can be written to

    @property
    def messages(self) -> tuple[str, ...]:
        """What is known before."""
        return (
            ()
            if self.keeps or self.run is None
            else (f"Nothing will be kept: the run {self.run.path} cannot be written to.",)
        )

    def keep(self, found: "Evaluation", split: str) -> tuple[Path | None, tuple[str, ...]]:
        """Where the page is, and why nothing was kept where that is so.

        A run keeps evaluation-SPLIT.json and .html ("all" against other pictures).

        Everything is tried before the first failure is raised as ResourceError.
        """
        if not found.results:
            return None, ()
        page, why, wanted = self.page, "", dict[Path, str]()
        if self.run is not None and self.keeps:
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


def places(what: Path, page: Path | None) -> Places:
    """Raises UsageError, CheckFailed, ResourceError where the page that was asked for cannot be written."""
    if page is not None:
        check(page)
    run = Run.open(what) if (what / MARKER).is_file() else None
    return Places(run, page, run is not None and os.access(run.path, os.W_OK | os.X_OK))


def check(page: Path) -> None:
    """A name that a page can have: free, or a page's, in a folder that is there or can be made."""
    if page.is_dir():
        raise UsageError(
            "the page cannot take the name of a folder", where=str(page), hint="Name a file in it, such as page.html."
        )
    if page.exists() and not page.is_file():
        raise UsageError("the page cannot take this name: a pipe or a device has it", where=str(page), hint=OTHER)
    if page.exists() and page.suffix.lower() not in PAGES:
        raise UsageError(
            "there is a file of this name, which is no page",
            where=str(page),
            hint="Name one that ends in .html, or remove it.",
        )
    there = next(folder for folder in page.absolute().parents if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ResourceError("the page cannot be written here", where=str(there), hint=OTHER)


def put(file: Path, text: str) -> ResourceError | None:
    """Write it, or say why that cannot be."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, text)
    except OSError as error:
        return ResourceError(f"cannot write: {error.strerror or error}", where=str(file), hint=f"Make room. {OTHER}")
    return None


def fuller(file: Path, found: "Evaluation") -> str:
    """Why the saved evaluation is not replaced, in a sentence; empty where it is.

    It is of the same model and data, and has a score that this one lacks, or one of more samples.
    """
    try:
        before, scored, _ = parsed(file, inside=file.parent)
    except DataError:  # none, or none that can be read
        return ""
    now = {result.name: result for result in found.results}
    both = [(result, now[result.name]) for result in before if result.name in now]
    if scored != dict(found.scored) or any(
        one.protocol.get(name) != other.protocol.get(name) for one, other in both for name in ALIKE
    ):
        return ""
    reusable = f"Not kept: {file} stays. It is of the same model and data, and"
    replaced = "With the options of then it is replaced, or remove the file."
    for result in before:
        if result.name not in now and not result.name.endswith("_infinity"):  # which cannot always be told
            return f"{reusable} has scores that these lack, such as {result.name}. {replaced}"
        if result.name in now and now[result.name].n < result.n:
            return (
                f"{reusable} saw more: {result.n:,} samples for {result.name}, not {now[result.name].n:,}. {replaced}"
            )
    return ""
