"""The unit of systemd, the Dockerfile and docs/deploy.md name options that there are; a server needs no rights."""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

import ganvas
from ganvas.applications.write_samples import write_samples
from ganvas.cli import main
from generating import SRC

ROOT = Path(__file__).parents[2]
UNIT, DOCKERFILE = ROOT / "deploy" / "ganvas.service", ROOT / "deploy" / "Dockerfile"
CAN_UNSHARE = os.name == "posix" and os.geteuid() == 0 and shutil.which("unshare") and shutil.which("setpriv")
SCENE = """
set -e
ip link set lo up
mount --make-rprivate /
mount -o remount,ro,bind /
mount -t tmpfs tmpfs /var/tmp
setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
  $PYTHON -m ganvas serve mnist-demo --port 8000 &
process=$!
until curl -sf localhost:8000/ready; do sleep 0.2; done
touch /var/tmp/allowed
if touch /new 2>/dev/null; then echo WRITABLE; fi
grep -E 'Uid|NoNewPrivs|CapBnd' /proc/$process/status
curl -s -X POST localhost:8000/v1/models/mnist-demo/samples -H "Authorization: Bearer $GANVAS_TOKEN" \
  -H 'Content-Type: application/json' -d '{"n": 4, "seed": 5}' | sha256sum
kill -TERM $process
wait $process
echo ended $?
"""


def options() -> set[str]:
    """The options of `ganvas serve`."""
    command = typer.main.get_command(main.app)
    return {option for each in command.commands["serve"].params for option in each.opts}  # type: ignore[attr-defined]


def test_options_of_the_files_are_there() -> None:
    start = re.findall(r"^ExecStart=\S+/ganvas serve (.*)$", UNIT.read_text(), re.MULTILINE)[0]
    docker = DOCKERFILE.read_text()
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    for text in (start, *re.findall(r"ganvas serve ([^`\n]*)", page)):
        assert {word.partition("=")[0] for word in shlex.split(text) if word.startswith("--")} <= options(), text
    assert re.findall(r"^USER (\d+)$", docker, re.MULTILINE)[0] != "0"
    assert "--read-only" in docker


if shutil.which("systemd-analyze"):

    def test_systemd_understands_the_unit(tmp_path: Path) -> None:
        (tmp_path / "ganvas").write_text("#!/bin/sh\n")
        (tmp_path / "ganvas").chmod(0o755)
        unit = tmp_path / "ganvas.service"
        unit.write_text(UNIT.read_text().replace("/opt/ganvas/bin/ganvas", str(tmp_path / "ganvas")))
        done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


if CAN_UNSHARE:

    @pytest.mark.slow
    def test_a_server_without_rights_disk_and_network_serves(tmp_path: Path) -> None:
        """Another user, no capability, a read-only file system, no network but its own loopback."""
        environment = {
            **os.environ,
            "PYTHON": sys.executable,
            "PYTHONPATH": str(SRC),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": "/var/tmp",
            "HOME": "/var/tmp",
            "OMP_NUM_THREADS": "1",
            "GANVAS_TOKEN": "a" * 32,
        }
        command = ["unshare", "-m", "-n", "-p", "-f", "--mount-proc", "bash", "-c", SCENE]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=200)
        (file,) = write_samples(ganvas.load("mnist-demo"), tmp_path / "x.png", 4, seed=5, classes=None)
        assert done.returncode == 0, done.stderr
        assert hashlib.sha256(file.read_bytes()).hexdigest() in done.stdout
        assert "WRITABLE" not in done.stdout
        assert re.findall(r"Uid:\s+(\d+)", done.stdout) == ["65534"]
        assert re.findall(r"(?:CapBnd|NoNewPrivs):\s+(\w+)", done.stdout) == ["0000000000000000", "1"]
        assert "ended 0" in done.stdout
