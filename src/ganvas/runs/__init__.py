"""The run directory. Nothing here needs torch."""

from .directory import MARKER, Run, fresh_path, unwritable
from .events import Event, Healed, Progress, Saved, SaveFailed, Scored, Snapshot, Started, Stopped, line, read
from .marks import facts, save_picture
from .text import describe, left, terms_text
from .verify import read_mark

__all__ = [
    "MARKER",
    "Event",
    "Healed",
    "Progress",
    "Run",
    "SaveFailed",
    "Saved",
    "Scored",
    "Snapshot",
    "Started",
    "Stopped",
    "describe",
    "facts",
    "fresh_path",
    "left",
    "line",
    "read",
    "read_mark",
    "save_picture",
    "terms_text",
    "unwritable",
]
