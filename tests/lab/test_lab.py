"""The lab: what it reads of a run, what it refuses, and its pages in a real browser where there is one."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from browser import FOUND, new_page
from ganvas.base.errors import UsageError
from ganvas.lab.history import POINTS, facts, history, settings, thinned
from ganvas.lab.overview import overview
from ganvas.lab.run_index import IndexedRun, RunIndex, identity
from ganvas.lab.stream import complete_lines, new_events
from ganvas.runs import Commanded, Run, Stopped
from ganvas.runs.control import take_commands
from ganvas.runs.events import LINE_BYTES
from serving import HOSTILE, answer, make_run, progress, score, served, sheet


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path / "runs" / "one")


def test_a_history_says_what_the_run_recorded(run: Run) -> None:
    found = history(run)
    assert found["total"] == 1000
    assert found["offset"] == run.events.stat().st_size
    assert found["terms"] == {"samples": [100, 200, 300, 400], "values": {"D": [1, 2, 3, 4], "G.gradient": [2] * 4}}
    assert [each["samples"] for each in found["snapshots"]] == found["terms"]["samples"]
    assert found["checkpoints"] == [400]
    (scored,) = found["scores"]
    assert (scored["values"], scored["errors"], scored["real_vs_real"]) == ([1, 1 / 2, 1 / 3, 1 / 4], [0.1] * 4, 0.05)
    (finding,) = found["findings"]
    assert (finding["name"], finding["samples"], finding["passed"]) == ("oscillation", 200, 300)
    few = history(run, curves=False)
    assert few["terms"]["samples"] == []
    assert {name: few[name] for name in found if name not in ("terms", "speed", "usage")} == {
        name: found[name] for name in found if name not in ("terms", "speed", "usage")
    }
    assert facts(run)["state"] == "killed", "status.json says training, and no process holds the lock"
    json.dumps(found, allow_nan=False)


def test_settings_are_values_by_their_paths() -> None:
    text = "a: 1\nb:\n  c: [1, 2]\n  d: []\ne:\n- kind: R1\n  gamma: 0.1\n- kind: R2\nf: null\n"
    assert settings(text) == {
        "a": "1",
        "b.c": "[1, 2]",
        "b.d": "[]",
        "e.0.kind": '"R1"',
        "e.0.gamma": "0.1",
        "e.1.kind": '"R2"',
        "f": "null",
    }
    assert settings("a: [") == {}


def test_what_a_rollback_superseded_is_gone(run: Run) -> None:
    run.rewind(200)
    found = history(run)
    assert found["terms"]["samples"] == [100, 200]
    assert len(found["snapshots"]) == len(found["scores"][0]["values"]) == 2


def test_thinned_curves_have_their_peaks_and_their_end() -> None:
    events = [progress(place, loss=1e9 if place == 54_321 else 1.0) for place in range(100_000)]
    few = thinned(events)
    assert len(few) <= POINTS
    assert few[-1] is events[-1]
    assert events[54_321] in few
    assert [event.samples for event in few] == sorted(event.samples for event in few)
    assert thinned(events[:POINTS]) == events[:POINTS]
    odd = [*events[:5000], progress(5000, loss=float("nan")), *events[5001:9000]]
    assert odd[5000] in thinned(odd), "a value that is not finite is the largest peak"


def test_new_lines_come_from_their_offset_and_an_unfinished_one_is_waited_for(run: Run) -> None:
    size = run.events.stat().st_size
    assert complete_lines(run, size) == ([], size)
    with run.events.open("a") as file:
        file.write("one\ntw")
    assert complete_lines(run, size) == ([(size + 4, "one")], size + 4)
    assert complete_lines(run, size + 100) == ([], 0), "a file that became shorter begins again"
    with run.events.open("a") as file:
        file.write("x" * LINE_BYTES + "\nend\n")
    _, after = complete_lines(run, size + 4)
    assert after == size + 4 + LINE_BYTES, "what is too long for an event is passed over"
    assert complete_lines(run, after)[0][-1][1] == "end"
    run.events.unlink()
    assert complete_lines(run, size) == ([], size)


def test_a_stream_leaves_out_what_is_no_event(run: Run) -> None:
    size = run.events.stat().st_size
    with run.events.open("a") as file:
        file.write('{"kind": "progress"}\nnot json\n')
    run.add(progress(500))

    async def first() -> str:
        async for text in new_events(run, size):
            return text
        return ""

    said = asyncio.run(asyncio.wait_for(first(), 5))
    fields = dict(line.split(": ", 1) for line in said.strip().splitlines())
    assert int(fields["id"]) == run.events.stat().st_size
    assert json.loads(fields["data"])["samples"] == 500
    run.events.write_text("")
    assert "event: reset" in asyncio.run(asyncio.wait_for(first(), 5))


def test_runs_are_found_by_folders_and_links_are_not_followed(run: Run, tmp_path: Path) -> None:
    make_run(tmp_path / "runs" / "deep" / "er" / "two")
    make_run(tmp_path / "elsewhere")
    (tmp_path / "runs" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "config.yaml").symlink_to(run.config)
    index = RunIndex(tmp_path / "runs")
    assert [each.name for each in index.all()] == ["deep/er/two", "one"]
    assert all(found and found.name == each.name for each in index.all() for found in [index.get(each.id)])
    assert index.get("one") is None
    first = index.all()[0]
    make_run(tmp_path / "runs" / "later")
    assert index.get(identity("later")) is not None
    shutil.rmtree(first.run.path)
    assert index.get(first.id) is None
    assert [each.name for each in RunIndex(run.path).all()] == ["one"]
    with pytest.raises(UsageError, match="no such folder"):
        RunIndex(tmp_path / "nowhere")


def test_a_line_of_the_table_has_the_first_score(run: Run) -> None:
    line = overview(IndexedRun("id", "one", run))
    assert (line["samples"], line["total"], line["score"], line["values"][-1]) == (400, 1000, "photo_frechet", 1 / 4)
    run.add(progress(450))
    assert overview(IndexedRun("id", "one", run))["samples"] == 450, "the last line counts, whatever its kind"
    run.metrics.unlink()
    run.metrics.symlink_to(run.config)
    assert "fault" in overview(IndexedRun("id", "one", run))


def test_the_server_gives_runs_by_id_and_refuses_the_rest(run: Run, tmp_path: Path) -> None:
    make_run(run.path.parent / HOSTILE)
    (run.samples / "000000000999.webp").symlink_to(run.config)
    (run.samples / "notes.txt").write_text("not a sheet")
    with served(tmp_path / "runs") as address:
        status, body, headers = answer(address)
        assert status == 200
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        found = json.loads(answer(address, "runs")[1])
        ids = {each["name"]: each["id"] for each in found["runs"]}
        assert set(ids) == {"one", HOSTILE}
        whole = json.loads(answer(address, f"runs/{ids['one']}")[1])
        assert (whole["name"], whole["total"]) == ("one", 1000)
        status, body, headers = answer(address, f"runs/{ids['one']}/samples/000000000100.webp")
        assert (status, headers["content-type"], body[8:12]) == (200, "image/webp", b"WEBP")
        for path, wanted in {
            "runs/0123456789abcdef": 404,
            "runs/..%2f..%2fone": 404,
            f"runs/{ids['one']}/samples/..%2fconfig.yaml": 404,
            f"runs/{ids['one']}/samples/notes.txt": 404,
            f"runs/{ids['one']}/samples/%2e%2e/config.yaml": 404,
            f"runs/{ids['one']}/samples/000000000999.webp": 422,  # a link
            f"runs/{ids['one']}/samples/000000000998.webp": 422,
            f"runs/{ids['one']}/events?from=x": 400,
            "../lab.css": 404,
            "main.py": 404,
        }.items():
            assert answer(address, path)[0] == wanted, path
        assert answer(address, "runs", Host="evil.example")[0] == 403
        assert answer(address, "runs", Origin="http://evil.example")[0] == 403
        assert answer(address.replace(address.split("/")[3], "wrong"), "runs")[0] == 403
        own = address.split("/")[2]
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert answer(address, "runs", method, Origin=f"http://{own}")[0] == 405
        with suppress(ConnectionError):  # it hangs up while the header is still sent
            assert answer(address, "runs", X_Large="x" * 2**20)[0] in (400, 431)
        assert answer(address, "runs")[0] == 200


def test_commands_are_sent_only_where_the_lab_may(run: Run) -> None:
    with served(run.path.parent) as address:
        own = {"Origin": address.rsplit("/", 2)[0], "Content_Type": "application/json"}
        (only,) = json.loads(answer(address, "runs")[1])["runs"]
        assert answer(address, f"runs/{only['id']}/control", "POST", '{"do": "stop"}', **own)[0] == 404
    with served(run.path.parent, controls=True) as address:
        own = {"Origin": address.rsplit("/", 2)[0], "Content_Type": "application/json"}
        place = f"runs/{only['id']}/control"
        assert answer(address, place, "POST", '{"do": "stop"}', **own)[0] == 409, "no process trains it"
        with run.exclusive_lock():
            assert answer(address, place, "POST", '{"do": "stop"}', Content_Type="application/json")[0] == 403
            assert answer(address, place, "POST", '{"do": "stop"}', **{**own, "Content_Type": "text/plain"})[0] == 415
            assert answer(address, place, "POST", '{"do": "rm"}', **own)[0] == 400
            assert answer(address, place)[0] == 405
            assert take_commands(run) == []
            assert answer(address, place, "POST", '{"do": "snapshot"}', **own)[0] == 204
            assert take_commands(run) == ["snapshot"]


if FOUND:  # .ci/run installs one

    def test_a_live_run_in_a_real_browser(run: Run, tmp_path: Path) -> None:
        make_run(run.path.parent / HOSTILE)
        with served(tmp_path / "runs") as address, new_page() as page, ExitStack() as training:
            training.enter_context(run.exclusive_lock())
            page.screen(1280, 900)
            page.call("Page.navigate", url=address)
            page.until("document.querySelectorAll('.runs tbody a').length === 2")
            assert HOSTILE in page.run("document.body.innerText")
            page.run("[...document.querySelectorAll('.runs a')].find(a => a.textContent === 'one').click()")
            page.until("document.querySelector('.sheet img')?.src.endsWith('000000000400.webp')")
            assert page.run("document.querySelector('#live').checked")
            run.add(progress(500, loss=0.125))
            sheet(run, 500)
            page.until("document.querySelector('.sheet img')?.src.endsWith('000000000500.webp')")
            assert "0.125" in page.run("document.querySelector('.legend').innerText")
            page.press("ArrowLeft")
            page.press("ArrowLeft")
            page.until("document.querySelector('.sheet img').src.endsWith('000000000300.webp')")
            assert page.run("document.querySelector('.timeline .at').textContent") == "300 samples"
            assert page.run("document.querySelector('.legend').innerText").split()[-1] == "3"
            assert not page.run("document.querySelector('#live').checked")
            page.run("document.querySelector('[aria-label=Speed]').value = '20'")
            page.click("#loop")
            page.click("button.play")
            for there in ("500", "100", "300"):  # from the end to the beginning
                page.until(f"document.querySelector('.timeline .at').textContent === '{there} samples'")
            page.click("button.play")
            page.run(
                "(s => { s.value = 300; s.dispatchEvent(new Event('input')); })"
                "(document.querySelector('.timeline input[type=range]'))"
            )
            page.until("document.querySelector('.sheet img').src.endsWith('000000000300.webp')")
            sheet(run, 600)
            run.add(progress(600))
            page.until("document.querySelector('.headline').innerText.includes('600 of 1,000')")
            assert page.run("document.querySelector('.sheet img').src.endsWith('000000000300.webp')"), "the past stays"
            score(run, 600, 0.01)
            run.status("finished")
            run.add(Stopped(samples=600, time=6.0, reason="finished"))
            training.close()
            page.until("document.querySelector('.state').textContent === 'finished'")
            assert page.complaints == []
            assert page.addresses == {address.split("/")[2]}

    def test_runs_are_sorted_by_a_column(run: Run, tmp_path: Path) -> None:
        make_run(run.path.parent / "two", rounds=2)
        with served(run.path.parent) as address, new_page() as page:
            page.call("Page.navigate", url=address)
            names = "[...document.querySelectorAll('.runs tbody a')].map(each => each.textContent).join(' ')"
            page.until(f"{names}.includes('two')")
            for column, first, second in (("name", "one two", "two one"), ("score", "two one", "one two")):
                page.click(f"[data-column={column}] button")  # of numbers the largest is first
                page.until(f"{names} === '{first}'")
                page.click(f"[data-column={column}] button")
                page.until(f"{names} === '{second}'")
            assert page.run("document.querySelector('[data-column=score]').getAttribute('aria-sort')") == "ascending"
            assert page.run("document.querySelector('[data-column=name]').getAttribute('aria-sort')") == "none"
            assert page.run("document.querySelectorAll('.runs .spark polyline').length") == 2

    def test_a_run_is_paused_from_its_page(run: Run, tmp_path: Path) -> None:
        with served(run.path, controls=True) as address, new_page() as page, run.exclusive_lock():
            page.screen(1280, 900)
            page.call("Page.navigate", url=address)
            page.until("document.querySelector('#control-pause')?.hidden === false")
            page.click("#control-pause")
            page.until("document.querySelector('.control .soft').textContent === 'sent'")
            assert take_commands(run) == ["pause"]
            run.add(Commanded(samples=400, time=5.0, command="pause"))
            page.until("document.querySelector('#control-resume').hidden === false")
            page.click("#control-resume")
            page.until("document.querySelector('.control .soft').textContent === 'sent'")
            assert take_commands(run) == ["resume"]
            assert page.complaints == []

    def test_the_column_that_stays_covers_nothing_below(run: Run, tmp_path: Path) -> None:
        with served(run.path) as address, new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=address)
            page.until("document.querySelector('.sheet img')?.naturalWidth > 0")
            page.until("document.querySelector('.legend label') !== null")  # the curves, which come after the rest
            page.run("document.querySelector('#checkpoints').open = true; scrollTo(0, document.body.scrollHeight)")
            for name in ("checkpoints", "config", "log"):
                place = f"document.querySelector('#{name} summary').getBoundingClientRect()"
                there = f"(box => document.elementFromPoint(box.x + 20, box.y + 5)?.closest('details')?.id)({place})"
                page.until(f"{there} === '{name}'", 5)

    @pytest.mark.parametrize("width", [1280, 390])
    def test_nothing_is_wider_than_the_window(run: Run, tmp_path: Path, width: int) -> None:
        with served(run.path) as address, new_page() as page:
            page.screen(width, 844)
            page.call("Page.navigate", url=address)
            page.until("document.querySelector('.sheet img') !== null")
            assert page.run("document.documentElement.scrollWidth") <= width
            unnamed = "[...document.querySelectorAll('input, select, canvas')].filter(e => !e.closest('label') && "
            assert page.run(unnamed + "!e.getAttribute('aria-label')).length") == 0


def test_a_file_of_events_of_another_kind_is_an_answer_and_no_crash(run: Run) -> None:
    run.events.unlink()
    os.mkfifo(run.events)
    with served(run.path) as address:
        found = json.loads(answer(address, "runs")[1])
        assert found["runs"] == [], "the run cannot be opened: a pipe has the name of one of its files"


def test_a_training_opens_the_lab_beside_it(tmp_path: Path) -> None:
    """The real command: the address comes while it trains, and the lab ends with it."""
    words = ["ring", "--lab", "-o", str(tmp_path / "run"), "samples=60000", "threads=1", "precision=fp32", "scores=[]"]
    command = [sys.executable, "-P", "-m", "ganvas", "train", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = next(found[0] for line in process.stderr if (found := re.findall(r"http://127\.0\.0\.1:\S+", line)))
        (only,) = json.loads(answer(address, "runs")[1])["runs"]
        assert (only["name"], only["state"]) == ("run", "training")
        process.stderr.read()
        assert process.wait(120) == 0
    with pytest.raises(ConnectionError):
        answer(address, "runs")
