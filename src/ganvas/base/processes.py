"""The environment variables of processes that train together, and how ganvas starts a process of one of its modules.

torchrun sets all variables but those whose names begin with GANVAS_.
"""

import os
import sys
from pathlib import Path

from .errors import UsageError

LAUNCHER_VARIABLE = "GANVAS_LAUNCHER"  # the process that started this one, where it is ganvas itself
TIMEOUT_VARIABLE = "GANVAS_TIMEOUT_SECONDS"
DEFAULT_TIMEOUT_SECONDS = 300.0


def launched() -> bool:
    """Whether `ganvas --processes` started this process."""
    return LAUNCHER_VARIABLE in os.environ


def launcher_pid() -> int:
    """The id of the process that started this one with `ganvas --processes`, or 0."""
    return int(os.environ.get(LAUNCHER_VARIABLE, "0"))


def size() -> int:
    """The number of processes that train together; 1 without torchrun."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """The number of this process among them, from 0."""
    return int(os.environ.get("RANK", "0"))


def local_size() -> int:
    """The number of these processes on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", str(size())))


def restarts() -> int:
    """How often torchrun has restarted the processes."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))


def timeout_seconds() -> float:
    """Seconds without an answer after which a peer process counts as lost.

    Raises:
        UsageError: GANVAS_TIMEOUT_SECONDS is not a number of seconds above 0 and below 1e6.
    """
    text = os.environ.get(TIMEOUT_VARIABLE, "")
    try:
        seconds = float(text or DEFAULT_TIMEOUT_SECONDS)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise UsageError(f"{TIMEOUT_VARIABLE} is '{text}'", hint="Set it to a number of seconds, such as 300.")
    return seconds


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ganvas in a new process: Python, its flags, the module, the arguments.

    -P keeps the current folder off Python's path: a file `random.py` among a user's data must not replace Python's.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def module_environment(**changes: str) -> dict[str, str]:
    """The environment variables of such a process: those of this process, with `changes`.

    PYTHONPATH names this ganvas and the folders that it named before. Empty entries, which mean the current folder,
    are left out. PYTHONSAFEPATH does the same for the processes that the new process starts.
    """
    ganvas_folder = str(Path(__file__).parents[2])
    named = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join([ganvas_folder, *named]), **changes}
