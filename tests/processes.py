"""Runs in processes of their own, forked from a server that has imported torch once, so that killing many of them
costs little.
"""

import hashlib
import json
import math
import mmap
import multiprocessing
import os
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import numpy as np
import torch
import torch.distributed as dist
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

import ganvas
from ganvas.base.draws import Draws, uniform_rows
from ganvas.base.play import Play
from ganvas.base.types import Batch, Spec, Term
from ganvas.data.mnist import Mnist
from ganvas.data.source import Items, Split
from ganvas.games.contract import Terms
from ganvas.games.synthesis import Synthesis
from ganvas.recipes import Recipe, from_yaml, live_trainer, override, prepare, to_yaml
from ganvas.recipes import recipe as by_name
from ganvas.recipes.discover import parts
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import checkpoints
from ganvas.training import ProcessGroup, Rewind, Trainer
from ganvas.training.player import LivePlayer
from ganvas.training.state import state_tensors

PATIENCE = 60.0  # seconds until a child counts as hung
BRAKE = 0.002  # seconds slept after each round and before each fsync, so that a busy machine still kills in time


@dataclass(frozen=True)
class Blobs:
    """Small grey pictures of noise whose brightness tells the class: cheap where MNIST would have to be unpacked and
    hashed.
    """

    count: int = 256
    side: int = 28
    seed: int = 0

    def items(self, split: Split) -> Items:
        n = self.count if split == "train" else 100
        y = np.arange(n) % 10
        u = uniform_rows((self.seed, "blobs", split), range(n), self.side**2).reshape(n, self.side, self.side, 1)
        return Items(x=(u * (25 * y[:, None, None, None] + 25)).astype(np.uint8), y=y, classes=tuple("0123456789"))


class Tally(nn.Module):
    """What a game may remember: how many turns were played, and how D's loss went."""

    turns: Tensor
    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("turns", torch.zeros((), dtype=torch.int64))
        self.register_buffer("mean", torch.ones(()))


@dataclass(frozen=True)
class Tallied(Synthesis):
    """Synthesis in which D's loss is divided by its running mean: a state that is forgotten changes the weights."""

    def state(self, spec: Spec) -> nn.Module | None:
        return Tally()

    def after_turn(
        self, state: nn.Module, turn: str, stats: Mapping[str, float], recorded: Mapping[str, Tensor]
    ) -> None:
        assert isinstance(state, Tally)
        state.turns += 1
        if turn == "discriminator":
            state.mean.lerp_(torch.tensor(stats["adversarial"]), 0.1)

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        assert isinstance(play.state, Tally)
        terms = super().discriminator_turn(play, batch, draws)
        side = batch.given["side"].abs().mean() if "side" in batch.given else 1.0
        weight = float(side / (play.state.mean + 0.01 * play.state.turns))
        return {name: Term(term.value, weight) for name, term in terms.items()}


@dataclass(frozen=True)
class Faulty(Synthesis):
    """Synthesis in which D's loss is not a number after `at` samples, in the first `attempts` attempts.

    With `once`, only the first time ever.

    After the first attempt it breaks when `later` samples were seen, if that is more.
    """

    at: int = 80
    later: int = 0
    attempts: int = 99
    once: bool = False
    struck: ClassVar[list[int]] = []

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        terms = super().discriminator_turn(play, batch, draws)
        attempt, seen = int(str(draws.key[1])), int(str(draws.key[4]))
        if (
            seen < (max(self.at, self.later) if attempt else self.at)
            or attempt >= self.attempts
            or (self.once and self.struck)
        ):
            return terms
        self.struck.append(seen)
        return {name: Term(term.value * math.nan, term.weight) for name, term in terms.items()}


@dataclass(frozen=True)
class Greedy(Synthesis):
    """Synthesis for which memory runs out where more than `rows` samples come at a time."""

    rows: int = 2

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        terms = super().discriminator_turn(play, batch, draws)
        if len(batch.x) > self.rows:
            terms["adversarial"].value.mean().backward()  # so that there is a gradient to forget
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB")
        return terms


OURS: tuple[type, ...] = (Blobs, Tallied, Faulty, Greedy)


@contextmanager
def our_parts() -> Iterator[None]:
    """Recipes may name the parts above; other tests never see them."""
    new = {part.__name__: part for part in OURS if part.__name__ not in parts()}
    parts().update(new)
    try:
        yield
    finally:
        for name in new:
            parts().pop(name)


