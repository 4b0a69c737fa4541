"""The explorer's process: `python -m ganvas.applications.explore RUN AT`; JSON lines in and out, as of play.py."""

import queue
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ..base import trees
from ..base.errors import GanvasError, UsageError
from .explorer import Explorer, place_from
from .play import read_lines, write_line


def answered(explorer: Explorer, command: Mapping[str, Any]) -> dict[str, Any]:
    """The message that answers a command. Raises UsageError: there is no such command."""
    kind, number = command.get("do"), command.get("number", 0)
    place = place_from(command.get("place") or {})
    if kind == "picture":
        found = explorer.picture(place)
    elif kind == "walk":
        found = explorer.walk(place, place_from(command.get("end") or {}))
    elif kind == "reals":
        found = explorer.reals()
    elif kind == "neighbours":
        found = explorer.neighbours(place)
    elif kind == "change":
        found = explorer.change(place)
    else:
        raise UsageError("there is no such command")
    return {"kind": kind, "number": number, **found}


def newest(lines: list[str]) -> list[dict[str, Any]]:
    """The last command of each kind: while one picture was made, a hand may have moved on."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        try:
            command = trees.from_json(line)
        except ValueError:
            continue
        if isinstance(command, dict) and isinstance(command.get("do"), str):
            found.pop(command["do"], None)
            found[command["do"]] = command
    return list(found.values())


def main(run: str, at: str) -> None:
    """Answer until stdin ends."""
    torch.set_num_threads(1)
    commands: queue.Queue[str] = queue.Queue()
    threading.Thread(target=read_lines, args=(sys.stdin, commands), daemon=True).start()
    try:
        explorer = Explorer(Path(run), at)
        write_line({"kind": "model", **explorer.about()})
    except GanvasError as error:
        write_line({"kind": "error", "text": str(error)})
        return
    while True:
        lines = [commands.get()]
        while not commands.empty():
            lines.append(commands.get())
        for command in newest(lines):
            if command["do"] == "end":
                return
            if command["do"] == "pause":  # it does nothing by itself
                continue
            try:
                write_line(answered(explorer, command))
            except (GanvasError, RuntimeError) as error:
                write_line({"kind": "error", "text": str(error)})


if __name__ == "__main__":
    main(*sys.argv[1:])
