"""Processes that train together, and what they do in the tests of that; each has torch imported already."""

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, ClassVar

import torch

import ganvas
from ganvas.base.errors import PeerLost
from ganvas.base.types import Batch, Spec
from ganvas.cli import main as command
from ganvas.metrics.contract import Result
from ganvas.recipes import from_yaml, live_trainer, override, prepare, to_yaml
from ganvas.recipes import recipe as by_name
from ganvas.recipes.discover import parts
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Saved, read_events
from ganvas.training import ProcessGroup, Trainer, autotune
from processes import PATIENCE, ended, our_parts, start, told

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Slow:
    """A score that takes long."""

    n: int = 8
    seconds: float = 0.0
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None: ...

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        time.sleep(self.seconds)
        return (Result("slow", float(fake.x.double().sum()), len(fake.x)),)


def ring(**changes: Any) -> str:
    """The ring at its tiny size, as YAML."""
    base = by_name("ring")
    return to_yaml(override(base, {**tiny_overrides("ring"), "threads": 1, "snapshots": 0, "scores": [], **changes}))


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


class Group:
    """`size` processes that do the same; what each returned is in `said()`."""

    def __init__(
        self,
        size: int,
        scene: Callable[..., Any],
        *arguments: Any,
        notes: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.notes = [notes.with_name(f"{notes.name}.{rank}") for rank in range(size)]
        port = free_port()
        self.children: list[BaseProcess] = [
            start(one, scene, arguments, rank, size, port, str(note), dict(environment or {}))
            for rank, note in enumerate(self.notes)
        ]

    def codes(self) -> list[int | None]:
        """Wait for all ends."""
        for child in self.children:
            child.join(PATIENCE)
        return [child.exitcode for child in self.children]

    def said(self) -> list[Any]:
        """What the processes returned, all having ended well."""
        codes = self.codes()
        assert not any(codes), [ended(child, note) for child, note in zip(self.children, self.notes, strict=True)]
        return [json.loads(note.read_text()) for note in self.notes]

    def error(self, rank: int) -> str:
        """The traceback of one that did not."""
        return Path(f"{self.notes[rank]}.error").read_text()


def one(
    scene: Callable[..., Any],
    arguments: tuple[Any, ...],
    rank: int,
    size: int,
    port: int,
    note: str,
    environment: Mapping[str, str],
) -> None:
    """One process of a group, as torchrun would start it."""
    os.environ.update(
        RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(size), LOCAL_WORLD_SIZE=str(size), GLOO_SOCKET_IFNAME="lo"
    )
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), **environment)
    torch.set_num_threads(1)
    with told(Path(f"{note}.error")), our_parts():
        parts()["Slow"] = Slow
        Path(note).write_text(json.dumps(scene(*arguments)))


def trains(text: str | None, path: str) -> None:
    """To the end."""
    if text is None:
        ganvas.resume(path)
    else:
        ganvas.train(from_yaml(text), out=path)


def trains_somewhere(text: str) -> str:
    """Where nobody said where."""
    return str(ganvas.train(from_yaml(text)).path)


def deals(text: str) -> list[list[int]]:
    """The samples that each micro-batch of this process saw."""
    seen: list[list[int]] = []
    rows = Batch.rows

    def noted(self: Batch, rows_: range) -> Batch:
        part = rows(self, rows_)
        assert part.index is not None
        seen.append(part.index.tolist())
        return part

    Batch.rows = noted  # type: ignore[method-assign, assignment]
    world = ProcessGroup.from_environment(CPU)
    trainer = live_trainer(prepare(from_yaml(text)), CPU, world)
    for _ in range(20):
        trainer.round()
    world.close()
    return seen


def pokes(text: str, path: str, tensor: str) -> None:
    """One bit of one weight changes in process 1, and nobody says so; with a ! behind its name it becomes no number."""
    play = Trainer.round

    def poked(trainer: Trainer) -> None:
        play(trainer)
        if trainer.world.rank == 1 and trainer.samples_seen == (232 if tensor.endswith("!") else 400):
            player, _, name = tensor.removesuffix("!").partition(".")
            value = trainer.players[player].weights()[name].view(-1)
            if tensor.endswith("!"):
                value[0] = float("nan")
            else:
                value.view(torch.int32)[0] ^= 1

    Trainer.round = poked  # type: ignore[method-assign, assignment]
    trains(text, path)


def measures(text: str, path: str) -> None:
    """For some minutes, at a speed that is measured in a hurry."""
    autotune.SECONDS = 0.05
    ganvas.train(from_yaml(text), out=path, minutes=0.02)


def fails_alone() -> str:
    """Rank 0's work fails; the other hears of it at once."""
    world = ProcessGroup.from_environment(CPU)

    def work() -> None:
        raise ValueError

    try:
        world.on_rank_0(work)
    except ValueError:
        time.sleep(2)  # the other must not need our end to know
        return "failed"
    except PeerLost as error:
        return str(error)
    return "nothing happened"


def commanded(words: list[str], folder: str) -> None:
    """The command line in a process of its own; its words in out.txt and err.txt."""
    os.chdir(folder)
    sys.argv = ["ganvas", *words]
    with open("out.txt", "w") as out, open("err.txt", "w") as err, redirect_stdout(out), redirect_stderr(err):
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        command.main()


def wait_for(happened: Callable[[], bool], *alive: BaseProcess) -> None:
    """Until it has happened, or a process has ended before."""
    begun = time.monotonic()
    while not happened():
        assert all(child.is_alive() for child in alive), "ended before it happened"
        assert time.monotonic() - begun < PATIENCE, "it never happened"
        time.sleep(0.01)


@lru_cache(maxsize=1)
def saves_in(events: Path, size: int) -> int:
    """How many checkpoints a log of this size tells of; a log that has not grown is not read again."""
    return sum(isinstance(event, Saved) for event in read_events(events))


def saves(path: Path) -> int:
    """How many checkpoints the run has had."""
    events = path / "events.jsonl"
    return saves_in(events, events.stat().st_size) if events.exists() else 0


def children_of(pid: int) -> list[int]:
    """The processes that a process has started, in the order of their ranks."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                ranks = [
                    entry for entry in (stat.parent / "environ").read_bytes().split(b"\0") if entry.startswith(b"RANK=")
                ]
                found += [(int(entry[5:]), int(stat.parent.name)) for entry in ranks]
        except OSError:  # it has ended meanwhile
            continue
    return [pid for _, pid in sorted(found)]
