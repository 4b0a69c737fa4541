import json
import math
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

import ganvas
from ganvas.base.errors import CheckFailed, Diverged, ResourceError, UsageError
from ganvas.metrics.contract import Result
from ganvas.networks.mlp import Mlp
from ganvas.networks.player import Player
from ganvas.recipes import Phase, Recipe, live_trainer, override, prepare
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Event, Progress, Run, Saved, SaveFailed, Scored, Started, Stopped, checkpoints, read_events
from ganvas.runs.checkpoint_state import BestScore, read_state
from ganvas.training import BestScores, ProcessGroup, Scorer, callbacks, checkpoint
from ganvas.training.ema import Ema
from ganvas.training.optimisers import Adam
from ganvas.training.player import LivePlayer
from ganvas.training.trainer import Trainer
from processes import kill, our_parts, start

QUICK: dict[str, Any] = {"samples": 160, "saves": 4, "snapshots": 0, "scores": [], "precision": "fp32", "threads": 1}
NAMES = ("players.safetensors", "optimisers.safetensors", "game.safetensors", "state.json")


def ring(**changes: Any) -> Recipe:
    base = by_name("ring")
    return override(base, {**tiny_overrides("ring"), **QUICK, **changes})


def trainer_of(recipe: Recipe) -> Trainer:
    return live_trainer(prepare(recipe), torch.device("cpu"), ProcessGroup())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The two checkpoints of a short run."""
    ganvas.train(ring(), out=tmp_path / "run")
    return tmp_path / "run" / "checkpoints"


def flip(path: Path, place: int, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(data)


def test_two_are_kept_and_a_manifest_says_what_is_in_them(folder: Path) -> None:
    assert [path.name for path in checkpoints.newest_first(folder)] == ["samples-000000000160", "samples-000000000120"]
    assert len(list(folder.iterdir())) == checkpoints.RETAINED == 2
    newest = checkpoints.newest_path(folder)
    manifest = json.loads((newest / "MANIFEST.json").read_text())
    assert set(manifest) == set(NAMES) == {path.name for path in newest.iterdir()} - {"MANIFEST.json"}
    for name, told in manifest.items():
        assert told == {"bytes": (newest / name).stat().st_size, "sha256": checkpoints.sha256(newest / name)}


@pytest.mark.parametrize("name", [*NAMES, "MANIFEST.json"])
def test_whatever_is_damaged_the_one_before_is_taken(name: str, folder: Path) -> None:
    newest, before = checkpoints.newest_first(folder)
    whole = (newest / name).read_bytes()
    random = Random(name)
    for _ in range(100):  # one bit of any byte
        flip(newest / name, random.randrange(len(whole)), random.randrange(8))
        assert checkpoints.newest_path(folder) == before
        (newest / name).write_bytes(whole)
        assert checkpoints.newest_path(folder) == newest
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        (newest / name).write_bytes(whole[:length])
        assert checkpoints.newest_path(folder) == before
    (newest / name).write_bytes(whole + b"\0")
    assert checkpoints.newest_path(folder) == before
    (newest / name).unlink()
    assert checkpoints.newest_path(folder) == before


@pytest.mark.parametrize(
    "manifest", ["{}", "[]", "null", '{"state.json": 3}', '{"state.json": {}}', "[" * 100_000, "\xff"]
)
def test_a_manifest_that_names_nothing_vouches_for_nothing(manifest: str, folder: Path) -> None:
    newest, before = checkpoints.newest_first(folder)
    (newest / "MANIFEST.json").write_text(manifest, encoding="latin-1")
    assert checkpoints.newest_path(folder) == before


def test_all_damaged_is_said_with_names(folder: Path) -> None:
    for path in checkpoints.newest_first(folder):
        flip(path / "players.safetensors", 1000, 3)
    with pytest.raises(
        CheckFailed, match=r"samples-000000000160 is damaged: players\.safetensors; samples-000000000120 cannot"
    ) as raised:
        checkpoints.newest_path(folder)
    assert raised.value.exit_code == 7
    for use in (ganvas.load, ganvas.resume):
        with pytest.raises(CheckFailed, match="every checkpoint is damaged"):
            use(folder.parent)


def test_no_checkpoint_is_said_too(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no checkpoint yet.*stopped before its first.*ganvas resume"):
        checkpoints.newest_path(tmp_path / "checkpoints")


def test_before_the_first_checkpoint_one_is_asked_to_come_back(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", config="saves: 2", environment={})
    run.add(Started(samples=0, time=0.0, total=320))
    with (
        run.exclusive_lock(),
        pytest.raises(UsageError, match=r"\b160 samples"),
    ):
        checkpoints.newest_path(run.checkpoints)
    run.add(Progress(samples=80, time=1.0, terms={}, samples_per_second=8.0))
    with run.exclusive_lock(), pytest.raises(UsageError, match="at 160 samples, in about 10 s"):
        checkpoints.newest_path(run.checkpoints)
    with pytest.raises(UsageError, match="was stopped"):
        checkpoints.newest_path(run.checkpoints)


def test_a_damaged_last_checkpoint_costs_only_the_rounds_since_the_one_before(folder: Path) -> None:
    newest, before = checkpoints.newest_first(folder)
    whole = {name: (newest / name).read_bytes() for name in NAMES}
    flip(newest / "optimisers.safetensors", 500, 0)
    assert ganvas.load(folder.parent).sha256 == checkpoints.sha256(before / "players.safetensors")
    ganvas.resume(folder.parent)
    assert {name: (newest / name).read_bytes() for name in NAMES} == whole


def write_for_ever(folder: str) -> None:
    """In a child: checkpoints whose files must agree with each other."""
    samples = 0
    while True:
        samples += 1
        text = f"{samples} " * 20_000
        checkpoints.save(Path(folder), samples, {name: lambda path: path.write_text(text) for name in NAMES})  # noqa: B023


def test_a_writer_killed_at_any_moment_leaves_nothing_torn(tmp_path: Path) -> None:
    random = Random(0)
    torn = 0
    for _ in range(20):
        child = start(write_for_ever, str(tmp_path))
        begun, there = time.monotonic(), newest_number(tmp_path)
        while newest_number(tmp_path) in (0, there) and time.monotonic() - begun < 60:
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.02))
        kill(child)
        assert child.exitcode == -signal.SIGKILL
        torn += bool(list(tmp_path.glob(".writing-*")))
        found = checkpoints.newest_first(tmp_path)
        assert checkpoints.newest_path(tmp_path) == found[0], "what bears a checkpoint's name is whole"
        for path in found[: checkpoints.RETAINED]:  # a third was about to be deleted
            checkpoints.verify(path)
            assert {(path / name).read_text() for name in NAMES} == {f"{int(path.name[8:])} " * 20_000}
    assert torn > 3, "the kills must land in the middle of a save"


def newest_number(folder: Path) -> int:
    found = checkpoints.newest_first(folder)
    return int(found[0].name[8:]) if found else 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB, where this may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True, check=False
    ).returncode:
        pytest.skip("wants the right to mount a tmpfs")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def room(disk: Path, size: str) -> None:
    """The disk gets another size, or becomes read-only."""
    subprocess.run(["mount", "-o", f"remount,{size}", str(disk)], check=True)


def test_a_save_is_tried_again_and_works_when_there_is_room_again(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "AGAIN", 0.0)
    failed: list[int] = []

    def watch(event: Event) -> None:
        if isinstance(event, SaveFailed):
            failed.append(event.samples)
            if len(failed) == 2:
                room(small_disk, "size=64m")

    run = ganvas.train(ring(**LARGE, saves=2, samples=320), out=small_disk / "run", on_event=watch)
    assert failed == [160, 168], "asked for at the mark, and once more while the disk was full"
    saved = [event.samples for event in read_events(run.events) if isinstance(event, Saved)]
    assert saved == [176, 320]
    assert run.read_json("status.json")["state"] == "finished"


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that other users may look into, as pytest's own may not be."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


def test_a_folder_that_can_no_longer_be_written_to_is_said_and_nothing_is_lost(open_to_all: Path) -> None:
    path, user = open_to_all / "run", os.geteuid()

    def watch(event: Event) -> None:
        if isinstance(event, Saved) and event.samples == 80:
            for folder in (path, path / "checkpoints", path / "samples"):
                folder.chmod(0o555)
            if user == 0:  # who may write everywhere
                os.seteuid(65534)

    try:
        with pytest.raises(ResourceError, match="last checkpoint could not be written"):
            ganvas.train(ring(), out=path, on_event=watch)
    finally:
        os.seteuid(user)
        for folder in (path, path / "checkpoints", path / "samples"):
            folder.chmod(0o755)
    assert checkpoints.newest_path(path / "checkpoints").name == "samples-000000000080"
    assert ganvas.resume(path).read_json("status.json")["state"] == "finished"


LARGE: dict[str, Any] = {"generator.widths": [128, 128], "discriminator.widths": [128, 128]}  # 500 kB a checkpoint


@pytest.mark.parametrize("free", ["known", "unknown to the file system, as under a quota"])
def test_a_full_disk_is_said_and_training_goes_on(free: str, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if free != "known":
        monkeypatch.setattr(checkpoint, "HEADROOM", 0)
    with pytest.raises(ResourceError, match="last checkpoint could not be written"):
        ganvas.train(ring(**LARGE), out=small_disk / "run")
    run = Run.open(small_disk / "run")
    failed = [event for event in read_events(run.events) if isinstance(event, SaveFailed)]
    assert [event.samples for event in failed] == [40, 80, 120, 160, 160], "once more at the end"
    assert isinstance(read_events(run.events)[-1], Stopped)
    assert not list(run.checkpoints.iterdir()), "nothing half written"


def test_a_save_that_fails_leaves_the_older_ones_and_the_next_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, calls = os.replace, []

    def full(source: Path, target: Path) -> None:
        if Path(target).name.startswith("samples-"):
            calls.append(target)
            if len(calls) in (2, 3):
                raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    run = ganvas.train(ring(), out=tmp_path / "run")
    failed = [event for event in read_events(run.events) if isinstance(event, SaveFailed)]
    assert [event.samples for event in failed] == [80, 120]
    assert "No space left" in failed[0].error
    assert [path.name for path in checkpoints.newest_first(run.checkpoints)] == [
        "samples-000000000160",
        "samples-000000000040",
    ]
    assert not list(run.checkpoints.glob(".*"))


def test_weights_that_are_not_finite_are_never_saved(tmp_path: Path) -> None:
    trainer = trainer_of(ring())
    trainer.round()
    checkpoint.save_checkpoint(trainer, tmp_path, {})
    with torch.no_grad():
        trainer.players["G"].parameters[0].view(-1)[3] = float("nan")
    with pytest.raises(Diverged, match="weights are not finite: G") as raised:
        checkpoint.save_checkpoint(trainer, tmp_path, {})
    assert raised.value.exit_code == 6
    assert [path.name for path in tmp_path.iterdir()] == ["samples-000000000008"]


def test_a_run_that_diverges_stops_with_its_good_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play = Trainer.round

    def poisoned(trainer: Trainer) -> None:
        play(trainer)
        if trainer.samples_seen == 96:
            trainer.players["D"].parameters[0].data.fill_(float("inf"))

    monkeypatch.setattr(Trainer, "round", poisoned)
    with pytest.raises(Diverged):
        ganvas.train(ring(), out=tmp_path / "run")
    last = read_events(tmp_path / "run" / "events.jsonl")[-1]
    assert isinstance(last, Stopped)
    assert last.reason == "failed"
    assert "not finite" in last.notes["error"]
    assert json.loads((tmp_path / "run" / "status.json").read_text())["state"] == "failed"
    assert checkpoints.newest_path(tmp_path / "run" / "checkpoints").name == "samples-000000000080"


class Odd(nn.Module):
    """Weights of every kind that a file may find hard: channels_last, of no elements, of no axes, of one number, whole
    numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 5, 3)
        self.empty = nn.Parameter(torch.empty(0, 3))
        self.scalar = nn.Parameter(torch.tensor(1.5))
        self.one = nn.Parameter(torch.tensor([2.5]))
        self.tiny = nn.Parameter(torch.tensor([1e-45, -0.0, 3.4e38, 0.1]))
        self.norm = nn.BatchNorm2d(5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h: torch.Tensor = self.norm(self.convolution(x))
        return h.square().sum() * self.scalar * self.one.sum() + (self.tiny * torch.arange(4)).sum()


def test_every_kind_of_tensor_comes_back_bit_for_bit(tmp_path: Path) -> None:
    described = Player(Mlp(), Adam(lr=1e-3), ema=Ema(ramp=1.0))  # the network is given live
    torch.manual_seed(0)
    player, twin = LivePlayer(described, Odd()), LivePlayer(described, Odd())
    network: Any = player.network
    assert network.convolution.weight.is_contiguous(memory_format=torch.channels_last)
    x = torch.randn(4, 3, 6, 6)

    def step(each: LivePlayer, seen: int) -> None:
        each.network(x).backward()
        each.step(described, samples_seen=seen, total=100, passed=4)

    for seen in (0, 4, 8):
        step(player, seen)
    checkpoint.write_tensors(player.weights(), tmp_path / "players.safetensors")
    checkpoint.write_tensors(player.memory(), tmp_path / "optimisers.safetensors")
    twin.restore(*(load_file(tmp_path / f"{name}.safetensors") for name in ("players", "optimisers")))
    for more in (12, 16):
        for mine, theirs in ((player.weights(), twin.weights()), (player.memory(), twin.memory())):
            assert mine.keys() == theirs.keys()
            for name, value in mine.items():
                other = theirs[name]
                assert value.dtype == other.dtype, name
                assert value.stride() == other.stride(), name
                assert bits(value) == bits(other), name
        step(player, more)
        step(twin, more)


def bits(value: torch.Tensor) -> bytes:
    return value.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    checkpoint.save_checkpoint(trainer_of(ring()), tmp_path, {})
    for changes, match in (
        ({"generator.widths": [9]}, "is F32 \\[8"),
        ({"generator.widths": [8, 8]}, "does not fit the recipe"),
        ({"G.ema": None}, "ema"),
    ):
        with pytest.raises(CheckFailed, match=match):
            checkpoint.load_checkpoint(trainer_of(ring(**changes)), checkpoints.newest_path(tmp_path))


def test_other_data_are_refused(tmp_path: Path) -> None:
    with our_parts():
        base = by_name("gan")
        recipe = override(base, {**tiny_overrides("gan"), **QUICK, "source": {"kind": "Blobs", "count": 64}})
        run = ganvas.train(recipe, out=tmp_path / "run")
        run.config.write_text(run.config.read_text().replace("count: 64", "count: 65"))
        with pytest.raises(Exception, match="the data are not those") as raised:
            ganvas.resume(run.path)
    assert raised.value.exit_code == 3  # type: ignore[attr-defined]


def test_a_changed_recipe_is_refused_with_what_differs(tmp_path: Path) -> None:
    run = ganvas.train(ring(), out=tmp_path / "run")
    text = run.config.read_text()
    run.config.write_text(text.replace("start: 0.002", "start: 0.003", 1))
    with pytest.raises(
        UsageError, match=r"the recipe is not that of the checkpoint: G\.optimiser\.lr\.start is 0\.003, and was 0\.002"
    ) as raised:
        ganvas.resume(run.path)
    assert raised.value.exit_code == 2
    run.config.write_text(text.replace("kind: R1", "kind: R2", 1))
    with pytest.raises(UsageError, match=r"game\.penalties\.0 is R2, and was R1"):
        ganvas.resume(run.path)
    run.config.write_text(text.replace("saves: 4", "saves: 3"))
    ganvas.resume(run.path)


def test_a_run_can_be_made_longer_and_says_so(tmp_path: Path) -> None:
    run = ganvas.train(ring(scores=[{"kind": "ModeCoverage", "n": 100}]), out=tmp_path / "run", test=True)
    run.config.write_text(run.config.read_text().replace("samples: 160\n", "samples: 240\n"))
    ganvas.resume(run.path)
    assert checkpoints.newest_path(run.checkpoints).name == "samples-000000000240"
    started = [event for event in read_events(run.events) if isinstance(event, Started)][-1]
    assert started.notes.startswith("samples is 240, and was 160")
    tests = [event.samples for event in read_events(run.events) if isinstance(event, Scored) and event.split == "test"]
    assert tests == [160, 240]


def test_another_torch_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ganvas.train(ring(), out=tmp_path / "run")
    monkeypatch.setattr(torch, "__version__", "3.0.0")
    ganvas.resume(run.path)
    started = [event for event in read_events(run.events) if isinstance(event, Started)][-1]
    assert "torch is 3.0.0, and was 2." in started.notes


def test_the_best_is_kept_and_can_be_used(tmp_path: Path) -> None:
    """Learning rates that turn good players into bad ones: the best lies far back."""
    base = by_name("ring")
    changes = {
        **QUICK,
        "samples": 80_000,
        "saves": 10,
        "scores": [{"kind": "ModeCoverage", "n": 500}],
        "scorings": 10,
        "snapshots": 0,
        "remedies": 0,
    }
    recipe = override(
        base, {**changes, "generator.widths": [32, 32], "discriminator.widths": [32, 32], "batch_samples": 200}
    )
    spoilt = (Phase(samples=1), Phase(samples=1, changes={"G.optimiser.lr": 0.3}))
    run = ganvas.train(replace(recipe, phases=spoilt), out=tmp_path / "run")
    newest = checkpoints.newest_path(run.checkpoints)
    (best, *_) = read_state(newest).best
    scores = {
        event.samples: event.scores[best.name]
        for event in read_events(run.events)
        if isinstance(event, Scored) and event.split == "val"
    }
    assert best.value == max(scores.values()) == scores[best.samples]
    assert best.samples <= 40_000 < 80_000
    kept = [int(path.name[8:]) for path in checkpoints.newest_first(run.checkpoints)]
    assert {80_000, 72_000, best.samples} <= set(kept)
    assert len(kept) <= 4  # the newest sound one too
    model, last = ganvas.load(run.path, at="best"), ganvas.load(run.path, at="newest")
    assert (
        model.sha256
        == checkpoints.sha256(run.checkpoints / checkpoints.checkpoint_name(best.samples) / "players.safetensors")
        != last.sha256
    )
    assert ganvas.load(run.path, at="72000").sha256 not in (model.sha256, last.sha256)
    with pytest.raises(UsageError, match=r"no checkpoint '7'.*newest, best, 80000, 72000"):
        ganvas.load(run.path, at="7")


def test_a_score_without_a_better_has_no_best() -> None:
    best = BestScores()

    def result(name: str, value: float, lower: bool | None) -> Result:
        return Result(name=name, value=value, error=0.0, n=1, protocol={}, lower_is_better=lower)

    def noted(*results: Result, at: int, written: bool = True) -> bool:
        found = best.record(results, ("modes", "distance", "neither"), at)
        best.commit(written)
        return found

    assert noted(result("modes", 3.0, False), result("beside", 9.0, False), at=10)
    assert not noted(result("modes", 3.0, False), at=20), "as good is not better"
    assert not noted(result("modes", math.nan, False), result("neither", 9.0, None), at=30)
    assert noted(result("modes", 2.0, False), result("distance", 5.0, True), at=40)
    assert noted(result("distance", 4.0, True), at=50)
    assert noted(result("distance", 3.0, True), at=60, written=False)
    assert best.samples == {10, 50}, "the checkpoint at 60 does not exist"
    late = BestScores()
    late.record([result("modes", math.nan, False), result("distance", 5.0, True)], ("modes", "distance"), 10)
    late.commit(written=True)
    late.record([result("modes", 3.0, False), result("distance", 6.0, True)], ("modes", "distance"), 20)
    assert [mark["name"] for mark in late.to_json()] == ["modes", "distance"], "the first metric's first"
    twin = BestScores()
    twin.restore(BestScore(**mark) for mark in json.loads(json.dumps(best.to_json())))
    assert twin.scores == best.scores


def test_a_best_checkpoint_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([1.0, 2.0, 3.0, 1.0])

    def scored(scorer: Scorer, networks: Any) -> tuple[Result, ...]:
        scorer.headlines["modes"] = None
        return (Result("modes", next(scores, 0.0), 100, lower_is_better=False, protocol={"split": scorer.split}),)

    monkeypatch.setattr(Scorer, "score", scored)
    change, full = os.replace, [0]

    def refused(source: Path, target: Path) -> None:
        if Path(target).name == checkpoints.checkpoint_name(120):
            full[0] += 1
            raise OSError(28, "No space left on device")
        change(source, target)

    monkeypatch.setattr(os, "replace", refused)
    run = ganvas.train(ring(scores=[{"kind": "ModeCoverage", "n": 100}], scorings=4), out=tmp_path / "run")
    assert full[0]
    assert (run.checkpoints / checkpoints.checkpoint_name(80)).is_dir()
    assert ganvas.load(run.path, at="best").sha256 == checkpoints.sha256(
        run.checkpoints / checkpoints.checkpoint_name(80) / "players.safetensors"
    )


def test_a_name_of_no_checkpoint_is_refused(folder: Path) -> None:
    for at in ("bset", "-1", "1e3", ""):
        with pytest.raises(UsageError, match=f"no checkpoint '{at}'"):
            ganvas.load(folder.parent, at=at)
