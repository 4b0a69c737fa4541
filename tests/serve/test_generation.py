"""`ganvas serve` over real sockets: the same bytes as the command, limits, refusals, and its end."""

import json
import random
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganvas
from ganvas.applications.write_samples import write_samples
from ganvas.cli import main as command
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.serve.generation import Limits
from ganvas.serve.openapi import document
from generating import JSON, Client, answer_to, in_threads, malformed, serving, started, until_ready
from test_cli import Said
from translating import Negative, model_of

DEMO = "mnist-demo"


NEGATIVE = model_of({"G": Negative()})


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    changes = {**tiny_overrides("ring"), "precision": "fp32", "threads": 1, "scores": []}
    return ganvas.train(override(recipe("ring"), changes), out=tmp_path_factory.mktemp("runs") / "x", quiet=True).path


@pytest.fixture(scope="module")
def port(ring: Path) -> Iterator[int]:
    with serving(DEMO, f"points={ring}", negative=NEGATIVE) as found:
        yield found


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    made = Client(port)
    yield made
    made.close()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    monkeypatch.chdir(tmp_path)

    def said(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["ganvas", *words])
        try:
            command.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return Said(code, *capsys.readouterr())

    return said


def written(tmp_path: Path, ending: str, n: int, seed: int, classes: list[str] | None = None) -> bytes:
    """What `ganvas sample` writes."""
    (file,) = write_samples(ganvas.load(DEMO), tmp_path / f"x.{ending}", n, seed=seed, classes=classes)
    return file.read_bytes()


@pytest.mark.parametrize("ending", ["png", "webp", "npz"])
def test_bytes_are_those_of_the_command(client: Client, tmp_path: Path, ending: str) -> None:
    found = client.samples(n=70, seed=11, classes=["3", "7"], format=ending)
    assert (found.status, found.body) == (200, written(tmp_path, ending, 70, 11, ["3", "7"]))
    assert found.headers["x-ganvas-model"] == ganvas.load(DEMO).sha256
    assert json.loads(found.headers["x-ganvas-mark"])["seed"] == 11


def test_a_hundred_at_once_are_those_of_the_command(port: int, client: Client) -> None:
    model, passes = ganvas.load(DEMO), client.counted("ganvas_pass_samples_count")
    jobs: list[dict[str, Any]] = [
        {"n": 1 + number % 3, "seed": number, "classes": number % 10, "format": "npz"} for number in range(100)
    ]

    def one(job: dict[str, Any]) -> Any:
        own = Client(port)
        found = own.samples(**job)
        own.close()
        return np.load(BytesIO(found.body))["x"]

    found = in_threads(16, one, jobs)
    wrong = [
        job
        for job, x in zip(jobs, found, strict=True)
        if not np.array_equal(x, model.sample(job["n"], seed=job["seed"], classes=job["classes"]))
    ]
    assert wrong == []
    assert client.counted("ganvas_pass_samples_count") - passes < 80, "requests share passes"


def test_json_has_the_values_and_the_mark(client: Client) -> None:
    found = json.loads(client.samples(n=3, seed=2, format="json").body)
    assert np.array_equal(np.array(found["samples"]), ganvas.load(DEMO).sample(3, seed=2))
    assert found["classes"] == ["0", "1", "2"]
    assert found["mark"]["generated"] is True
    assert (found["shape"], found["dtype"]) == ([3, 28, 28, 1], "uint8")


def test_truncation(client: Client) -> None:
    model = ganvas.load(DEMO)
    x = np.load(BytesIO(client.samples(n=2, seed=4, truncation=0.5, format="npz").body))["x"]
    assert np.array_equal(x, model.sample(2, seed=4, z=0.5 * model.latents(2, seed=4)))


def test_rows_of_numbers(client: Client, ring: Path, tmp_path: Path) -> None:
    (file, _) = write_samples(ganvas.load(ring), tmp_path / "x.csv", 5, seed=3, classes=None)
    found = client.samples("points", n=5, seed=3, format="csv")
    assert (found.status, found.body) == (200, file.read_bytes())
    assert found.headers["content-disposition"] == 'attachment; filename="points.csv"'


