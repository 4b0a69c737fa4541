"""The sandbox's process: commands as JSON lines on stdin, frames as JSON lines on stdout. `python -m` runs it.

A command is an object with `do`, one of the methods of Sandbox whose names end in _command, and its arguments.
"""

import json
import queue
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, TextIO

import torch

from .sandbox import Sandbox
from .sandbox_gallery import contents

FRAME_SECONDS = 1 / 25  # between two frames, at least


def read_lines(stream: TextIO, into: "queue.Queue[str]") -> None:
    """Every line of a stream, then a last command to end."""
    for line in stream:
        into.put(line)
    into.put('{"do": "end"}')


def write_line(message: Mapping[str, Any]) -> None:
    """One message as a line on stdout."""
    sys.stdout.write(json.dumps(message, allow_nan=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Obey until stdin ends."""
    torch.set_num_threads(1)
    commands: queue.Queue[str] = queue.Queue()
    threading.Thread(target=read_lines, args=(sys.stdin, commands), daemon=True).start()
    sandbox = Sandbox(write_line)
    write_line({"kind": "ready", **contents()})
    while True:
        begun = time.monotonic()
        while not sandbox.is_playing or not commands.empty():
            if sandbox.obey(commands.get()):
                return
        sandbox.advance()
        time.sleep(max(0.0, FRAME_SECONDS - (time.monotonic() - begun)))


if __name__ == "__main__":
    main()
