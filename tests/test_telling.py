"""What the command says of a run while it trains and when it has ended."""

import json
import shlex
from pathlib import Path

import pytest

from ganvas.cli.output import output_options
from ganvas.cli.progress import ProgressLine
from ganvas.cli.report import print_end
from ganvas.runs import Event, Progress, Run, Snapshot, Started, Stopped
from ganvas.runs.events import Rewound, event_line


@pytest.fixture(autouse=True)
def to_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """A manner that earlier commands have not set."""
    for name in ("quiet", "as_json"):
        monkeypatch.setattr(output_options, name, False)


def a_run(path: Path, events: list[Event]) -> Run:
    run = Run.create(path, config="{}\n", environment={})
    run.events.write_text("".join(map(event_line, events)))
    for event in events:
        if isinstance(event, Snapshot):
            (run.samples / event.file).touch()
    return run


def test_the_picture_named_is_one_that_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run was rolled back from 300 to 150 samples, and stopped at 250."""
    course: list[Event] = [
        Started(0, 0.0, 400),
        *(Snapshot(n, 0.0, f"{n:012d}.webp") for n in (100, 200, 300)),
        Rewound(150, 0.0, 150),
    ]
    print_end(a_run(tmp_path / "run", [*course, Snapshot(200, 0.0, f"{200:012d}.webp"), Stopped(250, 0.0, "SIGTERM")]))
    said = capsys.readouterr()
    assert "000000000200.webp" in said.err
    assert "000000000300.webp" not in said.err + said.out


def test_a_run_without_pictures_names_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_end(a_run(tmp_path / "run", [Started(0, 0.0, 400), Stopped(400, 0.0, "finished")]))
    said = capsys.readouterr()
    assert "samples  " not in said.err
    assert "ganvas sample" not in said.err


@pytest.mark.parametrize("as_json", [False, True])
def test_gradients_are_for_the_files(
    as_json: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_options, "as_json", as_json)
    terms = {
        "discriminator.adversarial": 1.25,
        "discriminator.R1": 0.5,
        "discriminator.gradient": 7.5,
        "generator.adversarial": 0.7,
        "generator.gradient": 8.5,
    }
    ProgressLine()(Progress(100, 0.0, terms, 50.0))
    said = capsys.readouterr()
    if as_json:
        assert json.loads(said.out)["terms"] == terms
    else:
        assert "D 1.25  D.R1 0.5  G 0.7" in said.err
        assert "gradient" not in said.err


def test_terms_of_both_players_at_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_options, "as_json", False)
    terms = {"both.D": 1.25, "both.D.R1": 0.5, "both.G": 0.7, "both.G.gradient": 7.5, "both.gradient": 8.5}
    ProgressLine()(Progress(100, 0.0, terms, 50.0))
    said = capsys.readouterr()
    assert "D 1.25  D.R1 0.5  G 0.7" in said.err
    assert "gradient" not in said.err


@pytest.mark.parametrize("reason", ["finished", "SIGTERM"])
def test_commands_to_type_next_survive_the_shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reason: str
) -> None:
    run = a_run(tmp_path / "my run's", [Started(0, 0.0, 400), Snapshot(100, 0.0, "a.webp"), Stopped(400, 0.0, reason)])
    print_end(run)
    steps = [shlex.split(line) for line in capsys.readouterr().err.partition("Next:")[2].splitlines() if line.strip()]
    assert steps[0][1:3] == [{"finished": "sample", "SIGTERM": "resume"}[reason], str(run.path)]
    assert (steps[-1][1:] == ["lab", str(run.path)]) == (reason == "finished")
