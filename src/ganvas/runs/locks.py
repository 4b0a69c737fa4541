"""The lock of a run, which the training process holds. It ends with the process, however that ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..base.errors import CheckFailed, UsageError
from ..base.files import NotRegular, open_regular

LOCK = ".lock"


@contextmanager
def exclusive_lock(run: Path) -> Iterator[None]:
    """While the context is open no other process can train the run.

    Args:
        run: the folder of the run.

    Raises:
        UsageError: another process holds the lock.
        CheckFailed: the lock file is a link, a pipe or the like.
    """
    import fcntl

    try:
        file = open_regular(run / LOCK, "ab", inside=run)
    except NotRegular as error:
        raise CheckFailed(f"{LOCK} cannot be used: {error.strerror}", where=str(run), hint="Delete it.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                "another process is training this run", where=str(run), hint="Wait for it, or stop it."
            ) from error
        yield


def is_locked(run: Path) -> bool:
    """Whether a process holds the lock of the run in the folder `run`."""
    import fcntl

    try:
        with open_regular(run / LOCK, inside=run) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is no lock file, or it cannot be read
        return False
    return False
