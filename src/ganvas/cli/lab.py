"""`ganvas lab`: runs in a browser; and `ganvas train --lab`, which opens it beside the training."""

import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from ..base.errors import ResourceError, UsageError
from ..base.files import replace_file
from ..base.processes import launched
from ..runs import Event, Listener
from .output import print_message, print_result

RUNS = Path("runs")


def lab(
    path: Annotated[
        Path, typer.Argument(help="A run, live or finished, or a folder of runs.", metavar="[RUN|FOLDER]")
    ] = RUNS,
    sandbox: Annotated[
        str | None,
        typer.Option(
            help="Open the sandbox with a recipe of points, such as ring, or with a copied link.", metavar="RECIPE|LINK"
        ),
    ] = None,
    control: Annotated[
        bool,
        typer.Option("--control", help="Let the page pause, stop, save and score runs, change notes, and begin runs."),
    ] = False,
    export: Annotated[
        Path | None, typer.Option(help="Write the run's page as one HTML file, and end.", metavar="FILE.html")
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the page on this computer; 0 for a free one.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
) -> None:
    """Watch runs in a browser on this computer; or play with a GAN in the plane, in the sandbox."""
    if export is not None:
        write_page(path, export)
        return
    from ..lab.app import serve_lab

    page = "" if sandbox is None else f"#sandbox={sandbox.rpartition('#')[2].removeprefix('sandbox').removeprefix('=')}"
    if sandbox is None and path == RUNS and not path.exists():
        page = "#sandbox"

    def show(address: str) -> None:
        address += page
        changes = "It may pause, stop, save and begin runs" if control else "It changes no run"
        print_message(f"The lab is at {address}\n{changes}. Ctrl-C ends it.")
        if browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    serve_lab(path, may_be_missing=path == RUNS, controls=control, port=port, show=show)


def write_page(path: Path, file: Path) -> None:
    """Write the page of a run as one file. Raises UsageError, CheckFailed, or ResourceError."""
    from ..lab.export import exported
    from ..runs import Run

    run = Run.open(path)
    text = exported(run, run.path.name)
    try:
        replace_file(file, text.encode())
    except OSError as error:
        raise ResourceError(f"cannot write: {error.strerror or error}", where=str(file)) from error
    print_result({"file": str(file), "bytes": len(text.encode())}, str(file))


class LabProcess:
    """`ganvas lab` of a run that is about to begin, in another process: training knows nothing of it.

    Args:
        path: the run's folder, which exists from its first event on.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.process: subprocess.Popen[str] | None = None

    def __call__(self, event: Event) -> None:
        """A listener of the run's events: the first one starts the lab."""
        if self.process is None:
            opens = "--browser" if sys.stderr.isatty() else "--no-browser"
            arguments = [sys.executable, "-P", "-m", "ganvas", "lab", str(self.path), opens]
            self.process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
                arguments, stderr=subprocess.PIPE, text=True, start_new_session=True
            )
            threading.Thread(target=self.report, args=(self.process,), daemon=True).start()

    def after(self, listener: Listener) -> Listener:
        """A listener that calls another one first."""

        def listen(event: Event) -> None:
            listener(event)
            self(event)

        return listen

    def report(self, process: "subprocess.Popen[str]") -> None:
        """Print the lab's first line, its address, among the messages of the training."""
        if process.stderr is not None and (line := process.stderr.readline().strip()):
            print_message(line)
            process.stderr.read()

    def stay(self) -> None:
        """After the training, keep the lab open until Ctrl-C where a person watches the terminal."""
        if self.process is not None and sys.stderr.isatty():
            print_message("\nThe lab stays open. Ctrl-C ends it.")
            with suppress(KeyboardInterrupt):
                self.process.wait()

    def close(self) -> None:
        """End the lab."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()


@contextmanager
def running_lab(path: Path | None) -> Iterator[LabProcess | None]:
    """A lab of the run in this folder, which ends with the context; None without a folder.

    Raises:
        MissingExtra: a package that the lab needs is not installed.
        UsageError: the run is trained by several processes.
    """
    if path is None:
        yield None
        return
    from ..serve import check_installed

    check_installed()
    if launched():
        raise UsageError(
            "--lab is for a training in one process", hint="Leave it out, and run `ganvas lab` in another terminal."
        )
    process = LabProcess(path)
    try:
        yield process
        process.stay()
    finally:
        process.close()