def test_a_translation_is_that_of_the_command(client: Client, tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (20, 31, 3), np.uint8)
    Image.fromarray(picture).save(tmp_path / "in.png")
    (file,) = ganvas.translate(NEGATIVE, tmp_path / "in.png", tmp_path / "out.png")
    body = (tmp_path / "in.png").read_bytes()
    found = client.send("POST", "/v1/models/negative/translations", body, Content_Type="image/png")
    assert (found.status, found.body) == (200, file.read_bytes())
    assert ganvas.verify(file).mark is not None
    webp = client.send("POST", "/v1/models/negative/translations?format=webp", body, Content_Type="image/png")
    assert Image.open(BytesIO(webp.body)).size == (31, 20)


def test_models_are_listed_with_what_is_known(client: Client, ring: Path) -> None:
    demo, points, negative = json.loads(client.send("GET", "/v1/models").body)["models"]
    assert (demo["name"], demo["samples"], demo["translations"], demo["classes"][3]) == (DEMO, True, False, "3")
    assert demo["scores"][0]["name"] == "digit_frechet"
    assert "license:" in demo["card"]
    assert (negative["name"], negative["samples"], negative["translations"]) == ("negative", False, True)
    assert json.loads(client.send("GET", "/v1/models/negative").body)["name"] == "negative"
    assert (points["domain"], "csv" in points["formats"]) == ("points", True)
    assert str(ring.parent) not in client.send("GET", "/v1/models").body.decode(), "no path of the machine"


def test_health_and_counters(client: Client) -> None:
    assert (client.send("GET", "/health").status, client.send("GET", "/ready").status) == (200, 200)
    before = client.counted("ganvas_samples_total", model=DEMO)
    client.samples(n=5)
    assert client.counted("ganvas_samples_total", model=DEMO) == before + 5
    assert client.counted("ganvas_requests_total", route="/v1/models/*/samples", status="200") > 0
    assert client.counted("ganvas_waiting_requests") == 0


BAD = [  # path, body, headers, status, a word of the sentence
    ("samples", "{", JSON, 400, "JSON"),
    ("samples", "[]", JSON, 422, ""),
    ("samples", '{"n": 0}', JSON, 422, "n:"),
    ("samples", '{"n": 257}', JSON, 422, "256"),
    ("samples", '{"n": true}', JSON, 422, "n:"),
    ("samples", '{"n": "3"}', JSON, 422, "n:"),
    ("samples", '{"n": 1.5}', JSON, 422, "n:"),
    ("samples", '{"seed": -1}', JSON, 422, "seed"),
    ("samples", '{"seed": 9223372036854775808}', JSON, 422, "seed"),
    ("samples", '{"truncation": NaN}', JSON, 422, "finite"),
    ("samples", '{"truncation": 3}', JSON, 422, "truncation"),
    ("samples", '{"classes": "ten"}', JSON, 422, "ten"),
    ("samples", '{"classes": [1, null]}', JSON, 422, "classes"),
    ("samples", '{"classes": []}', JSON, 422, "classes"),
    ("samples", '{"format": "gif"}', JSON, 422, "format"),
    ("samples", '{"format": "csv"}', JSON, 422, "csv"),
    ("samples", '{"prompt": "a"}', JSON, 422, "no text"),
    ("samples", '{"steps": 3}', JSON, 422, "steps"),
    ("samples", "{}", {"Content-Type": "text/plain"}, 415, "application/json"),
    ("samples", " " * 70_000, JSON, 413, "65,536"),
    ("samples", '{"n":' + "[" * 20_000, JSON, 400, "JSON"),
    ("translations", b"x", {"Content-Type": "image/png"}, 422, "translates no pictures"),
]


@pytest.mark.parametrize(("path", "body", "headers", "status", "word"), BAD, ids=range(len(BAD)))
def test_what_is_wrong_is_named(client: Client, path: str, body: Any, headers: Any, status: int, word: str) -> None:
    found = client.send("POST", f"/v1/models/{DEMO}/{path}", body, **headers)
    assert (found.status, word in found.what) == (status, True), found.body


@pytest.mark.parametrize(
    ("query", "body", "status", "word"),
    [
        ("", b"no picture", 422, "cannot read the picture"),
        ("?format=gif", b"", 422, "gif"),
        ("?reverse=1", b"", 422, "other way"),
        ("?reverse=perhaps", b"", 422, "reverse"),
        ("?seed=1e3", b"", 422, "seed"),
        ("?tile=4", b"", 422, "tile"),
    ],
)
def test_what_is_wrong_with_an_upload_is_named(client: Client, query: str, body: bytes, status: int, word: str) -> None:
    found = client.send("POST", f"/v1/models/negative/translations{query}", body, Content_Type="image/png")
    assert (found.status, word in found.what) == (status, True), found.body


