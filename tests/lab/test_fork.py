"""New runs from a checkpoint, begun in the page: a real training, and what is refused."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import ganvas
from browser import FOUND, new_page
from ganvas.base.errors import CheckFailed, ResourceError, UsageError
from ganvas.lab import forks as forks_module
from ganvas.lab.forks import Forks, is_change
from ganvas.lab.history import settings
from ganvas.lab.run_index import RunIndex
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Run, checkpoints
from serving import answer, make_run, served


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    changes = {**tiny_overrides("ring"), "samples": 640, "saves": 4, "scores": [], "precision": "fp32", "threads": 1}
    out = tmp_path_factory.mktemp("forks") / "runs" / "ring"
    return ganvas.train(override(recipe("ring"), changes), out=out)


@pytest.fixture
def forks() -> Iterator[Forks]:
    found = Forks()
    yield found
    for process in found.begun:
        process.kill()
        process.wait()


def test_a_fork_trains_from_its_checkpoint_by_the_changed_recipe(trained: Run, forks: Forks) -> None:
    oldest = checkpoints.newest_first(trained.checkpoints)[-1]
    at = checkpoints.samples_of(oldest)
    assert at < 640
    path = forks.begin(trained, at, ["samples=320", "G.optimiser.lr=0.5", "scores=[]"])
    (process,) = forks.begun
    assert process.wait(120) == 0
    run = Run.open(path)
    assert path.parent == trained.path.parent
    assert run.state() == "finished"
    assert (run.settings()["samples"], run.settings()["G"]["optimiser"]["lr"]) == (320, 0.5)
    facts = run.read_json("environment.json")["init_from"]
    assert facts == {"samples": at, "players_sha256": checkpoints.sha256(oldest / "players.safetensors")}
    index = RunIndex(path.parent)
    first, second = sorted(index.all(), key=lambda each: each.run.path != trained.path)
    assert index.parent_of(first) is None
    found = index.parent_of(second)
    assert found is not None
    assert found.id == first.id
    with served(path.parent) as address:
        assert json.loads(answer(address, f"runs/{first.id}/parent")[1]) == {}
        parent = json.loads(answer(address, f"runs/{second.id}/parent")[1])
        whole = json.loads(answer(address, f"runs/{second.id}?curves=0")[1])
    assert parent == {"id": first.id, "name": first.name, "settings": settings(trained.config.read_text())}
    assert (parent["settings"]["samples"], whole["settings"]["samples"]) == ("640", "320")
    (oldest / checkpoints.MANIFEST).write_text("[]")
    assert index.parent_of(second) is None, "what cannot be read is no parent"


def test_what_the_command_refuses_is_its_message(trained: Run, forks: Forks) -> None:
    before = sorted(trained.path.parent.iterdir())
    with pytest.raises(CheckFailed, match="checkpoint"):
        forks.begin(trained, 7, [])
    assert sorted(trained.path.parent.iterdir()) == before


@pytest.mark.parametrize("text", ["--out=/x", "-o=/x", "samples", "", "=1", "a b=1", "a=1\nb=2", "a=" + "x" * 600])
def test_what_is_no_override_is_refused(text: str, trained: Run, forks: Forks) -> None:
    assert not is_change(text)
    with pytest.raises(UsageError):
        forks.begin(trained, 640, [text])
    assert forks.begun == []


def test_few_trainings_run_at_a_time(trained: Run, forks: Forks, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeps = (sys.executable, "-c", "import time; time.sleep(60)")
    monkeypatch.setattr(forks_module, "TRAIN", sleeps)
    monkeypatch.setattr(forks_module, "WAIT_SECONDS", 0.0)
    for _ in range(forks_module.MOST):
        forks.begin(trained, 640, [])
    with pytest.raises(ResourceError, match="still run"):
        forks.begin(trained, 640, [])
    forks.begun[0].kill()
    forks.begun[0].wait()
    forks.begin(trained, 640, [])


def test_forks_are_made_only_where_the_lab_may(tmp_path: Path) -> None:
    run = make_run(tmp_path / "runs" / "one")
    body = json.dumps({"do": "fork", "at": 400, "changes": []})
    with served(run.path.parent) as address:
        own = {"Origin": address.rsplit("/", 2)[0], "Content_Type": "application/json"}
        (only,) = json.loads(answer(address, "runs")[1])["runs"]
        assert answer(address, f"runs/{only['id']}/fork", "POST", body, **own)[0] == 404
    with served(run.path.parent, controls=True) as address:
        own = {"Origin": address.rsplit("/", 2)[0], "Content_Type": "application/json"}
        place = f"runs/{only['id']}/fork"
        assert answer(address, place, "POST", body, Content_Type="application/json")[0] == 403
        assert answer(address, place, "POST", body, **{**own, "Content_Type": "text/plain"})[0] == 415
        assert answer(address, place)[0] == 405
        for wrong in (
            {"at": "400"},
            {"at": -1},
            {"at": True},
            {"changes": "a=1"},
            {"changes": [1]},
            {"changes": ["--out=x"]},
        ):
            text = json.dumps({"do": "fork", "at": 400, "changes": [], **wrong})
            assert answer(address, place, "POST", text, **own)[0] == 400, wrong
    assert [each.name for each in run.path.parent.iterdir()] == ["one"]


if FOUND:

    def test_a_run_is_begun_in_the_page(trained: Run, tmp_path: Path) -> None:
        """By the real command: `ganvas lab --control`; the new run outlives it."""
        words = ["-P", "-m", "ganvas", "lab", str(trained.path.parent), "--control", "--no-browser"]
        with subprocess.Popen([sys.executable, *words], stderr=subprocess.PIPE, text=True) as lab:
            assert lab.stderr is not None
            address = lab.stderr.readline().split()[-1]
            with new_page() as page:
                page.screen(1280, 900)
                page.call("Page.navigate", url=address)
                page.until("document.querySelector('.runs tbody a') !== null", 30)
                page.run("[...document.querySelectorAll('.runs tbody a')].find(a => a.textContent === 'ring').click()")
                page.until("document.querySelector('.fork') !== null")
                page.run("document.querySelector('#checkpoints').open = true; document.querySelector('.fork').click()")
                page.run("document.querySelector('#fork-changes').value = 'G.optimiser.lx=1'")
                page.click("#fork-begin")
                page.until("document.querySelector('dialog .trouble').textContent.includes('lx')", 60)
                page.run("document.querySelector('#fork-changes').value = 'samples=4000000\\nscores=[]\\nthreads=1'")
                page.click("#fork-begin")
                page.until("document.querySelector('dialog a') !== null", 60)
                page.run("document.querySelector('dialog a').click()")
                page.until("document.querySelector('.state.training') !== null")
                name = page.run("document.querySelector('h1').textContent")
                assert name.startswith("ring-from-640-")
                lab.send_signal(signal.SIGINT)
                lab.stderr.read()
                assert lab.wait(30) == 0
        run = Run.open(trained.path.parent / name)
        still = run.state()
        os.kill(run.read_json("status.json")["pid"], signal.SIGINT)
        assert still == "training", "it goes on without the lab"
        end = time.monotonic() + 60
        while run.state() == "training":
            assert time.monotonic() < end
            time.sleep(0.1)
        assert run.state() == "interrupted"
