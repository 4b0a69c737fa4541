"""Several processes on this machine, started by torch's own elastic launcher, and started again when one is lost."""

import logging
import os
import signal
import socket
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from ..base.errors import GanvasError, ResourceError, UsageError
from ..base.processes import PARENT
from ..runs import MARKER
from ..training import cores
from .machine import find_device

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
LEAVING = 30  # seconds that a process has for its last checkpoint


def launch(words: Sequence[str], *, processes: int, restarts: int, run: Path, again: Sequence[str], device: str, say: Callable[[str], None]) -> int:
    """Run the command `words` in so many processes; `again` is the command after one was lost, when the run is there already. Returns the exit code.

    Raises the error that rank 0 ended with, and ResourceError when processes were lost more than `restarts` times.
    """
    if processes < 1:
        raise UsageError(f"--processes {processes} is no number of processes", mend="Use 1 or more.")
    if restarts < 0:
        raise UsageError(f"--restarts {restarts} is no number of restarts", mend="Use 0 or more.")
    if processes > cores() and find_device(device).type == "cpu":
        say(f"{processes} processes share {cores()} cores: fewer would be as fast.")
    with as_parent(processes):
        for attempt in range(restarts + 1):
            if attempt:
                say(f"A process was lost. Starting again ({attempt} of {restarts}).")
            code = once(again if (run / MARKER).is_file() and attempt else words, processes)
            if code is not None:
                return code
    raise ResourceError(f"processes were lost {restarts + 1} times", where=str(run), mend="`ganvas resume` goes on from the last checkpoint.")


def once(words: Sequence[str], processes: int) -> int | None:
    """The exit code of one attempt, or None where a process was lost."""
    with tempfile.TemporaryDirectory(prefix="ganvas-") as folder:
        config = LaunchConfig(
            min_nodes=1,
            max_nodes=1,
            nproc_per_node=processes,
            run_id=uuid.uuid4().hex,
            rdzv_backend="static",  # c10d would unpickle what it finds behind an open port
            rdzv_endpoint=f"127.0.0.1:{free_port()}",
            rdzv_configs={"rank": 0},
            local_addr="127.0.0.1",
            max_restarts=0,  # ours: an error that would only come again is not tried again
            logs_specs=DefaultLogsSpecs(log_dir=folder),
            shutdown_timeout=LEAVING,
            signals_to_handle=",".join(each.name for each in SIGNALS),
        )
        try:
            elastic_launch(config, sys.executable)("-m", "ganvas", *words)
        except SignalException as ended:
            return 128 + ended.sigval
        except ChildFailedError as failed:
            return judge(failed.failures)
    return 0


def free_port() -> int:
    """One that nobody listens on just now."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def judge(failures: dict[int, ProcessFailure]) -> int | None:
    """What the ends of processes mean: an error with words of its own is the run's, of the lowest rank; else a signal that was answered; else one was lost."""
    for _, failure in sorted(failures.items()):
        told = failure.error_file_data
        if "exit_code" in told and not told["lost"]:
            raise error_of(told)
    for failure in failures.values():
        if 0 < failure.exitcode < 128 and "exit_code" not in failure.error_file_data:  # it never came as far as words
            return failure.exitcode
    answered = [failure.exitcode for failure in failures.values() if failure.exitcode > 128]
    return answered[0] if answered else None


def error_of(told: dict[str, Any]) -> GanvasError:
    """An error as it was raised in a process."""
    kinds = {kind.exit_code: kind for kind in GanvasError.__subclasses__()}
    return kinds.get(told["exit_code"], GanvasError)(told["message"])


@contextmanager
def as_parent(processes: int) -> Iterator[None]:
    """What the processes find in their environment, torch's own words silenced, and signals as they were before."""
    before, handlers = dict(os.environ), {each: signal.getsignal(each) for each in SIGNALS}
    os.environ[PARENT] = str(os.getpid())
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, cores() // processes)))  # until the run's own number is known
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    if loop := next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), None):
        os.environ.setdefault("GLOO_SOCKET_IFNAME", loop)  # nothing leaves this machine
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        os.environ.clear()
        os.environ.update(before)
        for each, handler in handlers.items():
            signal.signal(each, handler)
