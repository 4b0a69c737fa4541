import errno
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ganvas.base.errors import CheckFailed, ResourceError, UsageError
from ganvas.base.files import replace_file
from ganvas.runs import Run, Started, directory, fresh_path, read_events
from ganvas.runs.run_files import FILE_BYTES, FILES, FOLDERS

SCORE = {
    "name": "fid",
    "value": 1.0,
    "n": 10,
    "error": None,
    "real_vs_real": None,
    "lower_is_better": True,
    "protocol": {"split": "val"},
    "samples": 10,
}


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
    assert shlex.split(raised.value.hint)[-3:] == ["ganvas", "resume", str(tmp_path / "my run")]
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
    replace_file(tmp_path / "status.json", "old")

    def fail(source: Path, target: Path) -> None:
        assert Path(source).read_text() == "new"
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        replace_file(tmp_path / "status.json", "new")
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
    code = "import sys, ganvas, ganvas.runs, ganvas.runs.checkpoints; "
    code += "assert not {'torch', 'numpy', 'jaxtyping'} & sys.modules.keys()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_scores_from_before_a_rewind_are_hidden(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", config="", environment={})
    for samples in (10, 20, 30):
        run.add(Started(samples=samples, time=0.0, total=30))
        run.add_metric({**SCORE, "samples": samples, "value": float("nan")})
    run.rewind(20)
    run.add_metric({**SCORE, "samples": 30, "value": 2.0})
    assert [(record["samples"], record["value"]) for record in run.read_metrics()] == [
        (10, None),
        (20, None),
        (30, 2.0),
    ]


def test_what_a_full_disk_refuses_is_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run.create(tmp_path / "run", config="", environment={})

    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(directory, "append_line", full)
        run.add(Started(samples=1, time=0.0, total=30))
        run.status("training")
    run.add(Started(samples=2, time=0.0, total=30))
    assert [event.samples for event in read_events(run.events)] == [1, 2]


def put_in_place_of(path: Path, kind: str, outside: Path) -> None:
    """Something else where a file of a run belongs. `outside` is a file that must stay as it is."""
    outside.write_text("precious")
    path.unlink(missing_ok=True)
    if kind == "link":
        path.symlink_to(outside)
    elif kind == "link to nothing":
        path.symlink_to(outside.with_name("not there"))
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()


