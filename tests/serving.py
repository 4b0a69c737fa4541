"""The lab over a real socket, for tests."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ganvas.lab.app import lab_routes
from ganvas.lab.run_index import RunIndex
from ganvas.lab.session_answers import Sessions
from ganvas.serve.loopback import run_server


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The lab of a folder over a real socket: its address."""
    addresses: list[str] = []
    stops: list[Callable[[], None]] = []
    begun = threading.Event()

    def routes(stop: Callable[[], None]) -> list[object]:
        stops.append(stop)
        return [*lab_routes(RunIndex(root, may_be_missing=True), sessions)]

    def show(address: str) -> None:
        addresses.append(address)
        begun.set()

    sessions = Sessions()
    thread = threading.Thread(target=run_server, args=(routes, 0, show))
    thread.start()
    assert begun.wait(10)
    try:
        yield addresses[0]
    finally:
        time.sleep(0.05)  # the server may not listen to `stop` before it runs
        sessions.close()
        stops[0]()
        thread.join(10)
        assert not thread.is_alive()


def answer(
    address: str, path: str = "", method: str = "GET", body: str | None = None, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of one request; `path` is sent as it is."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, parts.path + path, body=body, headers=named)
    found = connection.getresponse()
    content = found.read()
    connection.close()
    return found.status, content, {name.lower(): value for name, value in found.getheaders()}