class Watch:
    """What a child tells its parent without a message: rounds played, checkpoints begun, whether one is being written
    now.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(24))
        with path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 24)

    def get(self) -> tuple[int, int, int]:
        rounds, begun, writing = struct.unpack("qqq", self.memory[:24])
        return rounds, begun, writing

    def put(self, place: int, value: int) -> None:
        self.memory[8 * place : 8 * place + 8] = struct.pack("q", value)

    def clear(self) -> None:
        self.memory[:24] = bytes(24)


def watched(watch: Watch) -> None:
    """In a child: tell the parent where training stands, and go a little slower."""
    run, play, save, sync = Trainer.run, Trainer.round, checkpoints.save, checkpoints.fsync_path
    begun: list[Trainer] = []  # a rehearsal plays rounds too, and is no training

    def run_(trainer: Trainer, *arguments: Any) -> str | Rewind:
        begun.append(trainer)
        return run(trainer, *arguments)

    def round_(trainer: Trainer) -> None:
        play(trainer)
        if trainer in begun:
            watch.put(0, watch.get()[0] + 1)
            time.sleep(BRAKE)

    def save_(*arguments: Any) -> Path:
        watch.put(1, watch.get()[1] + 1)
        watch.put(2, 1)
        try:
            return save(*arguments)
        finally:
            watch.put(2, 0)

    def sync_(path: Path) -> None:
        time.sleep(BRAKE)
        sync(path)

    Trainer.run = run_  # type: ignore[method-assign, assignment]
    Trainer.round = round_  # type: ignore[method-assign, assignment]
    checkpoints.save = save_  # type: ignore[assignment]
    checkpoints.fsync_path = sync_


def run_child(text: str | None, path: str, watch: str | None, environment: Mapping[str, str]) -> None:
    """Train the recipe of a YAML text, or resume what is there."""
    os.environ.update(environment)
    torch.set_num_threads(1)
    if watch is not None:
        watched(Watch(Path(watch)))
    with told(Path(f"{path}.error")), our_parts():
        if text is None:
            ganvas.resume(path)
        else:
            ganvas.train(from_yaml(text), out=path)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """A child's traceback goes into a file that the parent can show."""
    try:
        yield
    except BaseException:
        path.write_text(traceback.format_exc())
        sys.exit(1)


