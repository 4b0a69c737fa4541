"""--processes: the command again, in several processes that train together."""

import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer

from ..base.errors import CheckFailed, GanvasError, PeerLost, UsageError
from ..base.processes import launched, size
from .output import say

ALWAYS, EACH = 16, 4  # processes that a run may ask for by itself: so many in all, or so many a core


def train_by_many(processes: int, restarts: int, *, path: Path | None, name: str, device: str) -> None:
    """`ganvas train` as it was typed; after a process was lost, `ganvas resume`. Does not return."""
    from ..runs import fresh_path

    words = list(sys.argv[1:])
    if path is None:  # so that all processes, and the next attempt, know it
        path = fresh_path(Path("runs"), name)
        at = words.index("train") + 1
        words[at:at] = ["--out", str(path)]
    start(words, processes, restarts, path=path, device=device)


def resume_by_many(processes: int | None, restarts: int, *, path: Path, device: str) -> None:
    """`ganvas resume` in as many processes as the run was made with, or as asked for; returns where that is this one alone.

    A run that came from somebody else may name any number: CheckFailed for one that is far more than this machine has cores.
    """
    if processes is None and size() == 1:
        from ..runs import Run

        made_with = Run.open(path).read_json("environment.json").get("processes", 1)
        if type(made_with) is not int or made_with > max(ALWAYS, EACH * (os.cpu_count() or 1)):
            raise CheckFailed(
                f"environment.json says that the run was made with {str(made_with)[:20]} processes",
                where=str(path),
                hint="If this machine is to start so many, say it: --processes N.",
            )
        processes = made_with if made_with > 1 else None
    if processes is not None:
        start(sys.argv[1:], processes, restarts, path=path, device=device)


def start(words: Sequence[str], processes: int, restarts: int, *, path: Path, device: str) -> None:
    """Leaves with the exit code of rank 0."""
    from ..sessions.launch import launch

    if size() > 1:
        raise UsageError(
            "--processes starts the processes itself, and torchrun has started some", hint="Leave --processes out."
        )
    flags = [word for word in sys.argv[1:] if word in ("-q", "--quiet", "-v", "--verbose", "--json")]
    again = ["resume", str(path), "--device", device, *flags]
    raise typer.Exit(
        launch(words, processes=processes, restarts=restarts, run=path, again=again, device=device, on_message=say)
    )


def tell_launcher(error: GanvasError, code: int) -> bool:
    """Write the error where the launcher looks for it; whether it will say the sentence, once for all processes."""
    if file := os.environ.get("TORCHELASTIC_ERROR_FILE"):
        told = {
            "message": str(error),
            "timestamp": int(time.time()),
            "exit_code": code,
            "lost": isinstance(error, PeerLost),
        }
        with suppress(OSError):  # a launcher that was ended has taken its folder along
            Path(file).write_text(json.dumps(told), encoding="utf-8")
    return launched()
