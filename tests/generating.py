"""The generation server over a real socket, in a thread or as a process of its own, and its clients, for tests."""

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from ganvas.applications.served_model import ServedModel
from ganvas.applications.served_translations import ServedTranslations
from ganvas.serve.api_server import ApiServer
from ganvas.serve.counters import Counters
from ganvas.serve.engine import Engine
from ganvas.serve.generation import Generation, Limits
from ganvas.serve.served_models import served_models
from ganvas.sessions.model import Model

SRC = Path(__file__).parents[1] / "src"
JSON = {"Content-Type": "application/json"}


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def what(self) -> str:
        return str(json.loads(self.body)["error"]["what"])


class Client:
    """One connection, which stays open; it is opened again where the server has closed it."""

    def __init__(self, port: int, seconds: float = 30) -> None:
        self.port, self.seconds = port, seconds
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)

    def send(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self.connection.request(method, path, body=body, headers=named)
            found = self.connection.getresponse()
            content = found.read()
        except BaseException:
            self.connection.close()
            raise
        return Answer(found.status, content, {name.lower(): value for name, value in found.getheaders()})

    def samples(self, name: str = "mnist-demo", **fields: Any) -> Answer:
        return self.send("POST", f"/v1/models/{name}/samples", json.dumps(fields), **JSON)

    def counted(self, name: str, **labels: str) -> float:
        """The value of a counter."""
        text = self.send("GET", "/metrics").body.decode()
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def close(self) -> None:
        self.connection.close()


MODELS: dict[tuple[str, ...], Any] = {}  # loaded once in a test process


@contextmanager
def serving(
    *places: str, limits: Limits | None = None, together: bool = True, token: str = "", **others: Model
) -> Iterator[int]:
    """A server of these places, and of translators in memory, in a thread: its port."""
    if places not in MODELS:
        MODELS[places] = served_models(places)
    models, translations = map(dict, MODELS[places])
    for name, model in others.items():
        models[name] = ServedModel(name, model, {})
        translations[name] = ServedTranslations(models[name], Limits().pixels)
    limits = limits or Limits()
    server, begun = ApiServer(token=token), threading.Event()
    engine = Engine(limits.waiting, Counters(), together=together)
    generation = Generation(models, translations, engine, limits, server.draining)
    thread = threading.Thread(target=server.run, args=(generation, begun.set))
    thread.start()
    try:
        assert begun.wait(10)
        until_ready(server.port)
        yield server.port
    finally:
        server.stop()
        thread.join(40)
        engine.close()
        assert not thread.is_alive()


def until_ready(port: int, seconds: float = 90) -> None:
    """Returns when the server answers."""
    end = time.monotonic() + seconds
    while True:
        client = Client(port, seconds=5)
        try:
            if client.send("GET", "/health").status == 200:
                return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)
        finally:
            client.close()


def started(*words: str, port: int) -> "subprocess.Popen[str]":
    """`ganvas serve` as a process."""
    command = [sys.executable, "-m", "ganvas", "serve", *words, "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(SRC), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)


def malformed(rng: random.Random) -> bytes:
    """Bytes that are no request, or a wrong one."""
    paths = [
        "/v1/models/mnist-demo/samples",
        "/v1/models/negative/translations",
        "/v1/models/%00/samples",
        "/metrics",
        "*",
    ]
    body = bytes(rng.randrange(256) for _ in range(rng.randrange(200)))
    if rng.random() < 0.5:
        tree: Any = rng.choice([{"n": -1}, {"n": 1e400}, {"seed": "x"}, {"classes": {"a": 1}}, {"n": [[]]}, "x", None])
        body = json.dumps(tree).encode()
    method = rng.choice(["POST", "GET", "PUT", "DELETE", "POST", "BREW", "p o s t"])
    length = rng.choice([str(len(body)), str(len(body)), "-1", "9" * 30, "abc", "0"])
    kind = rng.choice(["application/json", "image/png", "multipart/form-data", "\x00", "é"])
    host = rng.choice(["127.0.0.1:PORT"] * 6 + ["evil.example", "", "127.0.0.1:PORT\r\nHost: b"])
    head = f"{method} {rng.choice(paths)} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nContent-Type: {kind}"
    more = rng.choice(["", "\r\nTransfer-Encoding: chunked", "\r\nX: " + "y" * 20_000, "\r\nConnection: close"])
    data = (head + more + "\r\n\r\n").encode("latin-1", "replace") + body
    return data[: rng.randrange(1, len(data))] if rng.random() < 0.2 else data


def answer_to(port: int, data: bytes) -> bytes:
    """The first line of the answer to raw bytes; empty where the server closes the connection or waits for more."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(data.replace(b"PORT", str(port).encode()))
        connection.shutdown(socket.SHUT_WR)
        try:
            return connection.recv(4096).split(b"\r\n")[0]
        except OSError:
            return b""


def in_threads(count: int, work: Any, jobs: Sequence[Any]) -> list[Any]:
    """work(job) of every job, in so many threads, in the order of the jobs."""
    found: list[Any] = [None] * len(jobs)
    places, lock, faults = iter(range(len(jobs))), threading.Lock(), list[BaseException]()

    def run() -> None:
        while not faults:
            with lock:
                place = next(places, None)
            if place is None:
                return
            try:
                found[place] = work(jobs[place])
            except BaseException as error:
                faults.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return found
