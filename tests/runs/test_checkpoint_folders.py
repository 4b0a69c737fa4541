"""Which folders are checkpoints of ganvas, and what is never deleted."""

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ganvas.base.errors import CheckFailed, UsageError
from ganvas.runs import Run, checkpoints

OTHERS = (
    "samples-000000000416.good",
    "samples-old",
    "samples-",
    "samples-416",
    "samples-00000000041\uff16",
    "samples-0000000000416",
    "notes",
    ".writing-x",
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "run", config="", environment={})


SPEC = {
    "domain": "points",
    "shape": [2],
    "bounded": False,
    "classes": [],
    "given": {},
    "units": "",
    "dtype": "float32",
    "settings": {},
}


def save(run: Run, samples: int) -> Path:
    counts = {
        "samples_seen": samples,
        "position": samples,
        "attempt": 0,
        "turns": {},
        "micro_batches": 1,
        "processes": 1,
    }
    rollback = {"rollback_level": 0, "rollback_from": 0, "lr_scale": 1.0, "scheduled": samples, "pinned": None}
    made: dict[str, Any] = {
        "spec": SPEC,
        "data": "",
        "best": [],
        "sound": None,
        "remedies": [],
        "recipe": {"samples": samples},
    }
    state = {**counts, **rollback, **made, **dict.fromkeys(("torch", "device", "instructions"))}
    written = dict.fromkeys(checkpoints.FILES, "") | {"state.json": json.dumps(state)}
    return checkpoints.save(
        run.checkpoints, samples, {name: partial(Path.write_text, data=text) for name, text in written.items()}
    )


def test_everything_is_on_the_disk_before_the_new_name_and_the_name_after_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut after the rename finds whole files: they, and the folder that lists them, are synced before it."""
    done: list[object] = []  # inodes that were synced, and the rename
    fsync, rename = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        fsync(descriptor)
        done.append(os.fstat(descriptor).st_ino)

    def noted_rename(old: Path, new: Path) -> None:
        rename(old, new)
        done.append("renamed")

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_rename)
    path = save(run, 10)
    assert done.count("renamed") == 1
    before, after = done[: done.index("renamed")], done[done.index("renamed") :]
    files = {each.stat().st_ino for each in path.iterdir()}
    assert len(files) == len(checkpoints.FILES) + 1
    assert files <= set(before)
    assert before.index(path.stat().st_ino) > max(before.index(file) for file in files)  # renames keep inodes
    assert run.checkpoints.stat().st_ino in after


def names(run: Run) -> list[str]:
    return [path.name for path in checkpoints.newest_first(run.checkpoints)]


def test_folders_of_other_names_are_neither_counted_nor_deleted(run: Run) -> None:
    save(run, 10)
    for name in OTHERS:
        (run.checkpoints / name).mkdir()
        (run.checkpoints / name / "file").write_text("precious")
    (run.checkpoints / "samples-000000000015").write_text("a file is no checkpoint")
    (run.checkpoints / f".writing-{'0' * 32}").mkdir()
    for samples in (20, 30, 40):
        save(run, samples)
    assert names(run) == [checkpoints.checkpoint_name(40), checkpoints.checkpoint_name(30)]
    with pytest.raises(UsageError, match=r"There are: newest, 40, 30\."):
        checkpoints.open_selected(run.checkpoints, "5", checkpoints.read_state)
    checkpoints.drop_after(run.checkpoints, 30)
    assert names(run) == [checkpoints.checkpoint_name(30)]
    checkpoints.drop_after(run.checkpoints, 0)
    assert sorted(path.name for path in run.checkpoints.iterdir()) == sorted((*OTHERS, "samples-000000000015")), (
        "and what a killed writer left is gone"
    )
    assert {(run.checkpoints / name / "file").read_text() for name in OTHERS} == {"precious"}


def test_they_are_in_the_order_of_their_samples_whatever_the_length_of_the_name(run: Run) -> None:
    for samples in (999_999_999_999, 1_000_000_000_000):
        save(run, samples)
    assert names(run) == [checkpoints.checkpoint_name(1_000_000_000_000), checkpoints.checkpoint_name(999_999_999_999)]
    checkpoints.drop_after(run.checkpoints, 999_999_999_999)
    assert names(run) == [checkpoints.checkpoint_name(999_999_999_999)]


@pytest.mark.parametrize("kind", ["link", "file", "pipe"])
def test_nothing_is_saved_or_deleted_where_checkpoints_is_no_folder(kind: str, run: Run, tmp_path: Path) -> None:
    for samples in (10, 20):
        save(run, samples)
    outside = tmp_path / "outside"
    run.checkpoints.rename(outside)
    (outside / f".writing-{'0' * 32}").mkdir()
    before = sorted(path.name for path in outside.rglob("*"))
    if kind == "link":
        run.checkpoints.symlink_to(outside)
    elif kind == "file":
        run.checkpoints.write_text("")
    else:
        os.mkfifo(run.checkpoints)
    for use in (
        lambda: save(run, 30),
        lambda: checkpoints.drop_after(run.checkpoints, 0),
        lambda: names(run),
        lambda: checkpoints.newest_path(run.checkpoints),
    ):
        with pytest.raises(CheckFailed, match="checkpoints"):
            use()
    assert sorted(path.name for path in outside.rglob("*")) == before


def test_a_checkpoint_that_is_a_link_is_not_followed(run: Run, tmp_path: Path) -> None:
    outside = save(run, 10).rename(tmp_path / "outside")
    link = run.checkpoints / checkpoints.checkpoint_name(10)
    link.symlink_to(outside)
    (run.checkpoints / f".writing-{'0' * 32}").symlink_to(outside)
    with pytest.raises(CheckFailed, match=link.name):
        checkpoints.newest_path(run.checkpoints)
    with pytest.raises(OSError, match="link"):
        save(run, 10)
    for samples in (20, 30, 40):
        save(run, samples)
    assert names(run) == [checkpoints.checkpoint_name(40), checkpoints.checkpoint_name(30)]
    with pytest.raises(UsageError, match="no checkpoint '10'"):
        checkpoints.open_selected(run.checkpoints, "10", checkpoints.read_state)
    checkpoints.drop_after(run.checkpoints, 0)
    assert sorted(path.name for path in outside.iterdir()) == sorted(["MANIFEST.json", *checkpoints.FILES])


@pytest.mark.parametrize("at", ["9" * 5_000, "-1", "1.5", "²", ""])
def test_a_number_of_samples_that_is_none_is_refused(at: str, run: Run) -> None:
    save(run, 10)
    with pytest.raises(UsageError, match="There are: newest, 10"):
        checkpoints.open_selected(run.checkpoints, at, checkpoints.read_state)


def test_the_digest_of_a_pipe_or_a_link_is_not_taken(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (run.path / "link").symlink_to(run.config)
    for path, inside in ((tmp_path / "pipe", None), (Path("/dev/zero"), None), (run.path / "link", run.path)):
        with pytest.raises(OSError, match="is a "):
            checkpoints.sha256(path, inside=inside)
    assert checkpoints.sha256(run.path / "link") == checkpoints.sha256(run.config)
