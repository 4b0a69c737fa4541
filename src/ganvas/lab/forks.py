"""New runs from a checkpoint of another one: `ganvas train` in a separate process, which outlives the lab."""

import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from ..base.errors import CheckFailed, ResourceError, UsageError
from ..runs import MARKER, Run

TRAIN = (sys.executable, "-P", "-m", "ganvas", "-q", "train")
MOST_CHANGES, CHANGE_CHARACTERS = 50, 500
CHANGE = re.compile(r"[A-Za-z_][\w.]*=[^\x00-\x1f\x7f]*")
MOST = 2  # trainings of one lab at a time
WAIT_SECONDS, POLL_SECONDS = 60.0, 0.1  # for the new run's folder
NAME_CHARACTERS = 80
SHOWN = 1000  # characters of the command's message


class Forks:
    """The trainings that a lab has begun. They go on when it ends."""

    def __init__(self) -> None:
        self.begun: list[subprocess.Popen[bytes]] = []

    def begin(self, run: Run, at: int, changes: Sequence[str]) -> Path:
        """Begin a run from the weights of a checkpoint, in a new folder beside the run's.

        Args:
            run: opened.
            at: samples of the checkpoint.
            changes: overrides of the run's recipe, such as "G.optimiser.lr=1e-4".

        Returns:
            The new folder. It exists, unless the data are still read after WAIT_SECONDS.

        Raises:
            UsageError: what was given is no override.
            ResourceError: MOST trainings run already.
            CheckFailed: the command ended before it began to train, with its message.
        """
        if len(changes) > MOST_CHANGES or not all(map(is_change, changes)):
            raise UsageError("an override is KEY=VALUE, such as G.optimiser.lr=1e-4")
        self.begun = [process for process in self.begun if process.poll() is None]
        if len(self.begun) >= MOST:
            raise ResourceError(f"this lab has begun {MOST} trainings that still run", hint="Wait for one, or stop it.")
        out = run.path.with_name(f"{run.path.name[:NAME_CHARACTERS]}-from-{at}-{secrets.token_hex(2)}")
        start = ("--init-from", str(run.path), "--init-at", str(at), "-o", str(out))
        with tempfile.TemporaryFile() as messages:
            process = subprocess.Popen(  # noqa: S603 (our own module, no shell; overrides come after --)
                [*TRAIN, *start, "--", *changes],
                stdin=subprocess.DEVNULL,
                stdout=messages,
                stderr=messages,
                start_new_session=True,
            )
            self.begun.append(process)
            wait_for_run(process, out, messages)
        return out


def is_change(text: str) -> bool:
    """Whether a text has the form of an override, so that it is no option of the command."""
    return len(text) <= CHANGE_CHARACTERS and CHANGE.fullmatch(text) is not None


def wait_for_run(process: "subprocess.Popen[bytes]", out: Path, messages: IO[bytes]) -> None:
    """Wait until the folder of a run is there, or WAIT_SECONDS. Raises CheckFailed if the process ends before that."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end and not (out / MARKER).is_file():
        if process.poll() is not None and not (out / MARKER).is_file():
            messages.seek(0)
            text = messages.read().decode(errors="replace").strip()[-SHOWN:]
            raise CheckFailed(text.removeprefix("ganvas: ") or f"the training ended with {process.returncode}")
        time.sleep(POLL_SECONDS)
