"""People as judges: what is shown, what is kept, what it says; and the page, over a real socket and in a real browser
where there is one.
"""

import http.client
import importlib
import io
import json
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pytest
import torch
from PIL import Image

import ganvas
from browser import FOUND, new_page
from ganvas.base.errors import CheckFailed, DataError, GanvasError, MissingExtra, ResourceError, UsageError
from ganvas.data.mnist import Mnist
from ganvas.evaluation.human import RatingSession, pairs, real_or_fake
from ganvas.evaluation.human_results import FILE, RatingSummary, read_ratings
from ganvas.metrics import require_comparable
from ganvas.recipes import parse_overrides
from ganvas.serve.human import serve
from ganvas.training import class_labels

TINY = ["batch_samples=16", "samples=32", "snapshots=0", "saves=1", "scores=[]", "precision=fp32", "threads=1"]
SMALL = ["generator.width=4", "discriminator.width=4", *TINY]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("judged")
    for name, recipe, words in (
        ("one", "mnist", SMALL),
        ("two", "mnist", [*SMALL, "seed=1"]),
        ("ring", "ring", [*TINY, "source.samples=100"]),
    ):
        ganvas.train(recipe, out=root / name, changes=parse_overrides(words))
    return {path.name: path for path in root.iterdir()}


@pytest.fixture
def runs(trained: dict[str, Path], tmp_path: Path) -> dict[str, Path]:
    """Fresh copies: ratings are appended to them."""
    return {name: Path(shutil.copytree(path, tmp_path / name)) for name, path in trained.items()}


def play(session: RatingSession, right: int) -> None:
    """Answer everything, the first `right` of each truth rightly."""
    seen: dict[str, int] = {}
    for trial in session.trials:
        seen[trial.truth] = seen.get(trial.truth, 0) + 1
        wrong = next(choice for choice in session.choices if choice != trial.truth)
        session.rate(trial.truth if seen[trial.truth] <= right else wrong)


def refused(kind: type[GanvasError], word: str, *all_: Any, **more: Any) -> None:
    with pytest.raises(kind, match=word):
        (pairs if more.pop("two", False) else real_or_fake)(*all_, **more)


def test_half_are_real_pictures_of_val_and_half_are_the_runs(runs: dict[str, Path]) -> None:
    session = real_or_fake(runs["one"], n=20, seed=3)
    val = Mnist().items("val").x
    reals = [trial for trial in session.trials if trial.truth == "real"]
    assert len(reals) == len(session.trials) - len(reals) == 10
    for trial in reals:
        assert np.array_equal(trial.pictures[0], val[int(trial.names[0].removeprefix("val "))])
    same, other = real_or_fake(runs["one"], n=20, seed=3), real_or_fake(runs["one"], n=20, seed=4)
    assert [trial.names for trial in same.trials] == [trial.names for trial in session.trials]
    assert [trial.truth for trial in other.trials] != [trial.truth for trial in session.trials]
    assert not {trial.pictures[0].tobytes() for trial in other.trials} >= {
        trial.pictures[0].tobytes() for trial in session.trials
    }


def test_fakes_have_classes_in_the_shares_of_the_training_split(runs: dict[str, Path]) -> None:
    session = real_or_fake(runs["one"], n=12, seed=5)
    y = Mnist().items("train").y
    assert y is not None
    wanted = class_labels(10, torch.from_numpy(y.astype(np.int64)), 6, 5)
    made = ganvas.load(runs["one"]).sample(6, seed=5, classes=[int(label) for label in wanted])
    assert session.protocol["classes"] == "training shares"
    shown = {trial.names[0]: trial.pictures[0] for trial in session.trials if trial.truth == "fake"}
    assert all(np.array_equal(shown[f"sample {place}"], picture) for place, picture in enumerate(made))


def test_the_next_session_shows_other_pictures(runs: dict[str, Path]) -> None:
    first = real_or_fake(runs["one"], n=4)
    play(first, 1)
    second = real_or_fake(runs["one"], n=4)
    assert (first.protocol["seed"], second.protocol["seed"]) == (0, 1)


