"""Memory and waiting for data on the page of a run: recorded, live, and of a run that recorded none."""

from pathlib import Path

import pytest

from browser import FOUND, new_page
from ganvas.lab.history import history
from ganvas.runs import Progress, Run
from serving import make_run, served


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path / "runs" / "one")


def used(samples: int, memory: float, wait: float) -> Progress:
    usage = {"memory": memory, "data_wait": wait}
    return Progress(samples=samples, time=float(samples), terms={"D": 1.0}, samples_per_second=64.0, usage=usage)


def test_a_history_has_them_from_where_they_are_recorded(run: Run) -> None:
    run.add(used(500, 2e8, 0.25))
    found = history(run)["usage"]
    assert found["values"] == {"memory": [None] * 4 + [2e8], "data_wait": [None] * 4 + [0.25]}


if FOUND:

    def test_they_are_drawn_where_a_run_has_them(run: Run, tmp_path: Path) -> None:
        titles = (
            "[...document.querySelectorAll('.card h2')].filter(each => each.offsetParent).map(each => each.textContent)"
        )
        shown = "[...document.querySelectorAll('.legend')].map(each => each.innerText).join(' ').replace(/\\s+/g, ' ')"
        with served(run.path) as address, new_page() as page, run.exclusive_lock():
            page.screen(1280, 900)
            page.call("Page.navigate", url=address)
            page.until("document.querySelector('.sheet img') !== null")
            assert not {"Memory", "Waiting for data"} & set(page.run(titles)), "this run has recorded none"
            run.add(used(500, 2.345e8, 0.25))
            page.until(f"{titles}.includes('Memory') && {titles}.includes('Waiting for data')")
            page.until(f"{shown}.includes('process, MB 234.5')")
            assert "percent 25" in page.run(shown)
            assert page.complaints == []
