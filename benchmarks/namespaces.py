"""Two nodes on one machine: two network namespaces with a link between them.

python benchmarks/namespaces.py (as root, on Linux with `ip`)

`torchrun --nnodes 2` trains `ring`, one process on each node, to the end; then SHA-256 of all tensors of the last
checkpoint and of its state against two processes of one node. Then the same with the link cut in the middle: how many
seconds until the processes of both nodes have given up.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from processes import digests, state_of
from ranks import Group, ring, saves, trains, wait_for
from rows import append_row, rows

NODES = (
    ("ganvas-a", "ganvas-va", "10.231.7.1"),
    ("ganvas-b", "ganvas-vb", "10.231.7.2"),
)  # namespace, its end of the wire, its address
PATIENCE = 5


def ip(*words: str, check: bool = True) -> None:
    """One command of iproute2."""
    subprocess.run(["ip", *words], check=check, capture_output=not check)


@contextmanager
def two_nodes() -> Iterator[None]:
    """Two namespaces and a veth pair, gone afterwards."""
    for space, _, _ in NODES:
        ip("netns", "add", space)
    try:
        ip("link", "add", NODES[0][1], "type", "veth", "peer", "name", NODES[1][1])
        for space, end, address in NODES:
            ip("link", "set", end, "netns", space)
            ip("-n", space, "address", "add", f"{address}/24", "dev", end)
            ip("-n", space, "link", "set", end, "up")
            ip("-n", space, "link", "set", "lo", "up")
        yield
    finally:
        for space, _, _ in NODES:
            ip("netns", "delete", space, check=False)


def torchrun(number: int, recipe: Path, run: Path, said: Path) -> subprocess.Popen[bytes]:
    """One node's part."""
    space, end, address = NODES[number]
    words = [
        "--nnodes",
        "2",
        "--node-rank",
        str(number),
        "--nproc-per-node",
        "1",
        "--master-addr",
        NODES[0][2],
        "--master-port",
        "29517",
    ]
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        *words,
        "--local-addr",
        address,
        "-m",
        "ganvas",
        "train",
        str(recipe),
        "-o",
        str(run),
    ]
    environment = {
        **os.environ,
        "GLOO_SOCKET_IFNAME": end,
        "GANVAS_TIMEOUT_SECONDS": str(PATIENCE if "cut" in run.name else 120),
    }
    with said.open("w") as file:
        return subprocess.Popen(
            ["ip", "netns", "exec", space, *command], stdout=file, stderr=file, env=environment, start_new_session=True
        )


def both(place: Path, name: str, text: str, *, cut: bool = False) -> float:
    """Train on both nodes; seconds to the end of both, or from the cut until a process of each has given up."""
    recipe, run = place / f"{name}.yaml", place / name
    recipe.write_text(text)
    nodes = [torchrun(number, recipe, run, place / f"{name}.{number}") for number in (0, 1)]
    begun = time.monotonic()
    try:
        if cut:
            wait_for(lambda: saves(run) > 0)
            begun = time.monotonic()
            ip("-n", NODES[1][0], "link", "set", NODES[1][1], "down")
            wait_for(
                lambda: len(list(run.glob("stacks-rank-*.txt"))) == 2
            )  # torchrun itself waits longer for the other node
            return time.monotonic() - begun
        for node in nodes:
            node.wait(300)
        return time.monotonic() - begun
    finally:
        for node in nodes:
            if node.poll() is None:
                os.killpg(node.pid, signal.SIGKILL)


def main() -> None:
    """The rows that are missing."""
    with tempfile.TemporaryDirectory() as folder, two_nodes():
        for cell in (train, cut):
            if not rows(benchmark="namespaces", cell=cell.__name__):
                append_row(benchmark="namespaces", cell=cell.__name__, **cell(Path(folder)))


def train(place: Path) -> dict[str, Any]:
    """Two nodes against one."""
    text = ring(samples=1600, saves=20)
    Group(2, trains, text, str(place / "one"), notes=place / "notes").said()
    seconds = both(place, "two", text)
    finished = (place / "two" / "status.json").exists() and state_of(place / "two")["state"] == "finished"
    if not finished:
        sys.exit("\n".join((place / f"two.{number}").read_text() for number in (0, 1)))
    equal = digests(place / "one") == digests(place / "two")
    protocol = "ring at its tiny size, 200 rounds, torchrun --nnodes 2 in two network namespaces, gloo over veth"
    return {"protocol": protocol, "finished": finished, "equal_to_one_node": equal, "seconds": seconds}


def cut(place: Path) -> dict[str, Any]:
    """The wire is cut."""
    seconds = both(place, "cut", ring(samples=160_000, saves=2000), cut=True)
    protocol = (
        f"the link goes down after the first checkpoint, GANVAS_TIMEOUT_SECONDS={PATIENCE}; seconds until the "
        "processes of both nodes have given up"
    )
    return {"protocol": protocol, "state": state_of(place / "cut")["state"], "seconds": seconds}


if __name__ == "__main__":
    main()
