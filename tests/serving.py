"""The lab over a real socket, and runs for it, for tests."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

from ganvas.lab.app import lab_routes
from ganvas.lab.run_index import RunIndex
from ganvas.lab.session_answers import Sessions
from ganvas.runs import Diagnosed, Progress, Run, Saved, Snapshot, Started
from ganvas.serve.loopback import run_server

HOSTILE = "<img src=x onerror=alert(1)>"


def progress(samples: int, loss: float = 1.0) -> Progress:
    return Progress(samples=samples, time=float(samples), terms={"D": loss, "G.gradient": 2.0}, samples_per_second=64.0)


def sheet(run: Run, samples: int, *, raw: bool = False, classes: tuple[str, ...] = ()) -> None:
    """A sheet in one grey, as bright as the training is old; that of raw weights is red."""
    file, other = f"{samples:012}.webp", f"{samples:012}-raw.webp" if raw else ""
    Image.new("RGB", (320, 320), (samples % 256,) * 3).save(run.samples / file)
    if raw:
        Image.new("RGB", (320, 320), (255, samples % 97, 0)).save(run.samples / other)
    run.add(Snapshot(samples=samples, time=float(samples), file=file, raw=other, classes=classes))


def score(run: Run, samples: int, value: float) -> None:
    facts = {"n": 50, "error": 0.1, "lower_is_better": True, "real_vs_real": 0.05}
    run.add_metric({"samples": samples, "name": "photo_frechet", "value": value, **facts, "protocol": {"split": "val"}})


def make_run(path: Path, rounds: int = 4) -> Run:
    """A run that its own writer wrote: `rounds` sheets, scores that fall, a finding that passes."""
    run = Run.create(path, config="kind: Recipe\nsamples: 1000\n", environment={"torch": "2"})
    run.add(Started(samples=0, time=0.0, total=1000))
    found = Diagnosed(samples=200, time=2.0, name="oscillation", message="G and D circle", remedy="G.optimiser.lr=1e-4")
    passed = Diagnosed(samples=300, time=3.0, name="oscillation", message="", cleared=True)
    for place in range(1, rounds + 1):
        run.add(progress(100 * place, loss=float(place)))
        sheet(run, 100 * place)
        score(run, 100 * place, 1 / place)
        for event in {2: [found], 3: [passed]}.get(place, []):
            run.add(event)
    run.add(Saved(samples=400, time=4.0, checkpoint="samples-000000000400"))
    run.status("training")
    return run


@contextmanager
def served(root: Path, *, controls: bool = False) -> Iterator[str]:
    """The lab of a folder over a real socket: its address."""
    addresses: list[str] = []
    stops: list[Callable[[], None]] = []
    begun = threading.Event()

    def routes(stop: Callable[[], None]) -> list[object]:
        stops.append(stop)
        return [*lab_routes(RunIndex(root, may_be_missing=True), sessions, controls=controls)]

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
