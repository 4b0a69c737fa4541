"""A launcher of several processes that train one run on this machine.

It starts them, waits for them, passes signals on to them, and starts them again when one is lost. They use a store on
the loopback interface, so no port is open to other machines.
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
LEAVING = 30.0  # seconds that a process has for its last checkpoint after a signal
NAP = 0.05  # seconds between two checks of the processes


def launch(
    arguments: Sequence[str],
    *,
    processes: int,
    restarts: int,
    run: Path,
    again: Sequence[str],
    device: str,
    on_message: Callable[[str], None],
) -> int:
    """Run a command in several processes, and again when one is lost.

    Args:
        arguments: of `ganvas`.
        processes: how many.
        restarts: attempts after the first.
        run: the run's folder.
        again: arguments of a further attempt, used once the run's folder exists.
        device: to train on.
        on_message: called with messages for people.

    Returns:
        The exit code.

    Raises:
        GanvasError: the error that a process ended with.
        ResourceError: processes were lost more than `restarts` times.
        UsageError: `processes` or `restarts` is out of range.
    """
    if processes < 1:
        raise UsageError(f"--processes {processes} is out of range", hint="Use 1 or more.")
    if restarts < 0:
        raise UsageError(f"--restarts {restarts} is out of range", hint="Use 0 or more.")
    if processes > cores() and find_device(device).type == "cpu":
        on_message(f"{processes} processes share {cores()} cores: fewer would be as fast.")
    for attempt in range(restarts + 1):
        if attempt:
            on_message(f"A process was lost. Starting again ({attempt} of {restarts}).")
        code = once(again if (run / MARKER).is_file() and attempt else arguments, processes)
        if code is not None:
            return code
    raise ResourceError(
        f"processes were lost {restarts + 1} times",
        where=str(run),
        hint="`ganvas resume` goes on from the last checkpoint.",
    )


def once(arguments: Sequence[str], processes: int) -> int | None:
    """The exit code of one attempt, or None where a process was lost. Raises the error that a process ended with."""
    with tempfile.TemporaryDirectory(prefix="ganvas-") as folder, catch_signals(SIGNALS) as arrived:
        store = loopback_store()
        reports = [Path(folder) / f"error-{rank}.json" for rank in range(processes)]
        children = [
            subprocess.Popen(  # noqa: S603 (our own module, no shell)
                module_command("ganvas", *arguments),
                env=surroundings(rank, processes, store.port, report),
                start_new_session=True,
            )
            for rank, report in enumerate(reports)
        ]
        failed = watch(children, arrived)
        name = arrived()
        # where each ended by a signal, the others received it too and are about to end
        answered = all(code > 128 for code in failed.values())
        stop(children, signal.Signals[name] if name else None if answered else signal.SIGTERM)
        return judge(failed, [read_report(report) for report in reports], 128 + signal.Signals[name] if name else None)


def surroundings(rank: int, processes: int, port: int, report: Path) -> dict[str, str]:
    """The environment of one process, in torchrun's variables."""
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
        "TORCHELASTIC_USE_AGENT_STORE": "True",  # the launcher has the store
        "TORCHELASTIC_ERROR_FILE": str(report),
    }


def watch(children: Sequence[subprocess.Popen[bytes]], arrived: Callable[[], str]) -> dict[int, int]:
    """Wait until all have succeeded, one has failed, or a signal has arrived. Returns the failures' exit codes."""
    while not arrived():
        codes = [child.poll() for child in children]
        failed = {rank: code for rank, code in enumerate(codes) if code}
        if failed or all(code == 0 for code in codes):
            return failed
        time.sleep(NAP)
    return {}


def stop(children: Sequence[subprocess.Popen[bytes]], number: signal.Signals | None) -> None:
    """Send a signal to the processes (None: they end by themselves); after LEAVING seconds they are killed."""
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
    """The error that a process recorded before it ended; empty if there is none."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return report if isinstance(report, dict) else {}


def judge(failed: Mapping[int, int], reports: Sequence[Mapping[str, Any]], stopped: int | None) -> int | None:
    """The exit code of an attempt, or None where a process was lost.

    A recorded error is raised, that of the lowest rank first. Else the code is `stopped`; else that of a process that
    failed without a record; else that of one that ended by a signal.

    Args:
        failed: exit codes by rank of the processes that failed first.
        reports: the recorded error of each process.
        stopped: the exit code after a signal to this process; None without one.

    Raises:
        GanvasError: the recorded error.
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


def error_of(report: Mapping[str, Any]) -> GanvasError:
    """The error that a process recorded."""
    kinds = {kind.exit_code: kind for kind in GanvasError.__subclasses__() if kind.exit_code != GanvasError.exit_code}
    return kinds.get(report["exit_code"], GanvasError)(report["message"])