def test_rates_of_a_scripted_annotator(runs: dict[str, Path]) -> None:
    session = real_or_fake(runs["one"], n=20, annotator="ann")
    assert session.summary() is None
    for _ in session.trials:
        session.rate("real")
    summary = session.summary()
    assert isinstance(summary, RatingSummary)
    assert {name: (rate.value, rate.n) for name, rate in summary.rates.items()} == {
        "human_error": (0.5, 20),
        "human_error_on_fakes": (1.0, 10),
        "human_error_on_reals": (0.0, 10),
    }
    assert "fakes rated as real: 100.0 % (95 % interval 72.2 to 100.0 %, n = 10)" in summary.lines
    assert read_ratings(runs["one"])[0].rates == summary.rates
    assert summary.protocol["samples"] == 32
    assert len(summary.protocol["checkpoint_sha256"]) == 64
    assert json.loads(json.dumps(summary.plain()))["rates"]["human_error_on_fakes"]["high"] == 1.0
    results = summary.results()
    assert [result.lower_is_better for result in results] == [False, False, True]
    other = real_or_fake(runs["two"], n=20)
    play(other, 10)
    worse = other.summary()
    assert worse is not None
    require_comparable(results[0], worse.results()[0])
    assert results[0].value > worse.results()[0].value
    with pytest.raises(UsageError, match="all questions"):
        session.rate("real")


def test_pairs_are_balanced_and_the_winner_is_the_runs_own(runs: dict[str, Path]) -> None:
    session = pairs(runs["one"], runs["two"], n=10, seed=0)
    own = {picture.tobytes() for picture in ganvas.load(runs["one"]).sample(10, seed=0)}
    sides = [trial.truth for trial in session.trials]
    assert sides.count("left") == 5
    for trial in session.trials:
        left = trial.pictures[0].tobytes() in own
        assert left == (trial.truth == "left")
        assert (trial.pictures[1].tobytes() in own) != left
    play(session, 4)  # of five on each side
    summary = session.summary()
    assert summary is not None
    assert summary.rates["win_rate"][:2] == (0.8, 10)
    assert "one preferred to two: 80.0 %" in summary.lines[0]
    assert not (runs["two"] / FILE).exists()


def test_a_torn_line_costs_that_line_alone_and_nothing_is_overwritten(runs: dict[str, Path]) -> None:
    play(real_or_fake(runs["one"], n=4, annotator="ann"), 2)
    file = runs["one"] / FILE
    with file.open("ab") as end:
        end.write(b'{"kind": "rating", "session": "x", "pla')
    before = file.read_bytes()
    play(real_or_fake(runs["one"], n=4, annotator="ann"), 0)
    with file.open("ab") as end:
        end.write(b'{"kind": "from a later ganvas"}\n[1]\n{"kind": "rating", "session": ["no"], "place": 0}\n')
        end.write(file.read_bytes().splitlines()[1] + b"\n")  # the same place again
    assert file.read_bytes().startswith(before)
    (summary,) = read_ratings(runs["one"])
    assert summary.rates["human_error"][:2] == (0.5, 8)
    assert summary.protocol["seeds"] == [0, 1]


def test_unlike_protocols_stay_apart_and_annotators_are_counted(runs: dict[str, Path]) -> None:
    for annotator in ("ann", "bob", "ann"):
        play(real_or_fake(runs["one"], n=4, annotator=annotator), 1)
    play(real_or_fake(runs["one"], n=4, annotator="ann", milliseconds=250), 1)
    untimed, timed = read_ratings(runs["one"])
    assert (untimed.rates["human_error"].n, untimed.rates["human_error"].annotators) == (12, 2)
    assert (timed.rates["human_error"].n, timed.protocol["milliseconds"]) == (4, 250)
    assert "2 annotators" in untimed.lines[0]
    with pytest.raises(UsageError, match="milliseconds"):
        require_comparable(timed.results()[0], untimed.results()[0])


