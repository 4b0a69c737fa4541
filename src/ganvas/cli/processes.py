"""--processes: runs the command in several processes that train together."""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import typer

from ..base.errors import CheckFailed, GanvasError, PeerLost, UsageError
from ..base.processes import launched, size
from .output import print_message

ALWAYS, EACH = 16, 4  # processes that a run's environment.json may start: at most so many, or so many per core


def train_by_many(
    processes: int, restarts: int, *, path: Path | None, name: str, device: str, track: Sequence[str] | None = None
) -> None:
    """Run `ganvas train` as it was typed in several processes; after one was lost, `ganvas resume`. Does not return."""
    from ..runs import MARKER, fresh_path

    arguments = list(sys.argv[1:])
    if path is None:  # so that all processes, and the next attempt, know it
        path = fresh_path(Path("runs"), name)
        at = arguments.index("train") + 1
        arguments[at:at] = ["--out", str(path)]
    start(arguments, processes, restarts, path=path, device=device, track=track, begun=(path / MARKER).is_file)


def resume_by_many(
    processes: int | None, restarts: int, *, path: Path, device: str, track: Sequence[str] | None = None
) -> None:
    """`ganvas resume` in several processes; returns if one process suffices.

    Args:
        processes: how many; None for as many as the run was made with.
        restarts: attempts after the first.
        path: the run's folder.
        device: to train on.
        track: names of trackers.

    Raises:
        CheckFailed: the run, which may be somebody else's, names far more processes than this machine has cores.
    """
    from ..runs import Run

    run = Run.open(path)
    if processes is None and size() == 1:
        made_with = run.read_json("environment.json").get("processes", 1)
        if type(made_with) is not int or made_with > max(ALWAYS, EACH * (os.cpu_count() or 1)):
            raise CheckFailed(
                f"environment.json says that the run was made with {str(made_with)[:20]} processes",
                where=str(path),
                hint="To start so many, use --processes N.",
            )
        processes = made_with if made_with > 1 else None
    if processes is not None:
        before = run.settings()  # --samples, --minutes and --data change config.yaml; until then they are needed again
        start(
            sys.argv[1:],
            processes,
            restarts,
            path=path,
            device=device,
            track=track,
            begun=lambda: run.settings() != before,
        )


def start(
    arguments: Sequence[str],
    processes: int,
    restarts: int,
    *,
    path: Path,
    device: str,
    track: Sequence[str] | None,
    begun: Callable[[], bool],
) -> None:
    """Run `ganvas` with these arguments in several processes, and exit with the code of rank 0."""
    from ..sessions.launch import launch

    if size() > 1:
        raise UsageError(
            "--processes starts processes itself, and torchrun has started some already", hint="Leave --processes out."
        )
    flags = [word for word in sys.argv[1:] if word in ("-q", "--quiet", "-v", "--verbose", "--json")]
    trackers = [word for name in track or () for word in ("--track", name)]
    again = ["resume", str(path), "--device", device, *trackers, *flags]
    raise typer.Exit(
        launch(
            arguments,
            processes=processes,
            restarts=restarts,
            run=path,
            again=again,
            begun=begun,
            device=device,
            on_message=print_message,
        )
    )


def report_to_launcher(error: GanvasError, code: int) -> bool:
    """Write the error to the launcher's file. Returns whether a launcher prints it, once for all processes."""
    if file := os.environ.get("TORCHELASTIC_ERROR_FILE"):
        record = {
            "message": str(error),
            "timestamp": int(time.time()),
            "exit_code": code,
            "lost": isinstance(error, PeerLost),
        }
        with suppress(OSError):  # a launcher that was ended has taken its folder along
            Path(file).write_text(json.dumps(record), encoding="utf-8")
    return launched()
