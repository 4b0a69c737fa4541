"""How `ganvas serve` holds up: python benchmarks/serve.py [ROW[=COUNT]...]

A real server process of mnist-demo, and a client in another process, on the same machine; requests are of one sample
unless a row says otherwise. Rows:

- requests: 10,000 requests of 32 clients; answers that are not 200, requests in a second.
- batching: requests in a second of 32 clients, requests sharing passes or one by one, interleaved.
- overload: clients that come at fixed times, three times as many as the server can answer; p99 of the answers.
- memory: megabytes of the server over 20,000 requests.
- malformed: 5,000 malformed requests; answers of 500 and above.
- same: 100 requests at once, in ten rounds, each compared with `Model.sample`.
- killed: the server is killed and started again while clients retry; wrong answers.
"""

import asyncio
import json
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import ganvas
from rows import append_row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from generating import answer_to, malformed, started, until_ready

DEMO, CLIENTS = "mnist-demo", 32
HEAD = "POST /v1/models/mnist-demo/samples HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
Answered = tuple[int, bytes, float]  # status (0: no answer), body, seconds


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def server(*words: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """A server process: its port, and the process."""
    port = free_port()
    process = started(DEMO, *words, port=port)
    try:
        until_ready(port)
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


class Connection:
    """A client that keeps its connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def samples(self, **fields: Any) -> Answered:
        """One request for samples."""
        begun, body = time.perf_counter(), json.dumps(fields).encode()
        try:
            if self.pair is None:
                self.pair = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.pair
            writer.write(f"{HEAD.format(port=self.port)}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = int(re.findall(r"content-length: (\d+)", head, re.I)[0])
            content = await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return 0, b"", time.perf_counter() - begun
        return int(head.split()[1]), content, time.perf_counter() - begun

    def close(self) -> None:
        """Close the connection."""
        if self.pair is not None:
            self.pair[1].close()
            self.pair = None


async def closed_loop(port: int, count: int, clients: int = CLIENTS, **fields: Any) -> list[Answered]:
    """`count` requests of clients of which each waits for its answer before it sends the next."""
    found, seeds = list[Answered](), iter(range(count))

    async def client() -> None:
        connection = Connection(port)
        for seed in seeds:
            found.append(await connection.samples(**{"n": 1, "seed": seed, **fields}))
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return found


def statuses(found: list[Answered]) -> dict[str, int]:
    """How many answers have each status."""
    return {str(status): count for status, count in sorted(Counter(status for status, _, _ in found).items())}


def quantile(found: list[Answered], share: float, status: int = 200) -> float:
    """Seconds within which this share of the answers of a status came."""
    return float(np.quantile([seconds for code, _, seconds in found if code == status], share))


def requests(count: int = 10_000) -> None:
    """The row of many requests without a fault."""
    with server() as (port, _):
        begun = time.perf_counter()
        found = asyncio.run(closed_loop(port, count))
        seconds = time.perf_counter() - begun
    protocol = f"{count:,} requests of 1 sample as PNG, {CLIENTS} clients that wait for each answer, same machine"
    times = {"p50_seconds": quantile(found, 0.5), "p99_seconds": quantile(found, 0.99)}
    row = {"statuses": statuses(found), "unasked_errors": count - statuses(found).get("200", 0)}
    append_row(benchmark="serve_requests", protocol=protocol, **row, requests_per_second=count / seconds, **times)


def batching(count: int = 400, repeats: int = 3) -> None:
    """The row of shared passes against one by one."""
    speeds: dict[str, list[float]] = {"together": [], "one_by_one": []}
    with server() as (together, _), server("--one-by-one") as (alone, _):
        for _ in range(repeats):
            for name, port in (("together", together), ("one_by_one", alone)):
                begun = time.perf_counter()
                found = asyncio.run(closed_loop(port, count))
                assert set(statuses(found)) == {"200"}
                speeds[name].append(count / (time.perf_counter() - begun))
    ratios = [a / b for a, b in zip(speeds["together"], speeds["one_by_one"], strict=True)]
    protocol = f"{count} requests of 1 sample, {CLIENTS} clients, --one-by-one against shared passes, {repeats} pairs"
    each = {f"{name}_per_second": median(values) for name, values in speeds.items()}
    append_row(benchmark="serve_batching", protocol=protocol, ratio=median(ratios), ratios=ratios, **each)


async def open_loop(port: int, per_second: float, seconds: float, n: int) -> list[Answered]:
    """Requests at fixed times, whether or not earlier ones are answered, each on a connection of its own."""
    rng, now, tasks = random.Random(0), 0.0, list[asyncio.Task[Answered]]()
    begun = time.perf_counter()

    async def one(seed: int) -> Answered:
        connection = Connection(port)
        found = await connection.samples(n=n, seed=seed)
        connection.close()
        return found

    while now < seconds:
        await asyncio.sleep(max(0.0, begun + now - time.perf_counter()))
        tasks.append(asyncio.create_task(one(len(tasks))))
        now += rng.expovariate(per_second)
    return list(await asyncio.gather(*tasks))


def overload(seconds: float = 30, waiting: int = 32, n: int = 64) -> None:
    """The row of three times as many requests as are answered."""
    with server("--waiting", str(waiting)) as (port, _):
        asyncio.run(closed_loop(port, 20, n=n))
        begun = time.perf_counter()
        asyncio.run(closed_loop(port, 100, clients=8, n=n))
        capacity = 100 / (time.perf_counter() - begun)
        found = asyncio.run(open_loop(port, 3 * capacity, seconds, n))
    protocol = f"requests of {n} samples at random times for {seconds:g} s, 3 x the capacity, --waiting {waiting}"
    times = {"p50_seconds": quantile(found, 0.5), "p99_seconds": quantile(found, 0.99)}
    bound = {"queue_over_capacity_seconds": waiting / capacity, "refusal_p99_seconds": quantile(found, 0.99, 429)}
    append_row(
        benchmark="serve_overload",
        protocol=protocol,
        capacity_per_second=capacity,
        statuses=statuses(found),
        **times,
        **bound,
    )


def held(pid: int) -> float:
    """Megabytes that a process holds."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024


def memory(count: int = 20_000, steps: int = 10) -> None:
    """The row of the server's memory."""
    with server() as (port, process):
        asyncio.run(closed_loop(port, 500))
        megabytes = [held(process.pid)]
        for _ in range(steps):
            found = asyncio.run(closed_loop(port, count // steps))
            assert set(statuses(found)) == {"200"}
            megabytes.append(held(process.pid))
    protocol = f"{count:,} requests of 1 sample, {CLIENTS} clients, after 500 first ones"
    append_row(benchmark="serve_memory", protocol=protocol, megabytes=megabytes, grown=megabytes[-1] - megabytes[0])


def malformed_requests(count: int = 5_000) -> None:
    """The row of malformed requests."""
    rng = random.Random(1)
    with server() as (port, _):
        lines = [answer_to(port, malformed(rng)) for _ in range(count)]
        alive = asyncio.run(closed_loop(port, 1, clients=1))[0][0] == 200
    codes = Counter(line.split()[1].decode() for line in lines if line.startswith(b"HTTP/1.1 "))
    faults = sum(number for code, number in codes.items() if code >= "500")
    protocol = f"{count:,} requests of random methods, headers and bodies, raw sockets, seed 1"
    append_row(
        benchmark="serve_malformed", protocol=protocol, statuses=dict(sorted(codes.items())), faults=faults, alive=alive
    )


def same(rounds: int = 10) -> None:
    """The row of bytes that are those of `Model.sample`, whatever else is wanted at the same time."""
    model, equal, total = ganvas.load(DEMO), 0, 0

    async def at_once(port: int, seeds: range) -> list[Answered]:
        connections = [Connection(port) for _ in seeds]
        wanted = [{"n": 1 + seed % 5, "seed": seed, "classes": seed % 10, "format": "npz"} for seed in seeds]
        found = await asyncio.gather(*(each.samples(**one) for each, one in zip(connections, wanted, strict=True)))
        for each in connections:
            each.close()
        return list(found)

    with server() as (port, _):
        for number in range(rounds):
            seeds = range(100 * number, 100 * (number + 1))
            for seed, (_, body, _) in zip(seeds, asyncio.run(at_once(port, seeds)), strict=True):
                x = np.load(BytesIO(body))["x"]
                equal += np.array_equal(x, model.sample(1 + seed % 5, seed=seed, classes=seed % 10))
                total += 1
    protocol = f"{rounds} x 100 requests at once, n 1-5, one class, npz, against Model.sample in another process"
    append_row(benchmark="serve_same", protocol=protocol, equal=equal, compared=total)


def killed(times: int = 3, seconds: float = 5) -> None:
    """The row of a server that is killed and started again while clients retry."""
    model, port = ganvas.load(DEMO), free_port()
    expected = [model.sample(1, seed=seed) for seed in range(50)]
    found, over = list[tuple[int, Answered]](), [False]

    async def retry(own: int) -> None:
        connection = Connection(port)
        while not over[0]:
            own = (own + 7) % 50
            found.append((own, await connection.samples(n=1, seed=own, format="npz")))
            await asyncio.sleep(0.05 if found[-1][1][0] == 0 else 0)
        connection.close()

    async def scene() -> None:
        tasks = [asyncio.create_task(retry(number)) for number in range(8)]
        process = started(DEMO, port=port)
        for _ in range(times):
            await asyncio.to_thread(until_ready, port)
            await asyncio.sleep(seconds)
            process.kill()
            process.communicate()
            process = started(DEMO, port=port)
        await asyncio.to_thread(until_ready, port)
        await asyncio.sleep(seconds)
        over[0] = True
        await asyncio.gather(*tasks)
        process.terminate()
        process.communicate()

    asyncio.run(scene())
    right = [body for seed, (code, body, _) in found if code == 200 and same_sample(body, expected[seed])]
    answered = [each for each in found if each[1][0] != 0]
    protocol = f"8 clients that retry, kill -9 and start {times} times"
    row = {"answers": len(answered), "wrong": len(answered) - len(right), "no_answer": len(found) - len(answered)}
    append_row(benchmark="serve_killed", protocol=protocol, **row)


def same_sample(body: bytes, expected: Any) -> bool:
    """Whether an .npz holds this sample."""
    return bool(np.array_equal(np.load(BytesIO(body))["x"], expected))


ROWS: dict[str, Callable[..., None]] = {
    "requests": requests,
    "batching": batching,
    "overload": overload,
    "memory": memory,
    "malformed": malformed_requests,
    "same": same,
    "killed": killed,
}

if __name__ == "__main__":
    for word in sys.argv[1:] or ROWS:
        name, _, count = word.partition("=")
        ROWS[name](*([int(count)] if count else []))