def test_a_picture_of_too_many_pixels_is_refused(client: Client) -> None:
    file = BytesIO()
    Image.new("L", (2100, 2100)).save(file, "PNG")
    found = client.send("POST", "/v1/models/negative/translations", file.getvalue(), Content_Type="image/png")
    assert (found.status, "pixels" in found.what) == (422, True)


def test_other_addresses_and_methods(client: Client) -> None:
    assert client.send("GET", "/nothing").status == 404
    assert client.send("GET", "/v1/models/other").status == 404
    assert client.send("GET", f"/v1/models/{DEMO}/samples").status == 405
    assert client.send("GET", "/../../etc/passwd").status == 404
    assert client.send("POST", "/v1/models/..%2f..%2fetc/samples", "{}", **JSON).status == 404


def test_other_hosts_and_pages_are_refused(port: int, client: Client) -> None:
    for host in ("evil.example", f"evil.example:{port}", "", f"127.0.0.1:{port + 1}"):
        assert client.send("GET", "/v1/models", Host=host).status == 421
    assert client.send("GET", "/v1/models", Host=f"localhost:{port}").status == 200
    for origin in ("https://evil.example", "null", f"http://evil.example:{port}"):
        assert client.send("GET", "/v1/models", Origin=origin).status == 403
    assert client.send("GET", "/v1/models", Origin=f"http://127.0.0.1:{port}").status == 200
    assert client.send("GET", "/v1/models", Sec_Fetch_Site="cross-site").status == 403


def test_the_page_and_its_headers(client: Client) -> None:
    for path, kind in (("/", "text/html"), ("/api.js", "text/javascript"), ("/api.css", "text/css")):
        found = client.send("GET", path)
        assert found.headers["content-type"].startswith(kind)
        assert "default-src 'none'" in found.headers["content-security-policy"]
        assert found.headers["x-content-type-options"] == "nosniff"


def test_malformed_requests_are_no_fault_of_the_server(port: int, client: Client) -> None:
    rng = random.Random(0)
    lines = [answer_to(port, malformed(rng)) for _ in range(300)]
    statuses = [int(line.split()[1]) for line in lines if line.startswith(b"HTTP/1.1 ")]
    assert len(statuses) > 200
    assert [status for status in statuses if status >= 500] == []
    assert client.samples(n=1).status == 200


def test_a_token_is_needed_where_one_is_stated() -> None:
    with serving(DEMO, token="a" * 20) as port:
        client = Client(port)
        assert client.send("GET", "/health").status == 200
        assert client.send("GET", "/").status == 200
        for path in ("/v1/models", "/metrics", "/openapi.json"):
            assert client.send("GET", path).status == 401
        for wrong in ("Bearer " + "a" * 19, "Bearer", "Basic " + "a" * 20, "a" * 20):
            assert client.send("GET", "/v1/models", Authorization=wrong).status == 401
        assert client.send("GET", "/v1/models", Authorization="Bearer " + "a" * 20).status == 200
        assert json.loads(client.send("GET", "/openapi.json", Authorization="Bearer " + "a" * 20).body)["security"]
        client.close()


def test_a_full_queue_refuses_and_says_when_to_come_again() -> None:
    with serving(DEMO, limits=Limits(waiting=2), together=False) as port:

        def one(seed: int) -> tuple[int, float, str]:
            own, begun = Client(port), time.perf_counter()
            found = own.samples(n=64, seed=seed)
            own.close()
            return found.status, time.perf_counter() - begun, found.headers.get("retry-after", "")

        found = in_threads(12, one, range(48))
        statuses = [status for status, _, _ in found]
        assert set(statuses) == {200, 429}
        assert all(int(wait) >= 1 for status, _, wait in found if status == 429)
        client = Client(port)
        assert client.counted("ganvas_refused_requests_total") == statuses.count(429)
        assert client.samples(n=1).status == 200
        client.close()


def test_what_takes_too_long_ends() -> None:
    with serving(DEMO, limits=Limits(seconds=0.001), together=False) as port:
        client = Client(port)
        found = client.samples(n=256)
        assert (found.status, "longer" in found.what) == (504, True)
        assert client.counted("ganvas_late_requests_total") == 1
        client.close()


def test_a_client_that_leaves_is_forgotten(port: int, client: Client) -> None:
    before, body = client.counted("ganvas_left_requests_total"), json.dumps({"n": 256})
    head = f"POST /v1/models/{DEMO}/samples HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    for _ in range(6):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.01)
        connection.close()
    end = time.monotonic() + 20
    while client.counted("ganvas_left_requests_total") == before:
        assert time.monotonic() < end
    while client.counted("ganvas_waiting_requests") > 0:
        assert time.monotonic() < end


