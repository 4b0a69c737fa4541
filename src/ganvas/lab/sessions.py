"""Processes that train a game or explore a model: the lab hands commands over and stores what comes back."""

import asyncio
import json
import secrets
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..base import trees

PYTHON = (sys.executable, "-P", "-m")
SANDBOX = (*PYTHON, "ganvas.applications.play")
EXPLORER = (*PYTHON, "ganvas.applications.explore")
FRAMES = 400  # that are kept of a session; past them every second one is forgotten
FRAME_KINDS = ("frame", "setup")  # a frame belongs to the set-up before it
LINE_BYTES = 1 << 22  # of a message of the process
QUIET_SECONDS = 15.0
POLL_SECONDS = 0.02
LEFT_SECONDS = 5.0  # after the last page has left


class Session:
    """A process, and what it has sent: of a game all frames up to now with their set-ups, of other kinds the last one.

    Args:
        command: starts the process, which reads commands from stdin and writes messages to stdout, a line each.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.id = secrets.token_hex(8)
        self.process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.lock = threading.Lock()
        self.readers = 0  # pages that get the messages
        self.number = 0  # of the last message
        self.messages: list[tuple[int, str, int, str]] = []  # number, kind, samples, text
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        """Store every message until the process ends."""
        while self.process.stdout and (line := self.process.stdout.readline(LINE_BYTES)):
            with suppress(ValueError):
                self.store(json.loads(line), line.strip())
        ended = {"kind": "ended"}
        self.store(ended, json.dumps(ended))

    def store(self, message: Mapping[str, Any], text: str) -> None:
        """Add a message; a set-up that begins forgets all frames before it, and a step back those that came later."""
        kind = str(message.get("kind"))
        samples = message["sides"][0]["samples"] if kind == "frame" else message.get("samples", 0)
        with self.lock:
            self.number += 1
            if kind not in FRAME_KINDS:
                self.messages = [each for each in self.messages if each[1] != kind]
            if kind == "setup" and message.get("begun"):
                self.messages = [each for each in self.messages if each[1] == "ready"]
            if kind == "setup" and "single" not in message and self.messages and self.messages[-1][1] == "setup":
                self.messages.pop()  # no frame was of it
            if kind == "back":
                self.messages = [each for each in self.messages if each[1] != "frame" or each[2] <= samples]
            self.messages.append((self.number, kind, samples, text))
            frames = [each for each in self.messages if each[1] == "frame"]
            if len(frames) > FRAMES:
                dropped = {each[0] for each in frames[1:-1:2]}
                self.messages = [each for each in self.messages if each[0] not in dropped]

    def since(self, number: int) -> list[tuple[int, str, int, str]]:
        """The messages that are kept and came after this number."""
        with self.lock:
            return [each for each in self.messages if each[0] > number]

    def send(self, command: Mapping[str, Any]) -> None:
        """Hand a command over. Raises OSError: the process has ended."""
        if self.process.stdin is None or self.process.stdin.closed:
            raise BrokenPipeError("the session has ended")
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not written yet has no reader
                    pipe.close()


async def messages_after(session: Session, number: int) -> AsyncIterator[str]:
    """Server-sent events without end, whose ids are the messages' numbers: a reader that comes back loses nothing."""
    waited = 0.0
    session.readers += 1
    try:
        while True:
            found = session.since(number)
            for each in found:
                yield f"id: {each[0]}\ndata: {each[3]}\n\n"
                number = each[0]
            waited = 0.0 if found else waited + POLL_SECONDS
            if waited >= QUIET_SECONDS:
                yield ": waiting\n\n"
                waited = 0.0
            await asyncio.sleep(POLL_SECONDS)
    finally:
        session.readers -= 1
        asyncio.get_running_loop().call_later(LEFT_SECONDS, rest, session)


def rest(session: Session) -> None:
    """Pause a session that no page reads: nobody sees what it trains."""
    if session.readers == 0:
        with suppress(OSError, ValueError):
            session.send({"do": "pause"})


def parsed_command(body: bytes) -> dict[str, Any] | None:
    """The command of a request's body; None for anything but an object with `do`."""
    try:
        command = trees.from_json(body)
    except ValueError:
        return None
    return command if isinstance(command, dict) and isinstance(command.get("do"), str) else None
