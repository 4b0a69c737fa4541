import json
import subprocess
import sys
from pathlib import Path

import pytest

from ganvas.runs import Run, Started
from ganvas.runs.events import event_line
from health import ILL, TOTAL, looks
from speaking import ganvas, spoken


def a_run(path: Path, name: str | None) -> Path:
    path.mkdir()
    (path / "config.yaml").write_text("D: {optimiser: {lr: 0.5}}\ngame: {n_critic: 1}\n")
    series = looks(ILL[name]) if name else looks()
    (path / "events.jsonl").write_text("".join(map(event_line, [Started(0, 0.0, TOTAL), *series])))
    return path


def test_a_healthy_run(tmp_path: Path) -> None:
    said = ganvas("doctor", a_run(tmp_path / "run", None), "--strict")
    assert said.code == 0
    assert said.out.startswith("healthy\n")


def test_an_ill_run(tmp_path: Path) -> None:
    run = a_run(tmp_path / "run", "discriminator too strong")
    said = ganvas("doctor", run)
    assert said.code == 0
    assert "discriminator too strong\n  D puts 100% of held-out reals above fakes" in said.out
    assert "Likely: D learns faster than G" in said.out
    assert "Try:    D.optimiser.lr=0.25" in said.out
    assert ganvas("doctor", run, "--strict").code == 7
    told = json.loads(ganvas("doctor", run, "--json").out)
    assert [set(each) for each in told] == [{"name", "severity", "message", "cause", "remedy", "since"}]


def test_without_a_readable_configuration_there_is_no_remedy(tmp_path: Path) -> None:
    run = a_run(tmp_path / "run", "divergence")
    (run / "config.yaml").write_text("[: not yaml")
    found = json.loads(ganvas("doctor", run, "--json").out)
    assert [each["remedy"] for each in found] == [""] * len(found)
    assert found


def test_a_slow_loader_is_no_failure(tmp_path: Path) -> None:
    assert ganvas("doctor", a_run(tmp_path / "run", "loader-bound"), "--strict").code == 0


def test_where_there_is_nothing_to_say(tmp_path: Path) -> None:
    spoken(2, ganvas("doctor", tmp_path / "nowhere"), "there is no run here")
    run = tmp_path / "run"
    run.mkdir()
    (run / "config.yaml").write_text("{}")
    spoken(7, ganvas("doctor", run), "diagnoses=0")
    assert Run(run).read_metrics() == []


@pytest.mark.parametrize("words", [["doctor", "--help"], ["doctor", "RUN"]])
def test_the_doctor_needs_no_torch(words: list[str], tmp_path: Path) -> None:
    run = a_run(tmp_path / "run", None)
    program = f"import sys; sys.argv = ['ganvas', *{[str(run) if word == 'RUN' else word for word in words]!r}]\n"
    program += "from ganvas.cli.main import main\ntry:\n    main()\nfinally:\n    print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("False")