def test_the_document_names_every_address(client: Client) -> None:
    described = json.loads(client.send("GET", "/openapi.json").body)
    assert described["openapi"].startswith("3.1")
    for path in described["paths"]:
        for method, operation in described["paths"][path].items():
            if method in ("get", "post"):
                body = "{}" if method == "post" else None
                found = client.send(method.upper(), path.replace("{name}", DEMO), body, **JSON)
                assert found.status not in (404, 405), path
                assert str(found.status) in operation["responses"] or found.status == 200
    references = {each for each in json.dumps(described).split('"') if each.startswith("#/")}
    for each in references:
        part: Any = described
        for key in each[2:].split("/"):
            part = part[key]
    assert document([], token=False).get("security") is None


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_killed_and_started_again_while_clients_retry_then_drained() -> None:
    """A server killed with requests in progress returns nothing wrong; SIGTERM lets requests end, then exits with 0."""
    port, model = free_port(), ganvas.load(DEMO)
    expected = [model.sample(1, seed=seed) for seed in range(8)]
    server, over, wrong, counts = started(DEMO, port=port), threading.Event(), list[Any](), [0, 0]
    until_ready(port)

    def retry() -> None:
        client = Client(port, seconds=20)
        number = 0
        while not over.is_set():
            number += 1
            try:
                found = client.samples(n=1, seed=number % 8, format="npz")
            except (OSError, HTTPException):
                counts[1] += 1
                time.sleep(0.05)
                continue
            counts[0] += 1
            if found.status != 200 or not np.array_equal(np.load(BytesIO(found.body))["x"], expected[number % 8]):
                wrong.append(found)
        client.close()

    threads = [threading.Thread(target=retry) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    server.kill()
    server.communicate()
    server = started(DEMO, port=port)
    until_ready(port)
    begun = counts[0]
    while counts[0] < begun + 20:
        time.sleep(0.05)
    over.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert min(counts) > 0, "some requests met the dead server"

    for _ in range(20):
        answer_to(port, b"no request\r\n\r\n")
    answers: list[int] = []
    client, other = Client(port), Client(port)
    last = threading.Thread(target=lambda: answers.append(other.samples(n=256).status))
    last.start()
    while client.counted("ganvas_waiting_requests") == 0:
        time.sleep(0.001)
    server.send_signal(signal.SIGTERM)
    last.join()
    assert answers == [200]
    client.close()
    other.close()
    assert server.wait(30) == 0
    said = server.communicate()[1]
    assert "Traceback" not in said
    assert "Invalid" not in said, "strangers' requests do not fill the log, nor a pipe that nobody reads"
    with pytest.raises(OSError, match="refused"):
        Client(port).send("GET", "/health")


def test_what_stops_it_is_said_in_a_sentence(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GANVAS_TOKEN", raising=False)
    with socket.socket() as used:
        used.bind(("127.0.0.1", 0))
        used.listen()
        said = run("serve", DEMO, "--port", str(used.getsockname()[1]))
        assert (said.code, "cannot listen" in said.err) == (5, True)
    assert run("serve", DEMO, "--port", "0", "--host", "0.0.0.0").code == 2
    assert "token" in run("serve", DEMO, "--port", "0", "--host", "0.0.0.0").err
    monkeypatch.setenv("GANVAS_TOKEN", "a" * 32)
    assert "--allowed-host" in run("serve", DEMO, "--port", "0", "--host", "0.0.0.0").err
    monkeypatch.setenv("GANVAS_TOKEN", "short")
    assert run("serve", DEMO, "--port", "0").code == 2
    monkeypatch.delenv("GANVAS_TOKEN")
    assert run("serve", "nothing-here", "--port", "0").code in (2, 3)
    assert run("serve", DEMO, DEMO, "--port", "0").code == 2
    assert run("serve", DEMO, "--port", "0", "--host", "localhost").code == 2
    (tmp_path / "empty").write_text("\n")
    assert run("serve", DEMO, "--port", "0", "--token-file", "empty").code == 2
    monkeypatch.setattr("ganvas.serve.find_spec", lambda name: None if name == "prometheus_client" else 1)
    said = run("serve", DEMO)
    assert (said.code, "ganvas[serve]" in said.err) == (4, True)