@pytest.mark.parametrize("kind", ["link", "link to nothing", "pipe", "folder"])
@pytest.mark.parametrize("name", FILES)
def test_a_run_with_a_link_or_a_pipe_for_a_file_is_refused(name: str, kind: str, tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    put_in_place_of(run.path / name, kind, tmp_path / "outside")
    for use in (Run.open, Run.check, lambda path: Run.create(path, config="", environment={})):
        with pytest.raises(CheckFailed, match=re.escape(name)) as raised:
            use(run.path)
        assert raised.value.exit_code == 7
    assert (tmp_path / "outside").read_text() == "precious"
    assert not (tmp_path / "not there").exists()


@pytest.mark.parametrize("name", FOLDERS)
def test_a_run_with_a_link_for_a_folder_is_refused(name: str, tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    (run.path / name).rename(tmp_path / "outside")
    (run.path / name).symlink_to(tmp_path / "outside")
    with pytest.raises(CheckFailed, match=name):
        Run.open(run.path)
    (run.path / name).unlink()
    (run.path / name).write_text("")
    with pytest.raises(CheckFailed, match=name):
        Run.open(run.path)


def test_the_folder_of_a_run_may_be_reached_through_a_link(tmp_path: Path) -> None:
    create(tmp_path / "run")
    (tmp_path / "alias").symlink_to(tmp_path / "run")
    run = Run.open(tmp_path / "alias")
    run.status("training")
    run.add(Started(samples=1, time=0.0, total=30))
    with run.exclusive_lock():
        assert run.state() == "training"
    assert len(read_events(tmp_path / "run" / "events.jsonl")) == 1
    assert (tmp_path / "run" / ".lock").is_file()


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_nothing_is_written_through_a_link_that_comes_later(kind: str, tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    for name in ("events.jsonl", "metrics.jsonl", "status.json", ".lock"):
        put_in_place_of(run.path / name, kind, tmp_path / "outside")
    run.add(Started(samples=1, time=0.0, total=30))
    run.add_metric(SCORE)
    run.status("training")  # replaced, not followed
    assert run.state() == "killed"
    assert (run.path / "status.json").is_file()
    assert not (run.path / "status.json").is_symlink()
    with pytest.raises((CheckFailed, OSError)), run.exclusive_lock():
        pytest.fail("the lock is none")
    assert (tmp_path / "outside").read_text() == "precious"
    (run.path / "events.jsonl").unlink()
    run.add(Started(samples=2, time=0.0, total=30))
    assert [event.samples for event in read_events(run.events)] == [1, 2], "what could not be written was kept"


def test_a_small_file_is_not_written_into_a_folder_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "samples").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="link"):
        replace_file(tmp_path / "run" / "samples" / "1.webp", b"picture", inside=tmp_path / "run")
    assert list((tmp_path / "outside").iterdir()) == []


def test_what_a_killed_writer_left_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("precious")
    (tmp_path / f".status.json.{os.getpid()}").symlink_to(tmp_path / "outside")
    replace_file(tmp_path / "status.json", "new")
    assert (tmp_path / "status.json").read_text() == "new"
    assert (tmp_path / "outside").read_text() == "precious"
    assert {file.name for file in tmp_path.iterdir()} == {"outside", "status.json"}


@pytest.mark.parametrize("content", [b"[1]", b"\xff", b"[" * 100_000, b'"text"', b"1" * 5_000, None])
def test_a_json_file_that_is_none_of_a_run_is_one_sentence(content: bytes | None, tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    (run.path / "status.json").write_bytes(content or b"")
    if content is None:
        os.truncate(run.path / "status.json", FILE_BYTES + 1)
    with pytest.raises(CheckFailed, match=r"status\.json"):
        run.read_json("status.json")
    assert run.state() == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"samples": "10"},
        {"samples": 1e3},
        {"samples": 10**30},
        {"name": None},
        {"value": "3"},
        {"protocol": []},
        {"lower_is_better": "yes"},
        {"n": None},
    ],
)
def test_lines_of_metrics_that_are_no_scores_are_left_out(wrong: dict[str, object], tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    for record in (SCORE, {**SCORE, **wrong}, {"samples": 10}, {"rewound_to": "x"}, {"rewound_to": None}):
        run.add_metric(record)
    assert run.read_metrics() == [SCORE]


def without_inodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no file can be made, and none grows: what is there can be written to."""
    opened = os.open

    def refuse(path: str, flags: int, *rest: object, **more: object) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return opened(path, flags, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)


def test_the_last_word_is_written_where_no_file_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(tmp_path / "run")
    run.status("training")
    facts, before = {"error": "no room " * 1_000}, (run.path / "status.json").stat()
    with monkeypatch.context() as patch:
        without_inodes(patch)
        with pytest.raises(OSError, match="No space"):
            replace_file(run.path / "other.json", "{}")
        run.status("failed", **facts)
    assert run.state() == "failed"
    after = (run.path / "status.json").stat()
    assert (after.st_ino, after.st_blocks) == (before.st_ino, before.st_blocks), "written in place, without new room"
    assert run.read_json("status.json")["error"].startswith("no room no room")
    run.status("finished")
    assert run.state() == "finished"


def test_a_dead_run_is_known_from_a_live_one_by_its_lock(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    assert run.state() == ""
    with run.exclusive_lock():
        assert run.state() == "training", "before the first word too"
        run.status("training")
        assert Run.open(run.path).state() == "training"
    assert run.state() == "killed"
    run.status("interrupted")
    assert run.state() == "interrupted"
