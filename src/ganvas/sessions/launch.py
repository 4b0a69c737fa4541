"""Several processes on this machine that train one run together: started, watched, stopped by one signal, started again when one is lost.

Nothing listens beyond this machine: the processes meet in a store on the loopback interface, and exchange gradients over it.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..base.errors import GanvasError, ResourceError, UsageError
from ..base.processes import LAUNCHER_VARIABLE, module_command, module_environment
from ..runs import MARKER
from ..training import catch_signals, cores, loopback_store
from .device import find_device

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
LEAVING = 30.0  # seconds that a process has for its last checkpoint
NAP = 0.05  # seconds between two looks at the processes


def launch(
    words: Sequence[str],
    *,
    processes: int,
    restarts: int,
    run: Path,
    again: Sequence[str],
    device: str,
    on_message: Callable[[str], None],
) -> int:
    """Run the command `words` in so many processes; `again` is the command after one was lost, when the run is there already. Returns the exit code.

    Raises the error that rank 0 ended with, and ResourceError when processes were lost more than `restarts` times.
    """
    if processes < 1:
        raise UsageError(f"--processes {processes} is no number of processes", hint="Use 1 or more.")
    if restarts < 0:
        raise UsageError(f"--restarts {restarts} is no number of restarts", hint="Use 0 or more.")
    if processes > cores() and find_device(device).type == "cpu":
        on_message(f"{processes} processes share {cores()} cores: fewer would be as fast.")
    for attempt in range(restarts + 1):
        if attempt:
            on_message(f"A process was lost. Starting again ({attempt} of {restarts}).")
        code = once(again if (run / MARKER).is_file() and attempt else words, processes)
        if code is not None:
            return code
    raise ResourceError(
        f"processes were lost {restarts + 1} times",
        where=str(run),
        hint="`ganvas resume` goes on from the last checkpoint.",
    )


def once(words: Sequence[str], processes: int) -> int | None:
    """The exit code of one attempt, or None where a process was lost. Raises the error that a process ended with."""
    with tempfile.TemporaryDirectory(prefix="ganvas-") as folder, catch_signals(SIGNALS) as arrived:
        store = loopback_store()
        reports = [Path(folder) / f"error-{rank}.json" for rank in range(processes)]
        children = [
            subprocess.Popen(  # noqa: S603 (our own module, no shell)
                module_command("ganvas", *words),
                env=surroundings(rank, processes, store.port, report),
                start_new_session=True,
            )
            for rank, report in enumerate(reports)
        ]
        failed = watch(children, arrived)
        name = arrived()
        answered = all(
            code > 128 for code in failed.values()
        )  # each has ended by a signal, as asked; the others are about to
        stop(children, signal.Signals[name] if name else None if answered else signal.SIGTERM)
        return judge(failed, [read_report(report) for report in reports], 128 + signal.Signals[name] if name else None)


def surroundings(rank: int, processes: int, port: int, report: Path) -> dict[str, str]:
    """The environment of one process, in torchrun's words."""
    inherited = {name: value for name, value in module_environment().items() if not name.startswith("TORCHELASTIC_")}
    loop = next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), "")
    return {
        "OMP_NUM_THREADS": str(max(1, cores() // processes)),  # until the run's own number is known
        "TORCH_CPP_LOG_LEVEL": "ERROR",
        **inherited,
        **({"GLOO_SOCKET_IFNAME": loop, "NCCL_SOCKET_IFNAME": f"={loop}"} if loop else {}),
        LAUNCHER_VARIABLE: str(os.getpid()),
        **{name: str(rank) for name in ("RANK", "LOCAL_RANK")},
        **{name: str(processes) for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE")},
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "TORCHELASTIC_USE_AGENT_STORE": "True",  # the store is this process's
        "TORCHELASTIC_ERROR_FILE": str(report),
    }


def watch(children: Sequence[subprocess.Popen[bytes]], arrived: Callable[[], str]) -> dict[int, int]:
    """Wait until all have ended well, one has not, or a signal has come; the exit codes of those that have not, by rank."""
    while not arrived():
        codes = [child.poll() for child in children]
        failed = {rank: code for rank, code in enumerate(codes) if code}
        if failed or all(code == 0 for code in codes):
            return failed
        time.sleep(NAP)
    return {}


def stop(children: Sequence[subprocess.Popen[bytes]], number: signal.Signals | None) -> None:
    """Send the signal to those that still run (None: they end by themselves), and wait; whoever has not ended after LEAVING seconds is killed."""
    for child in children:
        if number is not None:
            child.send_signal(number)
    until = time.monotonic() + LEAVING
    for child in children:
        try:
            child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def read_report(path: Path) -> dict[str, Any]:
    """The error that a process wrote down before it ended; empty where it did not."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return report if isinstance(report, dict) else {}


def judge(failed: Mapping[int, int], reports: Sequence[Mapping[str, Any]], stopped: int | None) -> int | None:
    """What the ends of processes mean: an exit code, or None where one was lost. `failed`: exit codes by rank of those that failed first.

    An error with words of its own is the run's, of the lowest rank: it is raised. Else `stopped`, the code after a signal to this process; else the code of a
    process that did not come as far as words; else that of one that has answered a signal.
    """
    for rank, report in enumerate(reports):
        if "exit_code" in report and not report["lost"] and (rank in failed or report["exit_code"] > 1):
            raise error_of(report)
    if stopped is not None or not failed:
        return stopped or 0
    for rank, code in failed.items():
        if 0 < code < 128 and "exit_code" not in reports[rank]:
            return code
    return next((code for code in failed.values() if code > 128), None)


def error_of(told: Mapping[str, Any]) -> GanvasError:
    """An error as it was raised in a process."""
    kinds = {kind.exit_code: kind for kind in GanvasError.__subclasses__() if kind.exit_code != GanvasError.exit_code}
    return kinds.get(told["exit_code"], GanvasError)(told["message"])
