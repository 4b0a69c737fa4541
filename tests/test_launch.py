"""Processes of our own: where they listen, and whose modules they import."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest

from ganvas.base.errors import DataError, GanvasError
from ganvas.base.processes import module_environment
from ganvas.ingest import decode_pool
from ganvas.sessions.launch import judge, once
from ganvas.training import ProcessGroup
from painting import folder
from processes import PATIENCE, start
from ranks import CPU, Group, children_of, commanded, ring, saves, wait_for
from traps import Trap

LINUX = Path("/proc/self/fd").exists()
on_linux = pytest.mark.skipif(not LINUX, reason="reads /proc")


def listening_at(pid: int) -> list[IPv4Address | IPv6Address]:
    """The addresses at which a process listens for TCP connections."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(os.readlink(descriptor))
        except OSError:  # closed meanwhile
            continue
    return [address for inode, address in listeners() if f"socket:[{inode}]" in inodes]


def listeners() -> Iterator[tuple[str, IPv4Address | IPv6Address]]:
    """Inode and address of every listening TCP socket of this machine."""
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            words = line.split()
            if words[3] == "0A":  # LISTEN
                stored = bytes.fromhex(words[1].partition(":")[0])  # 32-bit words in this machine's byte order
                raw = b"".join(
                    int.from_bytes(stored[at : at + 4], sys.byteorder).to_bytes(4, "big")
                    for at in range(0, len(stored), 4)
                )
                yield words[9], ip_address(raw)


@on_linux
def test_a_pair_listens_on_the_loopback_interface_only_and_imports_nothing_from_the_current_folder(
    tmp_path: Path,
) -> None:
    trap, run = Trap(tmp_path), tmp_path / "run"
    (tmp_path / "long.yaml").write_text(ring(samples=100_000, saves=1000))
    launcher = start(commanded, ["train", "long.yaml", "--processes", "2", "-o", "run"], str(tmp_path))
    assert launcher.pid is not None
    wait_for(lambda: saves(run) > 0, launcher)
    children = children_of(launcher.pid)
    found = {pid: listening_at(pid) for pid in (launcher.pid, *children)}
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children]
    environments = [Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") for pid in children]
    os.kill(launcher.pid, signal.SIGINT)
    launcher.join(PATIENCE)
    assert launcher.exitcode == 130
    assert len(found) == 3
    assert any(found.values()), "the store and the processes listen somewhere"
    assert all(address.is_loopback for addresses in found.values() for address in addresses), found
    assert trap.executed == ""
    assert all(b"-P" in command for command in commands)
    assert all(b"PYTHONSAFEPATH=1" in environment for environment in environments), "for the processes that they start"


@on_linux
def test_a_process_that_serves_the_store_itself_does_so_at_the_loopback_address_that_it_was_given(
    tmp_path: Path,
) -> None:
    first, second = Group(2, where_it_listens, notes=tmp_path / "where").said()
    assert len(first) > len(second) > 0
    assert all(ip_address(address).is_loopback for address in [*first, *second])


def where_it_listens() -> list[str]:
    """A scene for a Group."""
    world = ProcessGroup.from_environment(CPU)
    found = [str(address) for address in listening_at(os.getpid())]
    world.close()
    return found


def test_python_m_ganvas_imports_nothing_from_the_current_folder(tmp_path: Path) -> None:
    trap = Trap(tmp_path)
    words = [sys.executable, "-m", "ganvas", "--version"]
    done = subprocess.run(
        words, cwd=tmp_path, env=module_environment(PYTHONSAFEPATH=""), capture_output=True, text=True, check=False
    )
    assert (done.returncode, trap.executed) == (0, ""), done.stderr


def test_the_decoder_imports_nothing_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = Trap(tmp_path / "data")
    folder(trap.folder, ["a.png"])
    monkeypatch.chdir(trap.folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep)
    (answer,) = decode_pool.answers("header", ["a.png"])
    assert answer.payload
    assert trap.executed == ""


def test_pythonpath_works_but_for_its_empty_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "one", "", "two"]))
    environment = module_environment(OMP_NUM_THREADS="1")
    assert environment["PYTHONPATH"].split(os.pathsep)[1:] == ["one", "two"]
    assert environment["PYTHONSAFEPATH"] == environment["OMP_NUM_THREADS"] == "1"
    assert os.environ["PYTHONPATH"].startswith(os.pathsep), "the environment of this process stays"


LOST: Mapping[str, Any] = {"exit_code": 5, "lost": True, "message": "another process has ended"}
BROKEN: Mapping[str, Any] = {"exit_code": 3, "lost": False, "message": "broken data"}
INTERNAL: Mapping[str, Any] = {"exit_code": 1, "lost": False, "message": "internal error"}


@pytest.mark.parametrize(
    ("failed", "reports", "stopped", "code"),
    [
        ({}, ({}, {}), None, 0),
        ({}, ({}, {}), 130, 130),  # a signal to the launcher
        ({0: 130, 1: 130}, ({}, {}), None, 130),  # one to a process
        ({1: -9}, ({}, {}), None, None),
        ({0: 5, 1: -9}, (LOST, {}), None, None),
        ({1: -9}, (INTERNAL, {}), None, None),  # a consequence: it failed after the other
        ({0: 5}, (LOST, {}), 143, 143),
        ({1: 1}, ({}, {}), None, 1),  # Python did not come as far as words
        ({0: 5, 1: 1}, (LOST, {}), None, 1),
    ],
)
def test_what_the_ends_of_processes_mean(
    failed: dict[int, int], reports: Sequence[Mapping[str, Any]], stopped: int | None, code: int | None
) -> None:
    assert judge(failed, reports, stopped) == code


@pytest.mark.parametrize(
    ("failed", "reports", "kind"),
    [({1: 5}, (BROKEN, LOST), DataError), ({}, (BROKEN, {}), DataError), ({0: 1}, (INTERNAL, LOST), GanvasError)],
)
def test_an_error_with_words_is_raised_whichever_process_was_noticed_first(
    failed: dict[int, int], reports: Sequence[Mapping[str, Any]], kind: type
) -> None:
    with pytest.raises(GanvasError) as error:
        judge(failed, reports, 130)
    assert type(error.value) is kind


STUBBORN = """
import os, pathlib, signal, sys, time
ready = pathlib.Path("ready")
if os.environ["RANK"] == "1":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready.touch()
    time.sleep(99)
while not ready.exists():
    time.sleep(0.01)
sys.exit(7)
"""


def test_a_process_that_does_not_leave_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One ends with an error, the other ignores SIGTERM."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ganvas.sessions.launch.LEAVING", 0.2)
    monkeypatch.setattr("ganvas.sessions.launch.module_command", lambda *_: [sys.executable, "-c", STUBBORN])
    assert once(["train"], 2) == 7