def start(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A child that calls `target`; the server is started with the first."""
    context = multiprocessing.get_context("forkserver")
    # torch.optim imports torch._dynamo at its first use, which takes longer than all of a tiny run
    context.set_forkserver_preload(["pytest", "torch._dynamo", "ganvas.sessions.train", "processes"])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(Path(__file__).parent), *([before] if before else [])]
    )  # the server looks nowhere else
    try:
        child = context.Process(target=target, args=arguments, daemon=True)
        child.start()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return child


def train_apart(recipe: Recipe | None, path: Path, watch: Path | None = None, **environment: str) -> BaseProcess:
    """A child that trains a recipe, or (None) resumes the run at `path`."""
    return start(
        run_child,
        None if recipe is None else to_yaml(recipe),
        str(path),
        None if watch is None else str(watch),
        environment,
    )


def finish(child: BaseProcess, path: Path, cases: int = 1) -> None:
    """Wait for a child that plays so many cases and must end well."""
    child.join(PATIENCE * cases)
    assert child.exitcode == 0, ended(child, path)


def ended(child: BaseProcess, path: Path) -> str:
    """How a child ended, its traceback first."""
    error = Path(f"{path}.error")
    return (error.read_text() if error.exists() else "") + f"exit code {child.exitcode}"


def kill(child: BaseProcess, number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to a child of ours and wait for its end."""
    assert child.pid is not None
    with suppress(ProcessLookupError):  # it has ended by itself, which its exit code tells
        os.kill(child.pid, number)
    child.join(PATIENCE)


@dataclass(frozen=True)
class Kill:
    """Where a kill landed."""

    rounds: int
    saving: bool


def train_and_kill(recipe: Recipe, path: Path, *, kills: int, random: Random) -> list[Kill]:
    """Train to the end through `kills` SIGKILLs at random moments: in the first rounds after a start, later, and while
    a checkpoint is written.
    """
    watch_file = path.with_name(f"{path.name}.watch")
    watch = Watch(watch_file)
    landed: list[Kill] = []
    while len(landed) < kills:
        watch.clear()
        child = train_apart(None if (path / "config.yaml").exists() else recipe, path, watch_file)
        rounds = random.randint(1, max(1, rounds_left(recipe, path) // 2))
        in_save = len(landed) % 2 == 1
        nth = 1 if checkpoints.newest_first(path / "checkpoints") else 2  # so that there is one to go on from
        begun = time.monotonic()
        while child.is_alive() and time.monotonic() - begun < PATIENCE:
            now = watch.get()
            if (now[1] >= nth and now[2]) if in_save else now[0] >= rounds:
                break
            time.sleep(0.0005)
        time.sleep(random.uniform(0, 0.015 if in_save else 0.01))
        kill(child)
        assert child.exitcode == -signal.SIGKILL, ended(child, path)
        landed.append(Kill(*(watch.get()[0], bool(watch.get()[2]))))
    finish(train_apart(None, path), path)
    return landed


def rounds_left(recipe: Recipe, path: Path) -> int:
    """From the newest checkpoint on."""
    found = checkpoints.newest_first(path / "checkpoints")
    seen = int(found[0].name.removeprefix("samples-")) if found else 0
    return (recipe.samples - seen) // recipe.batch_samples


def digests(path: Path) -> dict[str, str]:
    """SHA-256 of every tensor of a run's last checkpoint, and of its state.json."""
    last = checkpoints.newest_path(path / "checkpoints")
    found = {"state.json": checkpoints.sha256(last / "state.json"), "name": last.name}
    for file in ("players", "optimisers", "game"):
        with safe_open(last / f"{file}.safetensors", "pt") as file_tensors:
            for name in file_tensors.keys():  # noqa: SIM118  # not a dict
                value = file_tensors.get_tensor(name)
                raw = value.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
                found[f"{file}: {name}"] = hashlib.sha256(
                    f"{value.dtype} {list(value.shape)}".encode() + raw
                ).hexdigest()
    return found


def state_of(path: Path) -> dict[str, Any]:
    """status.json."""
    status: dict[str, Any] = json.loads((path / "status.json").read_text())
    return status


@contextmanager
def in_float64() -> Iterator[None]:
    """Networks, draws and (with `widen`) batches in double precision: what is left of two orders of a sum is 1e-16,
    which Adam cannot turn into a step.
    """
    tensor = Draws._tensor

    def double(self: Draws, values: np.ndarray[Any, np.dtype[np.float64]], shape: tuple[int, ...]) -> Tensor:
        return torch.from_numpy(values.copy()).view(len(self.rows), *shape)

    single = Tensor.float
    torch.set_default_dtype(torch.float64)
    Draws._tensor, Tensor.float = double, Tensor.double  # type: ignore[method-assign]  # heads and losses ask for float()
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)
        Draws._tensor, Tensor.float = tensor, single  # type: ignore[method-assign]


SPLIT: dict[str, dict[str, Any]] = {  # besides the catalogue: what ranks and micro-batches may do to each other
    "lazy penalties": {
        "of": "rgan",
        "game.penalties": [
            {"kind": "Every", "interval": 2, "each": "R1"},
            {"kind": "Every", "interval": 3, "each": "R2"},
        ],
    },
    "two micro-batches on each": {"of": "rgan", "micro_batches": 2},
    "two micro-batches on each, batch norm": {
        "of": "dcgan",
        "micro_batches": 2,
        "game.n_critic": 2,
        "batch_samples": 64,
        "samples": 400,
    },
    "two micro-batches on each, dropout": {"of": "digits", "micro_batches": 2},
    "a game with a state": {"of": "ring", "game.kind": "Tallied"},
    "adaptive augmentation, averages of logits": {
        "of": "dcgan",
        "game.adaptive": {"kind": "Adaptive", "interval": 2, "samples": 40, "start": 0.5, "target": 0.0},
        "game.views": ["Blit", "Warp", "ColourMap", "BandGains", "VariedNoise", "Cutout"],
        "game.penalties": ["LeCam"],
    },
    "fakes shown as reals": {
        "of": "ring",
        "game": {"kind": "PseudoReals", "adaptive": {"kind": "Adaptive", "interval": 1, "samples": 40, "start": 0.5}},
    },
}


def split_recipes(names: tuple[str, ...]) -> dict[str, Recipe]:
    """Every recipe of the catalogue at its tiny size, and the cases above; call within `our_parts`."""
    found: dict[str, Recipe] = {}
    for name in (*names, *SPLIT):
        changes = dict(SPLIT.get(name, {}))
        base = changes.pop("of", name)
        recipe = override(by_name(base), {**tiny_overrides(base), "precision": "fp32", "threads": 1, **changes})
        found[name] = replace(recipe, source=Blobs()) if isinstance(recipe.source, Mnist) else recipe
    return found


def rounds_of(name: str) -> int:
    """How many rounds of a case are compared: the second steps from what the first has left in weights, averages and
    optimisers; the cases of our own have penalties of every third round besides.
    """
    return 3 if name in SPLIT else 2


def played(recipe: Recipe, world: ProcessGroup, rounds: int) -> tuple[dict[str, Tensor], dict[str, float]]:
    """All tensors and all reported terms after a few rounds, and the gradient of the first step of each turn; a run in
    phases plays as many in each.
    """
    trainer = live_trainer(prepare(recipe), torch.device("cpu"), world)
    widen(trainer)
    stats: dict[str, float] = {}
    steps = {name: noting_gradients(name, player) for name, player in trainer.players.items()}
    for phase in trainer.phases:
        trainer.samples_seen = sum(earlier.samples for earlier in trainer.phases[: trainer.phases.index(phase)])
        for number in range(rounds):
            trainer.round()
            stats.update({f"{number} {name}": float(value) for name, value in trainer.stats.items()})
    kept = state_tensors(trainer)
    ended = {f"{file}: {name}": value.detach().clone() for file, part in kept.items() for name, value in part.items()}
    return ended | {name: value for step in steps.values() for name, value in step.items()}, stats


def widen(trainer: Trainer) -> None:
    """Its batches in the precision of its networks."""
    batches, wide = trainer.batches, torch.get_default_dtype()
    trainer.batches = lambda *place: batches(*place).each(
        lambda value: value.to(wide) if value.is_floating_point() else value
    )


def noting_gradients(name: str, player: LivePlayer) -> dict[str, Tensor]:
    """What a player is about to step along, all parameters in one, at its first step: before any step could make a
    small difference larger.
    """
    found: dict[str, Tensor] = {}
    step = player.step

    def noted(*arguments: Any, **words: Any) -> None:
        found.setdefault(f"gradient: {name}", torch.cat([gradient.reshape(-1) for gradient in player.gradients()]))
        step(*arguments, **words)

    player.step = noted  # type: ignore[method-assign]
    return found


def rank_child(rank: int, store: str, out: str, names: tuple[str, ...]) -> None:
    """One of two processes that play all cases together."""
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    torch.set_num_threads(1)
    with told(Path(f"{out}/{rank}.error")), our_parts():
        dist.init_process_group(
            "gloo", init_method=f"file://{store}", rank=rank, world_size=2, timeout=timedelta(seconds=60)
        )
        for place, (name, recipe) in enumerate(split_recipes(names).items()):
            with in_float64():
                kept, stats = played(recipe, ProcessGroup(rank, 2), rounds_of(name))
            if name in SPLIT:
                single, _ = played(recipe, ProcessGroup(rank, 2), 1)  # the first step's gradients
                kept |= {f"single {key}": value for key, value in single.items() if key.startswith("gradient: ")}
            save_file({key: value.contiguous() for key, value in kept.items()}, f"{out}/{rank}-{place}.safetensors")
            Path(f"{out}/{rank}-{place}.json").write_text(json.dumps(stats))
        dist.destroy_process_group()


def torchrun_child(text: str | None, path: str, rank: int, port: int, written: str) -> None:
    """What torchrun starts, noting every file that is opened for writing, made, moved or removed."""
    os.environ.update(
        RANK=str(rank),
        LOCAL_RANK=str(rank),
        WORLD_SIZE="2",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
        GLOO_SOCKET_IFNAME="lo",
    )
    torch.set_num_threads(1)
    touched: list[str] = []

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        writes = (
            event == "open"
            and isinstance(arguments[2], int)
            and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND)
        )
        if writes or event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"):
            touched.append(str(arguments[0]))

    with told(Path(f"{written}.error")), our_parts():
        sys.addaudithook(note)
        run = ganvas.resume(path) if text is None else ganvas.train(from_yaml(text), out=path)
        within = [name for name in touched if Path(name).is_relative_to(run.path)]
        Path(written).write_text(json.dumps(within))
