"""Obeys commands that come for a run while it trains: pause, resume, stop, and what can be done at once."""

import time
from collections.abc import Callable, Iterable, Mapping

from ..runs import Commanded, Run
from ..runs.control import take_commands
from .trainer import Request, Save, Stop, Trainer

SECONDS = 0.5  # between two looks at the folder
WAITING = 0.2  # the same in a pause


class RunControl:
    """A callback of the trainer in a run of one process.

    Args:
        run: the run directory.
        actions: what "snapshot" and "score" do, where the run has such.
        interrupted: the name of a signal that came, or an empty string: it ends a pause.
    """

    def __init__(
        self, run: Run, actions: Mapping[str, Callable[[Trainer], Iterable[Request]]], interrupted: Callable[[], str]
    ) -> None:
        self.run, self.actions, self.interrupted = run, actions, interrupted
        self.last = time.monotonic()
        self.waiting: list[str] = []  # commands that came and are not carried out yet

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        if time.monotonic() - self.last < SECONDS:
            return ()
        requests: list[Request] = []
        self.take(trainer)
        while self.waiting:
            requests += self.obey(self.waiting.pop(0), trainer)
        self.last = time.monotonic()
        return requests

    def take(self, trainer: Trainer) -> None:
        """Add the commands that came to those that wait, and record them in the run."""
        commands = take_commands(self.run)
        for command in commands:
            self.run.add(Commanded(samples=trainer.samples_seen, time=time.time(), command=command))
        self.waiting += commands

    def obey(self, command: str, trainer: Trainer) -> list[Request]:
        """Carry out one command; returns what it requests of the trainer."""
        if command == "pause":
            return self.wait(trainer)
        if command == "stop":  # as Ctrl-C does: with a checkpoint, to be resumed
            return [Save(), Stop("SIGINT")]
        if command == "save":
            return [Save()]
        action = self.actions.get(command)
        return [*action(trainer)] if action else []

    def wait(self, trainer: Trainer) -> list[Request]:
        """Wait for "resume", "stop" or a signal; other commands are obeyed meanwhile."""
        requests: list[Request] = []
        while not self.interrupted():
            self.take(trainer)
            while self.waiting:
                command = self.waiting.pop(0)
                if command == "resume":
                    return requests
                if command != "pause":
                    requests += self.obey(command, trainer)
            if any(isinstance(request, Stop) for request in requests):
                break
            time.sleep(WAITING)
        return requests
