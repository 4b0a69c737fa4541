import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ganvas.base.errors import CheckFailed, ResourceError, UsageError
from ganvas.runs import Run, Started, directory, fresh_path, read
from ganvas.runs.directory import write


def create(path: Path) -> Run:
    return Run.create(path, config="kind: Recipe\n", environment={"torch": "2"})


def test_a_new_run_has_its_files(tmp_path: Path) -> None:
    run = create(tmp_path / "deep" / "run")
    assert run.config.read_text() == "kind: Recipe\n"
    assert run.read_json("environment.json") == {"torch": "2"}
    assert run.samples.is_dir()
    assert run.checkpoints.is_dir()
    assert Run.open(run.path).path == run.path
    run.status("training", samples=3)
    assert {"state": "training", "samples": 3, "pid": os.getpid()}.items() <= run.read_json("status.json").items()
    assert not list(run.path.glob(".*")), "no temporary file is left"


def test_an_existing_run_is_never_overwritten(tmp_path: Path) -> None:
    create(tmp_path / "my run")
    with pytest.raises(UsageError, match="there is a run already") as raised:
        Run.create(tmp_path / "my run", config="other", environment={})
    assert raised.value.exit_code == 2
    assert shlex.split(raised.value.mend)[-3:] == ["ganvas", "resume", str(tmp_path / "my run")]
    assert (tmp_path / "my run" / "config.yaml").read_text() == "kind: Recipe\n"


def test_a_near_name_is_suggested(tmp_path: Path) -> None:
    create(tmp_path / "mnist_7f3a")
    (tmp_path / "mnist_7f3b").mkdir()  # a folder, but no run
    with pytest.raises(UsageError, match="Did you mean 'mnist_7f3a'") as raised:
        Run.open(tmp_path / "mnist_7f3")
    assert raised.value.exit_code == 2
    with pytest.raises(UsageError, match="there is no run here"):
        Run.open(tmp_path / "quite" / "elsewhere")
    with pytest.raises(UsageError, match="Name the folder"):
        Run.open(tmp_path / "zzzzzz")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot write") as raised:
        create(tmp_path / "file" / "run")
    assert raised.value.exit_code == 5


def test_a_json_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    with pytest.raises(CheckFailed, match=r"cannot read status\.json"):
        run.read_json("status.json")
    (run.path / "status.json").write_text("{")
    with pytest.raises(CheckFailed, match=r"cannot read status\.json"):
        run.read_json("status.json")


def test_small_files_are_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "status.json", "old")

    def fail(source: Path, target: Path) -> None:
        assert Path(source).read_text() == "new"
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "status.json", "new")
    assert (tmp_path / "status.json").read_text() == "old"


def test_scores_are_appended_with_their_protocol(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    run.add_metric({"name": "fid", "value": 3.0})
    run.metrics.write_bytes(run.metrics.read_bytes() + b'{"name": "to')  # torn by a crash
    run.add_metric({"name": "fid", "value": 2.0})
    lines = run.metrics.read_text().splitlines()
    assert [json.loads(lines[place])["value"] for place in (0, 2)] == [3.0, 2.0]


def test_fresh_paths_sort_by_time_and_do_not_collide(tmp_path: Path) -> None:
    paths = {fresh_path(tmp_path, "gan/non saturating") for _ in range(20)}
    assert len(paths) > 15
    for path in paths:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d{4}_gan-non-saturating_[0-9a-f]{4}", path.name)


def test_reading_a_run_needs_no_torch() -> None:
    code = "import sys, ganvas, ganvas.runs, ganvas.runs.checkpoints; assert not {'torch', 'numpy', 'jaxtyping'} & sys.modules.keys()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_scores_from_before_a_rewind_are_hidden(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", config="", environment={})
    for samples in (10, 20, 30):
        run.add(Started(samples=samples, time=0.0, total=30))
        run.add_metric({"samples": samples, "value": float("nan")})
    run.rewind(20)
    run.add_metric({"samples": 30, "value": 2.0})
    assert [(record["samples"], record["value"]) for record in run.read_metrics()] == [(10, None), (20, None), (30, 2.0)]


def test_what_a_full_disk_refuses_is_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run.create(tmp_path / "run", config="", environment={})

    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(directory, "append", full)
        run.add(Started(samples=1, time=0.0, total=30))
        run.status("training")
    run.add(Started(samples=2, time=0.0, total=30))
    assert [event.samples for event in read(run.events)] == [1, 2]
