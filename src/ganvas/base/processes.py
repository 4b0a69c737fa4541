"""What the environment says of the processes that train together (torchrun sets all but the first two), and how a process of our own is started."""

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
    """The process that did, or 0."""
    return int(os.environ.get(LAUNCHER_VARIABLE, "0"))


def size() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """This one's number among them."""
    return int(os.environ.get("RANK", "0"))


def local_size() -> int:
    """How many of them are on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", str(size())))


def restarts() -> int:
    """How often torchrun has started them again."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))


def timeout_seconds() -> float:
    """Seconds until one that is silent is given up."""
    text = os.environ.get(TIMEOUT_VARIABLE, "")
    try:
        seconds = float(text or DEFAULT_TIMEOUT_SECONDS)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise UsageError(f"{TIMEOUT_VARIABLE} is '{text}'", hint="Set it to a number of seconds, such as 300.")
    return seconds


def module_command(module: str, *words: str) -> list[str]:
    """The command that runs one of our modules in a process of its own.

    -P: the current folder holds a person's data, so a file `random.py` in it must not be imported in place of Python's.
    """
    return [sys.executable, "-P", "-m", module, *words]


def module_environment(**changes: str) -> dict[str, str]:
    """The environment of such a process: this one's, with `changes`.

    It finds the same ganvas, and what PYTHONPATH names. Empty entries of PYTHONPATH, which mean the current folder, are left out.
    Processes that it starts itself keep the current folder off their path too.
    """
    ganvas_folder = str(Path(__file__).parents[2])
    named = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join([ganvas_folder, *named]), **changes}
