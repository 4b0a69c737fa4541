"""Notes, tags and groups of seeds: in the table of runs and on the page of a run."""

import json
import statistics
from pathlib import Path

import pytest

from browser import FOUND, Page, new_page
from ganvas.lab.overview import overview
from ganvas.lab.run_index import IndexedRun
from ganvas.runs import Run, RunNote, read_note, write_note
from serving import HOSTILE, answer, make_run, served

NAMES = "[...document.querySelectorAll('.runs tbody a')].map(each => each.textContent).join(' ')"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path / "runs" / "one")


def of_seed(run: Run, seed: int, more: str = "") -> Run:
    run.config.write_text(f"kind: Recipe\nG:\n  seed: 7\nseed: {seed}\nsamples: 1000\n{more}")
    return run


def line_of(run: Run) -> dict[str, object]:
    return overview(IndexedRun("id", run.path.name, run))


def test_a_group_has_the_configuration_without_the_seed(run: Run) -> None:
    first = line_of(of_seed(run, 0))
    other = line_of(of_seed(make_run(run.path.parent / "two"), 1))
    assert (first["seed"], other["seed"]) == ("0", "1")
    assert first["group"] == other["group"]
    assert line_of(of_seed(run, 0, "batch_samples: 8\n"))["group"] != other["group"]
    run.config.write_text(run.config.read_text().replace("  seed: 7", "  seed: 8"))
    assert (
        line_of(of_seed(make_run(run.path.parent / "three"), 0, "batch_samples: 8\n"))["group"] != line_of(run)["group"]
    )
    assert first["best"] == 1 / 4


def test_notes_are_written_only_where_the_lab_may(run: Run) -> None:
    body = json.dumps({"do": "note", "text": HOSTILE, "tags": ["best"]})
    with served(run.path.parent) as address:
        own = {"Origin": address.rsplit("/", 2)[0], "Content_Type": "application/json"}
        (only,) = json.loads(answer(address, "runs")[1])["runs"]
        assert answer(address, f"runs/{only['id']}/note", "POST", body, **own)[0] == 404
    with served(run.path.parent, controls=True) as address:
        own = {"Origin": address.rsplit("/", 2)[0], "Content_Type": "application/json"}
        place = f"runs/{only['id']}/note"
        assert answer(address, place, "POST", body, Content_Type="application/json")[0] == 403
        assert answer(address, place, "POST", body, **{**own, "Content_Type": "text/plain"})[0] == 415
        assert answer(address, place)[0] == 405
        for wrong in (
            {"text": 1, "tags": []},
            {"text": "", "tags": "a"},
            {"text": "", "tags": [1]},
            {"text": "x" * 3000, "tags": []},
        ):
            assert answer(address, place, "POST", json.dumps({"do": "note", **wrong}), **own)[0] == 400, wrong
        assert read_note(run) == RunNote()
        assert answer(address, place, "POST", body, **own)[0] == 204
        assert read_note(run) == RunNote(HOSTILE, ("best",))
        assert json.loads(answer(address, f"runs/{only['id']}")[1])["note"] == HOSTILE


if FOUND:

    def opened(page: Page, address: str) -> None:
        page.screen(1280, 900)
        page.call("Page.navigate", url=address)
        page.until("document.querySelector('.runs tbody tr') !== null")

    def test_runs_are_filtered_by_their_notes(run: Run, tmp_path: Path) -> None:
        write_note(run, RunNote(HOSTILE, ("best", "paper")))
        write_note(make_run(run.path.parent / "two"), RunNote("a narrow D", ("paper",)))
        make_run(run.path.parent / "three")
        with served(run.path.parent) as address, new_page() as page:
            opened(page, address)
            page.until(f"{NAMES} === 'one three two'")
            assert HOSTILE in page.run("document.querySelector('.runs').innerText")
            assert page.run("document.querySelectorAll('.runs [id^=edit]').length") == 0, "the lab may change nothing"
            page.run(
                "[...document.querySelectorAll('.filter .tag')].find(each => each.textContent === 'paper').click()"
            )
            page.until(f"{NAMES} === 'one two'")
            page.run("[...document.querySelectorAll('.runs .tag')].find(each => each.textContent === 'best').click()")
            page.until(f"{NAMES} === 'one'")
            page.run("document.querySelectorAll('.filter [aria-pressed=true]').forEach(each => each.click())")
            page.run("document.querySelectorAll('.filter [aria-pressed=true]').forEach(each => each.click())")
            page.until(f"{NAMES} === 'one three two'")
            page.click("#filter")
            page.call("Input.insertText", text="NARROW two")
            page.until(f"{NAMES} === 'two'")
            assert page.run("document.querySelector('.filter .soft').textContent") == "1 of 3 runs"
            assert page.complaints == []

    def test_a_note_is_written_in_the_page(run: Run, tmp_path: Path) -> None:
        with served(run.path.parent, controls=True) as address, new_page() as page:
            opened(page, address)
            page.run("document.querySelector('.runs [id^=edit]').click()")
            page.run("document.querySelector('#note-tags').focus()")
            page.call("Input.insertText", text="best, R1")
            page.run("document.querySelector('#note-text').focus()")
            page.call("Input.insertText", text=HOSTILE)
            page.click("#note-save")
            page.until("document.querySelector('.runs .said') !== null && document.querySelector('dialog') === null")
            assert read_note(run) == RunNote(HOSTILE, ("best", "R1"))
            page.run("document.querySelector('.runs tbody a').click()")
            page.until("document.querySelector('header .said') !== null")
            assert page.run("document.querySelector('header .said').textContent") == HOSTILE
            page.run("document.querySelector('header [id^=edit]').click()")
            page.run("document.querySelector('#note-tags').value = 'a'.repeat(50)")
            page.click("#note-save")
            page.until("document.querySelector('dialog .trouble').textContent.includes('no tag')")
            page.run("document.querySelector('#note-tags').value = 'kept'")
            page.click("#note-save")
            page.until("document.querySelector('header .tag').textContent === 'kept'")
            (refused,) = page.complaints
            assert "status of 400" in refused

    def test_seeds_are_one_row_that_opens(run: Run, tmp_path: Path) -> None:
        for place, seed in enumerate((1, 2, 10), start=1):
            other = of_seed(make_run(run.path.parent / f"seed-{seed}", rounds=place), seed)
            other.status("finished")
        of_seed(make_run(run.path.parent / "seed-3"), 3)  # not finished: its best score does not count
        bests = [1.0, 1 / 2, 1 / 3]
        with served(run.path.parent) as address, new_page() as page:
            opened(page, address)
            page.until(f"{NAMES} === 'one'")
            text = page.run("document.querySelector('.seeds').innerText")
            mean, deviation = statistics.mean(bests), statistics.stdev(bests)
            assert f"photo_frechet {mean:.4g} ± {deviation:.4g}" in text
            assert "seed 1, 2, 3, 10" in text
            assert "best scores of 3 finished runs" in text
            page.click(".expand")
            page.until(f"{NAMES} === 'one seed-1 seed-10 seed-2 seed-3'")
            assert page.run("document.querySelector('.expand').getAttribute('aria-expanded')") == "true"
            page.click("[data-column=score] button")
            page.until(f"{NAMES}.endsWith('one') || {NAMES}.startsWith('one')")
            page.click(".expand")
            page.until(f"{NAMES} === 'one'")
            assert page.complaints == []
