"""The grade of a finished run as the commands print it, and --fail-if of `ganvas train`."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from ganvas.base.errors import UsageError
from ganvas.cli import report
from ganvas.cli.output import output_options
from ganvas.cli.train import follow
from ganvas.evaluation.thresholds import parse_conditions
from ganvas.runs import Run, Started, Stopped
from health import ILL, TOTAL, looks
from speaking import ganvas, spoken

PROTOCOL = {"split": "val"}


def finished(path: Path, *, name: str = "full collapse", **values: float) -> Run:
    """A run that is over, with these scores on val; all real-vs-real values are 1 but that of duplicates."""
    run = Run.create(path, config="D: {optimiser: {lr: 0.5}}\ngame: {n_critic: 1}\n", environment={})
    for event in (Started(0, 0.0, TOTAL), *looks(ILL[name]), Stopped(TOTAL, 0.0, "finished")):
        run.add(event)
    for score, value in values.items():
        base = 0.0 if score == "duplicates" else 1.0
        record: dict[str, Any] = {"name": score, "value": value, "real_vs_real": base, "error": 0.0, "n": 100}
        lower = not score.endswith("coverage")
        run.add_metric({**record, "samples": TOTAL, "lower_is_better": lower, "protocol": PROTOCOL})
    run.status("finished", reason="finished", samples=TOTAL)
    return run


@pytest.fixture
def collapsed(tmp_path: Path) -> Run:
    return finished(tmp_path / "run", photo_frechet=11.0, photo_coverage=0.02, duplicates=0.88)


def test_the_end_says_the_grade_its_numbers_and_what_to_do(collapsed: Run, capsys: pytest.CaptureFixture[str]) -> None:
    report.print_end(collapsed)
    said = capsys.readouterr().err
    for text in ("Finished.", "Grade: failed.", "11.0 times", "Train longer", "full collapse"):
        assert text in said
    assert "memorisation" not in said


def test_a_program_gets_grade_and_verdict(
    collapsed: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_options, "as_json", True)
    report.print_end(collapsed)
    told = json.loads(capsys.readouterr().out)
    assert told["grade"]["name"] == "failed"
    assert "not usable" in told["verdict"]


def test_runs_without_scores_have_no_grade(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report.print_end(finished(tmp_path / "run"))
    assert "Grade: none" in capsys.readouterr().err


def test_the_doctor_and_compare_show_it(collapsed: Run, tmp_path: Path) -> None:
    assert ganvas("doctor", collapsed.path).out.startswith("grade: failed\n")
    good = finished(tmp_path / "good", name="loader-bound", photo_frechet=1.5, photo_coverage=0.9, duplicates=0.0)
    said = ganvas("compare", collapsed.path, good.path)
    assert "grade: failed" in said.err
    assert "grade: usable" in said.err  # good, but for the few pictures


@pytest.mark.parametrize(
    ("condition", "code"), [("grade<usable", 7), ("duplicates>0.5", 7), ("grade<failed", 0), ("duplicates>0.9", 0)]
)
def test_fail_if_decides_the_exit_code(collapsed: Run, condition: str, code: int) -> None:
    checks = parse_conditions([condition])
    if not code:
        follow(lambda line: collapsed, checks)
        return
    with pytest.raises(typer.Exit) as end:
        follow(lambda line: collapsed, checks)
    assert end.value.exit_code == code


def test_fail_if_on_what_was_not_measured(collapsed: Run) -> None:
    with pytest.raises(UsageError, match="fd_x"):
        follow(lambda line: collapsed, parse_conditions(["fd_x>1"]))


def test_a_condition_is_read_before_training() -> None:
    spoken(2, ganvas("train", "ring", "--fail-if", "grade<2"), "not a condition", "grade<usable")
