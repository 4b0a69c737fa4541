"""What training shows when it is called from Python: on a terminal, in a notebook, and where nobody looks."""

import io
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import ganvas as package
from ganvas.base.progress import report_progress
from ganvas.recipes import parse_overrides
from ganvas.runs import Event, Progress, Scored, Snapshot, Started
from ganvas.sessions.display import Display, Listeners, Notebook, Terminal, progress_shown, screen_here
from speaking import ganvas

RING = [
    "samples=1280",
    "precision=fp32",
    "threads=1",
    "source.samples=1000",
    "scores.0.n=200",
    "scorings=1",
    "snapshots=0",
    "saves=1",
]
EVENTS: tuple[Event, ...] = (
    Started(0, 100.0, total=400),
    Scored(100, 110.0, {"fd": 1.25}, "val"),
    Snapshot(100, 110.0, "picture.webp"),
    Progress(200, 120.0, {"discriminator.adversarial": 0.5, "discriminator.gradient": 9.0}, 10.0),
)


class Tty(io.StringIO):
    """A terminal, as far as can be seen from here."""

    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Tty:
    """stderr is a terminal from here on, and no notebook is near. No fixture: pytest gives each test a stderr of its
    own after those.
    """
    tty = Tty()
    monkeypatch.setattr(sys, "stderr", tty)
    monkeypatch.setenv("TERM", "xterm")
    for name in ("IPython", "IPython.display"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tty


class Cell:
    """A notebook's cell: outputs by their number, as they are after the last change."""

    def __init__(self) -> None:
        self.outputs: list[str] = []

    def display(self, shown: dict[str, str], *, raw: bool, display_id: bool) -> Any:
        assert raw
        assert display_id
        self.outputs.append(shown["text/plain"])
        place = len(self.outputs) - 1

        def update(shown: dict[str, str], *, raw: bool) -> None:
            assert raw
            self.outputs[place] = shown["text/plain"]

        return SimpleNamespace(update=update)


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    """This process is a notebook's kernel."""
    found = Cell()
    modules: dict[str, Any] = {name: ModuleType(name) for name in ("IPython", "IPython.display")}
    modules["IPython"].get_ipython = lambda: SimpleNamespace(kernel=object())
    modules["IPython.display"].display = found.display
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return found


def small(path: Path, **more: Any) -> None:
    package.train("ring", out=path, changes=parse_overrides(RING), **more)


def test_the_line_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)
    display = Display(Terminal())
    for event in EVENTS:
        display(event)
    assert "fd 1.25" in terminal.getvalue()
    assert "picture.webp" not in terminal.getvalue()
    last = terminal.getvalue().rpartition("\r")[2]
    assert " 50%" in last
    assert "10 samples/s  20 s left  fd 1.25 on val  D 0.5" in last
    assert "\n" not in last
    display.screen.message("a\x1b[2Jb\nc")
    assert "a [2Jb c\n" in terminal.getvalue()


def test_a_notebook_has_one_output_that_is_replaced(cell: Cell) -> None:
    screen = screen_here()
    assert isinstance(screen, Notebook)
    display = Display(screen)
    for event in EVENTS:
        display(event)
    (output,) = cell.outputs
    assert output.count("samples/s") == 1
    assert output.splitlines()[-1].lstrip().startswith("50%")
    screen.close()
    assert "samples/s" not in cell.outputs[0]
    assert "fd 1.25" in cell.outputs[0]


def test_training_is_shown_where_somebody_looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    terminal = at_a_terminal(monkeypatch)
    heard: list[Event] = []
    small(tmp_path / "a", on_event=heard.append)
    assert "samples/s" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert any(isinstance(event, Progress) for event in heard)
    before = terminal.getvalue()
    small(tmp_path / "b", quiet=True)
    package.resume(tmp_path / "b", quiet=True)
    assert terminal.getvalue() == before
    package.resume(tmp_path / "b")
    assert terminal.getvalue() != before


def test_training_is_shown_in_a_notebook(cell: Cell, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small(tmp_path / "a")
    assert len(cell.outputs) == 1
    small(tmp_path / "b", quiet=True)
    assert len(cell.outputs) == 1
    assert capsys.readouterr() == ("", "")


def test_nothing_is_shown_where_nobody_looks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small(tmp_path / "a")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("RANK", "1")])
def test_nor_on_what_cannot_be_drawn_over_nor_by_a_second_process(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    terminal = at_a_terminal(monkeypatch)
    monkeypatch.setenv(name, value)
    with progress_shown(False, None) as heard:
        assert heard == Listeners(None, None)
    assert terminal.getvalue() == ""


def test_reading_is_shown_before_training_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)
    with progress_shown(False, None) as heard:
        report_progress("decoding pictures", 300, 2543)
        assert heard.on_message is not None
        heard.on_message("62 of 300 are grey.")
    assert "decoding pictures: 300 of 2,543" in terminal.getvalue()
    assert "62 of 300 are grey.\n" in terminal.getvalue()
    with progress_shown(False, None, print) as heard:
        assert heard.on_message is print


def test_the_command_shows_one_display_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: Cell) -> None:
    said = ganvas("train", "ring", *RING, "--out", tmp_path / "a")
    assert said.code == 0, said.err
    assert cell.outputs == []
    finished = [line for line in said.err.splitlines() if re.search(r"1,280 samples +finished", line)]
    assert len(finished) == 1
