"""A run that came from somebody else: links, pipes and odd folders in the place of its files, by every command that
reads a run.
"""

import json
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

import ganvas as package
from ganvas.base.errors import CheckFailed
from ganvas.recipes import override
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import mark_of, save_picture
from ganvas.runs.run_files import FILES
from speaking import Said, ganvas, spoken

QUICK = {"samples": 160, "saves": 4, "snapshots": 1, "scores": [], "precision": "fp32", "threads": 1}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = by_name("ring")
    return package.train(
        override(base, {**tiny_overrides("ring"), **QUICK}), out=tmp_path_factory.mktemp("runs") / "run"
    ).path


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "run"))


COMMANDS = ("resume", "sample", "doctor", "eval", "compare", "init", "verify", "human")


def asked(command: str, run: Path) -> Said:
    """One of the commands that read a run."""
    beside = run.parent
    words: dict[str, list[str | Path]] = {
        "resume": ["resume", run],
        "sample": ["sample", run, "-o", beside / "grid.png"],
        "doctor": ["doctor", run],
        "eval": ["eval", run],
        "compare": ["compare", run, run],
        "init": ["train", "ring", "--init-from", run, "-o", beside / "new"],
        "verify": ["verify", marked(beside / "picture.png"), "--run", run],
        "human": ["eval", "human", run, "--no-browser"],
    }
    return ganvas(*words[command])


def marked(path: Path) -> Path:
    save_picture(Image.new("L", (8, 8)), path, mark_of("0" * 64, 1))
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_refuses_a_lock_that_is_a_link(command: str, run: Path) -> None:
    (run.parent / "outside").write_text("precious")
    (run / ".lock").unlink()
    (run / ".lock").symlink_to(run.parent / "outside")
    spoken(7, asked(command, run), ".lock", "link")
    assert (run.parent / "outside").read_text() == "precious"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_refuses_a_pipe_and_does_not_wait_for_it(command: str, run: Path) -> None:
    (run / "environment.json").unlink()
    os.mkfifo(run / "environment.json")
    spoken(7, asked(command, run), "environment.json", "pipe")


@pytest.mark.parametrize("name", FILES)
def test_the_doctor_refuses_a_link_to_a_device(name: str, run: Path) -> None:
    (run / name).unlink(missing_ok=True)
    (run / name).symlink_to("/dev/zero")
    said = ganvas("doctor", run)
    spoken(7, said, name)


def test_a_resume_writes_no_preview_and_deletes_no_checkpoint_outside(run: Path, tmp_path: Path) -> None:
    for name in ("samples", "checkpoints"):
        outside = (run / name).rename(tmp_path / name)
        before = sorted(path.name for path in outside.rglob("*"))
        (run / name).symlink_to(outside)
        (run / "config.yaml").write_text((run / "config.yaml").read_text().replace("samples: 160", "samples: 320"))
        spoken(7, ganvas("resume", run), name, "link")
        assert sorted(path.name for path in outside.rglob("*")) == before
        (run / name).unlink()
        outside.rename(run / name)


def test_a_preview_is_not_written_through_a_link(run: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("precious")
    (run / "samples" / "000000000320.webp").symlink_to(tmp_path / "outside")
    (run / "config.yaml").write_text((run / "config.yaml").read_text().replace("samples: 160", "samples: 320"))
    assert ganvas("resume", run).code == 0
    assert (tmp_path / "outside").read_text() == "precious"
    assert (run / "samples" / "000000000320.webp").read_bytes()[8:12] == b"WEBP"


def test_a_folder_of_ones_own_among_the_checkpoints_stays(run: Path) -> None:
    newest = run / "checkpoints" / "samples-000000000160"
    good = Path(shutil.copytree(newest, newest.with_name(f"{newest.name}.good")))
    (run / "checkpoints" / "samples-old").mkdir()
    spoken(2, ganvas("sample", run, "--at", "7", "-o", run.parent / "grid.png"), "newest", "160", "120.")
    (run / "config.yaml").write_text((run / "config.yaml").read_text().replace("samples: 160", "samples: 480"))
    assert ganvas("resume", run).code == 0
    assert sorted(path.name for path in good.iterdir()) == sorted(
        path.name for path in (run / "checkpoints" / "samples-000000000480").iterdir()
    )
    assert (run / "checkpoints" / "samples-old").is_dir()
    assert not newest.exists()


def test_a_pipe_among_the_weights_does_not_hold_up_verify(run: Path, tmp_path: Path) -> None:
    weights = run / "checkpoints" / "samples-000000000160" / "players.safetensors"
    weights.unlink()
    os.mkfifo(weights)
    spoken(7, asked("verify", run), "players.safetensors", "pipe")
    weights.unlink()
    weights.symlink_to(tmp_path / "picture.png")
    spoken(7, asked("verify", run), "players.safetensors", "link")


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "large"])
def test_an_evaluation_that_is_no_file_of_the_run_is_not_read(kind: str, run: Path, tmp_path: Path) -> None:
    file = run / "evaluation-test.json"
    (tmp_path / "outside").write_text("[]")
    if kind == "link":
        file.symlink_to(tmp_path / "outside")
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    else:
        file.touch()
        os.truncate(file, 2**40)
    spoken(3, ganvas("compare", run, run), "evaluation-test.json")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"results": [{"name": 1}]}', '{"results": 3}', '{"results": [], "scored": 3}', '{"results": [3]}'],
)
def test_an_evaluation_of_another_form_is_one_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(text)
    spoken(3, ganvas("compare", tmp_path / "one.json", tmp_path / "one.json"), "one.json")


@pytest.mark.parametrize("processes", [100_000, "2", None, 2.0, True, [2]])
def test_a_run_cannot_ask_for_any_number_of_processes(processes: object, run: Path) -> None:
    (run / "environment.json").write_text(json.dumps({"processes": processes}))
    spoken(7, ganvas("resume", run), "environment.json", "--processes")


def test_the_doctor_says_that_a_run_is_dead(run: Path) -> None:
    assert "ended early" not in ganvas("doctor", run).out
    (run / "status.json").write_text(json.dumps({"state": "training"}))
    said = ganvas("doctor", run)
    assert said.out.startswith("ended early")
    assert f"ganvas resume {run}" in said.out
    assert ganvas("doctor", run, "--strict").code == 7
    with package.runs.Run.open(run).exclusive_lock():
        assert "ended early" not in ganvas("doctor", run).out
    (run / "status.json").write_text(json.dumps({"state": "failed", "error": "the disk is full"}))
    assert "the disk is full" in ganvas("doctor", run).out


def test_python_is_told_in_the_same_way(run: Path) -> None:
    (run / "checkpoints").rename(run.parent / "outside")
    (run / "checkpoints").symlink_to(run.parent / "outside")
    with pytest.raises(CheckFailed, match="checkpoints"):
        package.load(run)