def test_bad_input_is_one_sentence(runs: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    refused(UsageError, "3 questions", runs["one"], n=3)
    refused(UsageError, "questions.* -n 50", runs["one"], n=0)
    for n in (4_000, 4_001):
        refused(UsageError, "too many.*At most -n 2000", runs["one"], n=n)
    refused(UsageError, "cannot be shown for 5 ms", runs["one"], milliseconds=5)
    refused(UsageError, "no run here", runs["one"] / "none")
    refused(UsageError, "makes no pictures", runs["ring"])
    refused(UsageError, "same model", runs["one"], runs["one"], two=True)
    refused(UsageError, "makes no pictures", runs["one"], runs["ring"], two=True)
    few = Mnist().items("train")
    monkeypatch.setattr(
        Mnist,
        "items",
        lambda self, split: few if split == "train" else type(few)(few.x[:3], few.y[:3], few.classes),  # type: ignore[index]
    )
    refused(DataError, "too few.* -n 6", runs["one"], n=8)
    monkeypatch.setattr(Mnist, "items", lambda self, split: type(few)(few.x[:100], few.y[:100], few.classes))  # type: ignore[index]
    refused(DataError, "not those that the run was trained on", runs["one"], n=8)
    monkeypatch.undo()
    session = real_or_fake(runs["one"], n=2)
    with pytest.raises(UsageError, match="no answer"):
        session.rate("perhaps")
    (runs["one"] / FILE).mkdir()
    with pytest.raises(ResourceError, match="cannot write"):
        session.rate("real")
    assert session.place == 0
    for more in ({}, {"against": runs["two"]}):
        refused(CheckFailed, FILE, runs["one"], two=bool(more), n=2, **more)  # before anybody is asked
    assert not (runs["two"] / FILE).exists()
    real_or_fake(runs["two"], n=2)
    assert not (runs["two"] / FILE).exists(), "trying leaves nothing"


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Site:
    """A client of the page, with whatever headers."""

    def __init__(self, address: str) -> None:
        self.parts = urlsplit(address)

    def ask(self, path: str, body: object = None, **headers: str) -> Reply:
        """`path` below the token; a body makes it a POST. Host="..." and the like replace what a browser would send."""
        link = http.client.HTTPConnection("127.0.0.1", self.parts.port, timeout=10)
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        link.putrequest(
            "GET" if data is None else "POST", path if path.startswith("/") else self.parts.path + path, skip_host=True
        )
        sent = {
            "Host": self.parts.netloc,
            **({} if data is None else {"Origin": f"http://{self.parts.netloc}", "Content-Length": str(len(data))}),
            **headers,
        }
        for name, value in sent.items():
            if value:
                link.putheader(name, value)
        link.endheaders(data)
        answer = link.getresponse()
        reply = Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        link.close()
        return reply


@contextmanager
def served(session: RatingSession) -> Iterator[tuple[Site, dict[str, Any]]]:
    """The page in a thread, until the session is over."""
    listening = threading.Event()
    found: dict[str, Any] = {}

    def show(address: str) -> None:
        found["address"] = address
        listening.set()

    thread = threading.Thread(target=lambda: found.update(summary=serve(session, show=show)))
    thread.start()
    assert listening.wait(10)
    site = Site(found["address"])
    try:
        yield site, found
    finally:
        while session.place < len(session.trials):
            site.ask("answer", {"place": session.place, "answer": session.choices[0]})
        thread.join(10)
        assert not thread.is_alive()


def test_a_whole_session_over_http(runs: dict[str, Path]) -> None:
    session = real_or_fake(runs["one"], n=6, annotator="ann")
    with served(session) as (site, found):
        for name, kind in (
            ("", "text/html"),
            ("human.css", "text/css"),
            ("human.js", "javascript"),
            ("mask", "image/png"),
        ):
            reply = site.ask(name)
            assert reply.status == 200
            assert kind in reply.headers["content-type"]
        for place in range(6):
            state = site.ask("state").json
            assert (state["place"], state["n"], state["choices"], state["size"], state["result"]) == (
                place,
                6,
                ["fake", "real"],
                [28, 28],
                None,
            )
            with Image.open(io.BytesIO(site.ask(f"picture/{place}/0").body)) as picture:
                assert np.array_equal(np.asarray(picture.convert("L")), session.trials[place].pictures[0][:, :, 0])
            last = site.ask("answer", {"place": place, "answer": "real", "milliseconds": 700.5, "displayed": None})
            assert last.status == 200
        assert [each["name"] for each in last.json["result"]] == [
            "human_error",
            "human_error_on_fakes",
            "human_error_on_reals",
        ]
        assert last.json["result"][0]["value"] == 0.5
    assert found["summary"].rates["human_error"].n == 6
    kept = [json.loads(line) for line in (runs["one"] / FILE).read_text().splitlines()]
    assert [record["kind"] for record in kept] == ["session"] + ["rating"] * 6
    assert kept[1]["milliseconds"] == 700.5
    assert kept[1]["loads"] == 1
    assert kept[0]["annotator"] == "ann"


def test_nothing_that_is_sent_tells_the_answer(runs: dict[str, Path]) -> None:
    session = real_or_fake(runs["one"], n=8)
    heads: dict[str, set[str]] = {"real": set(), "fake": set()}
    with served(session) as (site, _):
        for place, trial in enumerate(session.trials):
            state, picture = site.ask("state"), site.ask(f"picture/{place}/0")
            assert not any(word in state.body for word in (b"truth", b"val", b"sample", b"sha256", b"seed"))
            names = [picture.body[at + 4 : at + 8] for at in chunks(picture.body)]
            assert names == [b"IHDR", b"IDAT", b"IEND"]
            heads[trial.truth].add(
                repr(
                    sorted(
                        (name, value)
                        for name, value in picture.headers.items()
                        if name not in ("content-length", "date")
                    )
                )
            )
            heads[trial.truth].add(picture.body[8:33].hex())  # size and kind of the pixels
            assert site.ask(f"picture/{place + 1}/0").status == 404
            reply = site.ask("answer", {"place": place, "answer": "fake"})
            assert place == 7 or reply.json["result"] is None
            assert b"truth" not in reply.body
    assert heads["real"] == heads["fake"]
    assert len(heads["real"]) == 2


def chunks(png: bytes) -> Iterator[int]:
    at = 8
    while at < len(png):
        yield at
        at += 12 + int.from_bytes(png[at : at + 4], "big")


def test_strangers_are_refused(runs: dict[str, Path]) -> None:
    with served(real_or_fake(runs["one"], n=2)) as (site, _):
        port = site.parts.port or 0
        answer = {"place": 0, "answer": "real"}
        assert site.ask("state", Host=f"localhost:{port}").status == 200
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", ""):
            assert site.ask("state", Host=host).status in (400, 403), host
        for origin in ("http://evil.example", "null", "https://127.0.0.1", f"http://127.0.0.1:{port + 1}", ""):
            assert site.ask("answer", answer, Origin=origin).status == 403, origin
        assert site.ask("state", Origin="http://evil.example").status == 403
        assert site.ask("/favicon.ico")[::2] == (204, b"")  # which browsers ask for, and would complain of
        for path in ("/", "/state", "/x/state", site.parts.path[:-2] + "/state", "/%C3%A9/state"):
            assert site.ask(path).status == 403, path
        assert site.ask(site.parts.path + "../../../../etc/passwd").status == 404
        for body in (
            b"",
            b"{",
            b"[]",
            b'{"place": 0}',
            b'{"place": 0, "answer": "real", "milliseconds": NaN}',
            b'{"place": 0, "answer": "perhaps"}',
            b"\xff",
        ):
            assert site.ask("answer", body).status == 400, body
        assert site.ask("answer", b" " * 5000).status == 413
        assert site.ask("answer", {"place": 1, "answer": "real"}).status == 409
        assert site.ask("answer").status == 405
        for number in ("0/1", "9" * 5000 + "/0", "0/" + "9" * 5000, "-1/0", "0/%D9%A0", "0/x", "+0/0", "1e0/0"):
            assert site.ask(f"picture/{number}").status == 404, number
        for place in ("9" * 3000, "-1", "1e400", "NaN"):
            assert site.ask("answer", f'{{"place": {place}, "answer": "real"}}'.encode()).status == 400, place
        assert site.ask("picture/0/0").status == 200
        assert site.ask("state").json["place"] == 0
        reply = site.ask("")
        assert "default-src 'none'; script-src 'self'" in reply.headers["content-security-policy"]
        assert "unsafe" not in reply.headers["content-security-policy"]
        assert (
            reply.headers["referrer-policy"],
            reply.headers["x-content-type-options"],
            reply.headers["cache-control"],
        ) == (
            "no-referrer",
            "nosniff",
            "no-store",
        )
        with pytest.raises(OSError, match=r".+"):
            http.client.HTTPConnection("127.0.0.2", port, timeout=2).connect()  # this machine too, but another address


def test_a_client_that_goes_away_in_mid_answer_does_no_harm(
    runs: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    with served(real_or_fake(runs["one"], n=2)) as (site, _):
        with socket.create_connection(("127.0.0.1", site.parts.port or 0)) as link:
            host = site.parts.netloc
            link.sendall(
                f"POST {site.parts.path}answer HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
                f"Content-Length: 99\r\n\r\n{{".encode()
            )
        assert site.ask("state").json["place"] == 0
    assert caplog.records == []


def test_ctrl_c_keeps_all_answers(runs: dict[str, Path]) -> None:
    session = real_or_fake(runs["one"], n=6)

    def two_answers(address: str) -> None:
        def judge() -> None:
            for place in range(2):
                assert Site(address).ask("answer", {"place": place, "answer": "real"}).status == 200
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=judge).start()

    summary = serve(session, show=two_answers)
    assert summary is not None
    assert summary.rates["human_error"].n == 2
    assert read_ratings(runs["one"])[0].rates == summary.rates


def test_a_full_disk_is_said_and_the_answer_can_be_given_again(runs: dict[str, Path]) -> None:
    session = real_or_fake(runs["one"], n=2)
    (runs["one"] / FILE).mkdir()
    with served(session) as (site, _):
        reply = site.ask("answer", {"place": 0, "answer": "real"})
        assert reply.status == 507
        assert b"cannot write" in reply.body
        (runs["one"] / FILE).rmdir()
        assert site.ask("answer", {"place": 0, "answer": "real"}).json["place"] == 1


def test_a_taken_port_is_one_sentence(runs: dict[str, Path]) -> None:
    with served(real_or_fake(runs["one"], n=2)) as (site, _):
        for port in (site.parts.port, 70000):
            with pytest.raises(ResourceError, match="cannot listen on port"):
                serve(real_or_fake(runs["one"], n=2), port=port or 0, show=lambda _: None)


@pytest.mark.parametrize("package", ["uvicorn", "starlette"])
def test_without_the_extra_it_says_how_to_get_it(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, "ganvas.serve")
    with pytest.raises(MissingExtra, match=r'pip install "ganvas\[lab\]"'):
        importlib.import_module("ganvas.serve")


if FOUND:  # the gate forbids skips, and a browser is not asked for

    @pytest.mark.parametrize(("milliseconds", "two"), [(250, False), (0, True)])
    def test_in_a_real_browser_by_clicks_and_keys(
        runs: dict[str, Path], tmp_path: Path, milliseconds: int, two: bool
    ) -> None:
        session = (
            pairs(runs["one"], runs["two"], n=6) if two else real_or_fake(runs["one"], n=6, milliseconds=milliseconds)
        )
        with served(session) as (site, found), new_page() as page:
            page.screen(375, 700, dark=two)
            page.call("Page.navigate", url=found["address"])
            page.until("document.readyState == 'complete' && !document.getElementById('welcome').hidden")
            assert page.run("document.activeElement.id") == "start"
            page.press("Enter")
            for place, trial in enumerate(session.trials):
                page.until(f"open && document.getElementById('count').textContent == '{place + 1} of 6'")
                assert page.run("document.querySelectorAll('.frame .picture').length") == len(trial.pictures)
                wide, whole = (
                    page.run("document.querySelector('.frame').clientWidth"),
                    page.run("document.documentElement.scrollWidth"),
                )
                assert wide % 28 == 0
                assert whole <= 375
                if place % 2:
                    page.click("#right" if trial.truth in ("real", "right") else "#left")
                else:
                    page.press("ArrowRight" if trial.truth in ("real", "right") else "ArrowLeft")
            page.until("!document.getElementById('result').hidden")
            assert ("100" if two else "0\u00a0%") in page.run("document.querySelector('dd').textContent").replace(
                " ", "\u00a0"
            )
            assert page.complaints == []
            assert page.addresses == {site.parts.netloc}
        assert [record["answer"] for record in session.records[1:]] == [trial.truth for trial in session.trials]
        if milliseconds:
            assert all(abs(record["displayed_milliseconds"] - milliseconds) < 150 for record in session.records[1:])
